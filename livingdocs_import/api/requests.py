"""Requests that tolerate malformed headers, and whose bodies are read on demand."""

from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import LimitedStream, WSGIRequest
from rest_framework.request import Request


class LenientRequest(WSGIRequest):
    """Django's request; unreadable parameters of a Content-Type are dropped, as nothing here needs them.

    Django would fail before any middleware, and so outside of the envelope: `application/json; charset*=x''y`. It would
    also take a chunked body for an empty one.
    """

    def __init__(self, environ: dict[str, Any]) -> None:
        try:
            super().__init__(environ)
        except ValueError:
            super().__init__(environ | {"CONTENT_TYPE": environ.get("CONTENT_TYPE", "").partition(";")[0]})
        if self.has_unknown_length:
            # one byte more than allowed reveals a longer body
            self._stream = LimitedStream(environ["wsgi.input"], settings.API_MAX_BODY_BYTES + 1)  # type: ignore[assignment]

    @property
    def has_unknown_length(self) -> bool:
        """Whether there is a body of unknown length."""
        return not self.META.get("CONTENT_LENGTH") and "chunked" in self.META.get("HTTP_TRANSFER_ENCODING", "").lower()


class APIRequest(Request):
    """DRF's request; it also reads bodies without an announced length."""

    _stream: Any  # `Empty`, None or the request below

    def _load_stream(self) -> None:
        super()._load_stream()  # type: ignore[misc]
        if self._stream is None and getattr(self._request, "has_unknown_length", False):
            self._stream = self._request
