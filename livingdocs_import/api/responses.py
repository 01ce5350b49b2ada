"""Responses with data: of actions, and of middleware and errors, which have no ViewSet."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from rest_framework.renderers import BaseRenderer

from livingdocs_import.api.renderers import CompactJSONRenderer

_RENDERER = CompactJSONRenderer()
_JSON = f"{_RENDERER.media_type}; charset={_RENDERER.charset}"


class Response(HttpResponse):
    """The response of an action. It is used like DRF's own, and the ViewSet's renderer makes its body.

    DRF's is also a template response: it costs 12 microseconds, this one 5. And it keeps its data, in a cycle with view
    and request, until garbage collection: a list of 25 entries costs 12 % more CPU with it.
    """

    def __init__(self, data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status=status, headers=headers, content_type=_JSON)
        self.data = data

    def render_with(self, renderer: BaseRenderer, media_type: str, context: Mapping[str, Any]) -> None:
        """Render the data, and drop the reference to it."""
        charset = f"; charset={renderer.charset}" if renderer.charset else ""
        self["Content-Type"] = f"{renderer.media_type}{charset}"
        self.content = renderer.render(self.data, media_type, context)
        self.data = None


class JSONResponse(HttpResponse):
    """A value as compact JSON."""

    def __init__(self, value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(_RENDERER.render(value), status=status, headers=headers, content_type=_JSON)


class NoContent(HttpResponse):
    """Success without a body."""

    def __init__(self) -> None:
        super().__init__(status=204)
        del self["Content-Type"]
