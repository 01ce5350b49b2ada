"""Django's layers for people with a browser: sessions, users, messages. Requests of programs pass them by.

An API request has a token and no cookie; what these layers do for it costs as much as finding its token.
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
    """Before a layer: lets pass what is not about a page of the admin."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(settings.ADMIN_PATH):
            answer: HttpResponseBase = super().__call__(request)  # type: ignore[misc]
            return answer
        passed: HttpResponseBase = self.get_response(request)
        return passed


class Sessions(_OnlyForPages, SessionMiddleware):
    """Who was here before, by cookie."""


class Users(_OnlyForPages, AuthenticationMiddleware):
    """Who has logged in."""


class Messages(_OnlyForPages, MessageMiddleware):
    """What is to be said on the next page."""


class LoginLimits(_OnlyForPages, AxesMiddleware):  # type: ignore[misc]
    """Pages instead of a log-in: after too many wrong passwords, and when too many log in at once."""

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return not_now(request, 503, BUSY_SECONDS) if isinstance(error, Busy) else None
