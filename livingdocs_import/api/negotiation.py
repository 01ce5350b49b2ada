"""DRF's hook for media types: there is only JSON, in and out."""

from typing import Any

from rest_framework.negotiation import BaseContentNegotiation

from livingdocs_import import errors

UNDECLARED = {"application/octet-stream", "application/x-www-form-urlencoded"}  # what HTTP clients say unasked


class AlwaysJSON(BaseContentNegotiation):
    """The API speaks JSON whatever the Accept header says: official clients send all sorts of it."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        """None, and so a 415, for a body that is said to be something else. UnsupportedEncoding if it is compressed."""
        encoding = request.META.get("HTTP_CONTENT_ENCODING", "").strip()
        if encoding.lower() not in ("", "identity"):
            raise errors.UnsupportedEncoding(encoding)
        kind = request.content_type.partition(";")[0].strip().lower()
        taken = not request.content_type or kind in UNDECLARED or kind.endswith(("/json", "+json"))
        return parsers[0] if taken else None

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        """The one that there is."""
        return renderers[0], renderers[0].media_type
