"""Django's middleware for the admin only: sessions, users, messages, log-in limits.

An API request has a token and no cookie; this middleware would cost it as much as looking up the token.
"""

from typing import Any

from axes.middleware import AxesMiddleware
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from livingdocs_import.errors import Busy
from livingdocs_import.security.login_limits import BUSY_SECONDS, not_now


class _OnlyForPages:
    """Skips the middleware it is mixed into for all paths outside the admin."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(settings.ADMIN_PATH):
            answer: HttpResponseBase = super().__call__(request)  # type: ignore[misc]
            return answer
        passed: HttpResponseBase = self.get_response(request)
        return passed


class Sessions(_OnlyForPages, SessionMiddleware):
    """Session of the cookie."""


class Users(_OnlyForPages, AuthenticationMiddleware):
    """The user who is logged in."""


class Messages(_OnlyForPages, MessageMiddleware):
    """Messages for the next page."""


class LoginLimits(_OnlyForPages, AxesMiddleware):  # type: ignore[misc]
    """Refuses a log-in after too many wrong passwords, and while too many passwords are being checked."""

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return not_now(request, 503, BUSY_SECONDS) if isinstance(error, Busy) else None
