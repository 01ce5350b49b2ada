"""In front of Django: no body without a length, none over the limit."""

import io
import tempfile
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson
from django.conf import settings

from livingdocs_import import errors
from livingdocs_import.api.envelope import envelope

StartResponse = Callable[..., Any]
Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


def bounded_bodies(application: Application) -> Application:
    """Wrap a WSGI application: a chunked body gets a length (Django would drop it silently), an endless one is refused.

    The parser refuses bodies whose announced length is too large, after the token was checked.
    """

    def bounded(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        raw_length = environ.get("CONTENT_LENGTH") or ""
        if raw_length and not (raw_length.isascii() and raw_length.isdigit()):
            return refuse(start_response, 400, {"message": f"Content-Length: {raw_length!r} is not a number"})
        if not raw_length and "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
            kept: io.BufferedIOBase = tempfile.SpooledTemporaryFile(max_size=1 << 20)  # type: ignore[assignment]  # noqa: SIM115 the application reads it
            length = 0
            try:
                while piece := environ["wsgi.input"].read(1 << 16):
                    length += len(piece)
                    if length > settings.API_MAX_BODY_BYTES:
                        return refuse(start_response, 413, errors.TooLarge(settings.API_MAX_BODY_BYTES).details)
                    kept.write(piece)
            except OSError:  # as WSGI servers say that no more will come
                return refuse(
                    start_response, 400, {"message": "The request body was cut short: its last chunk never came"}
                )
            kept.seek(0)
            environ["wsgi.input"], environ["CONTENT_LENGTH"] = kept, str(length)
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
