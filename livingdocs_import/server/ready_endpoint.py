"""GET /ready: whether this process can serve now, for load balancers, deploys and monitoring."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import autodiscover_modules

from livingdocs_import import VERSION
from livingdocs_import.api.error_responses import error_response
from livingdocs_import.api.responses import JSONResponse
from livingdocs_import.server.readiness import USABLE, readiness

PATH = "/ready"


class ReadyMiddleware:
    """Answers `/ready` before all other middleware: load balancers call by address, without a token and without TLS.

    The Host header is not compared with ALLOWED_HOSTS, for no response contains it, and nothing is redirected to HTTPS.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        autodiscover_modules("probes")  # each app's: the web server is what is asked
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return ready(request) if request.path == PATH else self.get_response(request)


def ready(request: HttpRequest) -> HttpResponse:
    """`{"ready": true, "version": "0.1.0", "checks": {"database": "ok", …}}`; 503 and false when a check failed."""
    if request.method not in ("GET", "HEAD"):
        return error_response(405, {"message": f'Method "{request.method}" not allowed.'}, {"Allow": "GET, HEAD"})
    checks = readiness.outcomes()
    usable = all(outcome in USABLE for outcome in checks.values())
    body = {"ready": usable, "version": VERSION, "checks": checks}
    return JSONResponse(body, status=200 if usable else 503, headers={"Cache-Control": "no-store"})
