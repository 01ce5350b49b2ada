"""GET /api/: every call of every version, with its fields and errors, to be tried against this service."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from livingdocs_import.api.versions import NAMES
from livingdocs_import.pages.rendering import page

# Swagger UI sets style attributes and has icons as data: URLs. Its scripts are files, so scripts stay strict.
CONTENT_SECURITY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


@require_safe
def api_page(request: HttpRequest) -> HttpResponse:
    """Swagger UI over `/api/{version}/openapi.json`, the newest version first."""
    return page("pages/api_page.html", {"versions": NAMES[::-1]}, content_security=CONTENT_SECURITY)
