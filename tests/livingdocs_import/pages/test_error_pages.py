"""A browser gets a page for an error, a program the envelope, and the API always the envelope."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from livingdocs_import.api.error_responses import error_response
from livingdocs_import.pages.error_pages import ErrorPages

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def test_a_browser_gets_a_page() -> None:
    response = Client().get("/nothing", headers=BROWSER)
    assert response.status_code == 404
    assert response.headers["Content-Type"].startswith("text/html")
    assert "<h1>Not Found</h1>" in response.content.decode()
    assert response.headers["Vary"] == "Accept"


@pytest.mark.parametrize("accept", ["*/*", "application/json", ""])
def test_a_program_gets_the_envelope(accept: str) -> None:
    response = Client().get("/nothing", headers={"Accept": accept})
    assert (response.status_code, response.json()["error"]) == (404, "Not Found")
    assert "Accept" in response.headers["Vary"]  # or a cache would hand it to a browser


def test_the_api_answers_json_to_a_browser_too() -> None:
    assert Client().get("/api/v1/nothing", headers=BROWSER).json()["status"] == 404


@pytest.mark.parametrize("status", [403, 500, 503])
def test_each_error_is_explained_and_keeps_its_headers(status: int) -> None:
    def broken(_: HttpRequest) -> HttpResponse:
        return error_response(status, {"secret": "detail"}, {"Retry-After": "5"})

    response = ErrorPages(broken)(RequestFactory().get("/", headers=BROWSER))
    assert (response.status_code, response.headers["Retry-After"]) == (status, "5")
    assert '<p class="intro"></p>' not in response.content.decode()
    assert b"detail" not in response.content


def test_a_page_needs_no_database() -> None:
    """No database is allowed in this test: pytest-django fails every query."""
    assert Client().get("/nothing", headers=BROWSER).status_code == 404
