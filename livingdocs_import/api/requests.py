"""Requests whose odd headers do not stop us from answering."""

from typing import Any

from django.core.handlers.wsgi import WSGIRequest


class LenientRequest(WSGIRequest):
    """Django's request; a Content-Type whose parameters cannot be decoded loses them, for nobody needs them here.

    Django would fail before any middleware, and so outside of the envelope: `application/json; charset*=x''y`.
    """

    def __init__(self, environ: dict[str, Any]) -> None:
        try:
            super().__init__(environ)
        except ValueError:
            super().__init__(environ | {"CONTENT_TYPE": environ.get("CONTENT_TYPE", "").partition(";")[0]})
