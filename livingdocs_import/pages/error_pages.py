"""Errors outside the API, as a page for browsers and as the envelope for programs."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from livingdocs_import.api.error_responses import error_response
from livingdocs_import.pages.rendering import page, wants_page

API_PATH = "/api/"  # always responds with JSON
EXPLANATIONS = {
    403: "You may not see this page. If you have sent a form: load its page again, and send it once more.",
    404: "There is no page at this address.",
    500: "The service has failed to answer. The error has been logged; an operator finds it there.",
    503: "The service cannot answer at the moment. Try again in a minute.",
}
# Headers that describe the replaced body.
_OF_THE_BODY = {"content-type", "content-length", "content-encoding", "content-security-policy", "etag"}


class ErrorPages:
    """Replaces the body of an error for a browser; its status and its other headers stay."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code < 400 or request.path.startswith(API_PATH) or _is_page(response):
            return response
        if wants_page(request):
            return error_page(response)
        patch_vary_headers(response, ["Accept"])
        return response


def error_page(response: HttpResponse) -> HttpResponse:
    """The page for an error."""
    status = response.status_code
    context = {"status": status, "phrase": HTTPStatus(status).phrase, "explanation": EXPLANATIONS.get(status, "")}
    shown = page("pages/error.html", context, status=status)
    for name, value in response.items():
        if name.lower() not in _OF_THE_BODY:
            shown.headers.setdefault(name, value)
    return shown


def _is_page(response: HttpResponse) -> bool:
    """Whether it is a page already: the admin explains some errors itself."""
    return response.get("Content-Type", "").startswith("text/html")


# --- Django's own errors: in the admin, and what else no view has answered -------------------------------------------


def forbidden(request: HttpRequest, exception: Exception | None = None, reason: str = "") -> HttpResponse:
    """A permission is missing, or a form has no valid token against forgery."""
    return error_response(403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """There is no such page, or no such object."""
    return error_response(404, {"url": request.get_full_path()})


def failed(request: HttpRequest) -> HttpResponse:
    """An error of ours, which Django has logged."""
    return error_response(500)
