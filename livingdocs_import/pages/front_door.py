"""GET /: the service's name, state and links; no information about projects."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from livingdocs_import.api.versions import NAMES
from livingdocs_import.pages.rendering import page
from livingdocs_import.server.readiness import NOT_USED, USABLE, readiness


@require_safe
def front_door(request: HttpRequest) -> HttpResponse:
    """The page, with the outcomes of `/ready`."""
    outcomes = readiness.outcomes()
    checks = [(name, outcome, outcome in USABLE) for name, outcome in outcomes.items() if outcome != NOT_USED]
    return page(
        "pages/front_door.html",
        {
            "ready": all(usable for *_, usable in checks),
            "checks": checks,
            "newest": NAMES[-1],
            "address": request.build_absolute_uri("/api/v1/mediaLibrary?ids=1"),
        },
    )
