"""Limits of request bodies: malformed lengths are refused, and so are long forms of anonymous users."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from livingdocs_import import errors
from livingdocs_import.api.error_responses import envelope, error_response
from livingdocs_import.api.requests import LenientRequest

STRANGERS_BODY = 1 << 16  # bytes; a log-in form has a few hundred

StartResponse = Callable[..., Any]
Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


def bounded_bodies(application: Application) -> Application:
    """Wrap a WSGI application: refuse a Content-Length that is not a number, which Django would ignore.

    The parser refuses bodies that are too long, after the token was checked.
    """

    def bounded(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        raw_length = environ.get("CONTENT_LENGTH") or ""
        if raw_length and not (raw_length.isascii() and raw_length.isdigit()):
            return refuse(start_response, 400, {"message": f"Content-Length: {raw_length!r} is not a number"})
        return application(environ, start_response)

    return bounded


def refuse(start_response: StartResponse, status: int, details: Mapping[str, Any]) -> Iterable[bytes]:
    """Answer below Django, in the same envelope, and close: the rest of the body stays unread."""
    body = orjson.dumps(envelope(status, details))
    phrase = envelope(status)["error"]
    headers = [
        ("Content-Type", "application/json; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Connection", "close"),
    ]
    start_response(f"{status} {phrase}", headers)
    return [body]


class AnonymousBodies:
    """Refuse long forms of the admin before they are read, unless the user is logged in.

    The API does not need this: it reads a body only after checking the token.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Return 413 for a long form of an anonymous user."""
        if not request.path_info.startswith(settings.ADMIN_PATH) or not _is_long(request):
            return None
        return (
            None
            if request.user.is_authenticated
            else error_response(413, errors.PayloadTooLarge(STRANGERS_BODY).details)
        )


def _is_long(request: HttpRequest) -> bool:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) > STRANGERS_BODY or (isinstance(request, LenientRequest) and request.has_unknown_length)
