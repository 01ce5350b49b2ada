"""DRF's hook for media types: there is only JSON, in and out."""

from collections.abc import Mapping
from typing import Any

from rest_framework.negotiation import BaseContentNegotiation

from livingdocs_import import errors

UNDECLARED = {"application/octet-stream", "application/x-www-form-urlencoded"}  # defaults of HTTP clients
GZIP = {"gzip", "x-gzip"}
ENCODINGS = {"", "identity"} | GZIP
ACCEPTED = "gzip, identity"  # the same, as a header


class AlwaysJSON(BaseContentNegotiation):
    """The API speaks JSON whatever the Accept header says: official clients send various values."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        """None, and so a 415, for a body declared as another type. Raises UnsupportedEncoding likewise."""
        if content_encoding(request.META) not in ENCODINGS:
            raise errors.UnsupportedEncoding(request.META["HTTP_CONTENT_ENCODING"].strip())
        kind = media_type(request.content_type)
        taken = not request.content_type or kind in UNDECLARED or kind.endswith(("/json", "+json"))
        return parsers[0] if taken else None

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        """The only renderer."""
        return renderers[0], renderers[0].media_type


def media_type(content_type: str) -> str:
    """The media type of a Content-Type, without its parameters."""
    return content_type.partition(";")[0].strip().lower()


def content_encoding(environ: Mapping[str, Any]) -> str:
    """The content coding of a request's body."""
    return str(environ.get("HTTP_CONTENT_ENCODING", "")).strip().lower()
