"""A strict Content-Security-Policy for the operators' pages: no inline code, no third-party sources."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse


def policy(public_url: str) -> str:
    """What a page of the admin may load; pictures and videos are allowed from the host that serves assets."""
    parts = urlsplit(public_url)
    return "; ".join(
        (
            "default-src 'self'",
            f"img-src 'self' {parts.scheme}://{parts.netloc}",
            f"media-src 'self' {parts.scheme}://{parts.netloc}",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


class AdminContentSecurity:
    """Sets the policy on every page under /admin.

    With DEBUG, Django's own error pages are left alone: their styles and scripts are inline.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        debug_page = settings.DEBUG and response.status_code >= 400
        if request.path.startswith(settings.ADMIN_PATH) and not debug_page:
            response.headers["Content-Security-Policy"] = policy(settings.PUBLIC_URL)
        return response
