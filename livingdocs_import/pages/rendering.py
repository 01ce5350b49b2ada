"""Render a page that needs neither database nor session, under a strict Content-Security-Policy."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from livingdocs_import import VERSION

CONTENT_SECURITY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


def page(
    template: str, context: Mapping[str, Any], *, status: int = 200, content_security: str = CONTENT_SECURITY
) -> HttpResponse:
    """The template as a response. No context processor runs, so that it works without the database."""
    text = render_to_string(template, {"version": VERSION, **context})
    headers = {"Content-Security-Policy": content_security, "Cache-Control": "no-store", "Vary": "Accept"}
    return HttpResponse(text, status=status, headers=headers)


def wants_page(request: HttpRequest) -> bool:
    """Whether the client is a browser: programs accept anything, browsers name HTML."""
    return "text/html" in request.headers.get("Accept", "")
