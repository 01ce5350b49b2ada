"""A view names the scopes it needs; one of them suffices, and none follows from another (AUTH-05, AUTH-17)."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

READ = "public-api:read"
WRITE = "public-api:write"
DRAFTS = "public-api:drafts:read"
CONFIG_READ = "public-api:config:read"
CONFIG_WRITE = "public-api:config:write"
SCOPES = (READ, WRITE, DRAFTS, CONFIG_READ, CONFIG_WRITE)


class RequiresScope(BasePermission):
    """Allows when the token has one of the scopes that the view names for this method."""

    def has_permission(self, request: Request, view: Any) -> bool:
        scopes = view.scopes_for(request.method)
        return not scopes or any(scope in view.token.scopes for scope in scopes)
