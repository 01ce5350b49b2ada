"""DRF's hook for permissions: an action names scopes, one of which suffices; none implies another (AUTH-17)."""

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
    """Allows tokens with one of the scopes that the ViewSet names for the action (AUTH-05)."""

    def has_permission(self, request: Request, view: Any) -> bool:
        scopes = view.scopes[view.action]
        return not scopes or any(scope in view.token.scopes for scope in scopes)
