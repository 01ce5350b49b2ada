"""Errors outside the API and the admin, as a page for browsers and as the envelope for programs."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from livingdocs_import.pages.rendering import page, wants_page

API_PATH = "/api/"  # always responds with JSON
EXPLANATIONS = {
    403: "You may not see this page.",
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
        if response.status_code < 400 or request.path.startswith((API_PATH, settings.ADMIN_PATH)):
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
