"""DRF's hook for authentication: bearer token → `request.auth`, an AccessToken and hence a project (spec 2.3)."""

from typing import Any

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from livingdocs_import.api.token_guesses import note_wrong_token
from livingdocs_import.models import AccessToken
from livingdocs_import.security.client_address import client_address

MISSING = "The access token is missing."
INVALID = "The access token is invalid."
EXPIRED = "The access token expired."


class BearerAuthentication(BaseAuthentication):
    """Finds the token by its jti and verifies its digest (AUTH-01 to AUTH-04)."""

    def authenticate(self, request: Request) -> tuple[None, AccessToken]:
        header = request.META.get("HTTP_AUTHORIZATION", "")
        if not header:
            raise AuthenticationFailed(MISSING)
        scheme, _, value = header.partition(" ")
        if scheme.lower() != "bearer":
            raise AuthenticationFailed(INVALID)
        token = AccessToken.authenticate(value.strip())
        if token is None:
            # Only now: a valid token is accepted, even if other clients behind the same address are guessing.
            note_wrong_token(client_address(request.META))
        if token is None or not token.usable:
            raise AuthenticationFailed(INVALID)
        now = timezone.now()
        if token.expired(now):
            raise AuthenticationFailed(EXPIRED)
        token.touch(now)
        return None, token

    def authenticate_header(self, request: Request) -> Any:
        return "Bearer"
