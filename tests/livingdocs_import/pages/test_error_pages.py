"""A browser gets a page for an error, a program the envelope, and the API always the envelope."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import get_resolver

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


@pytest.mark.parametrize("path", ["/", "/admin/"])
@pytest.mark.parametrize("status", [403, 500, 503])
def test_each_error_is_explained_and_keeps_its_headers(path: str, status: int) -> None:
    def broken(_: HttpRequest) -> HttpResponse:
        return error_response(status, {"secret": "detail"}, {"Retry-After": "5"})

    response = ErrorPages(broken)(RequestFactory().get(path, headers=BROWSER))
    assert (response.status_code, response.headers["Retry-After"]) == (status, "5")
    assert '<p class="intro"></p>' not in response.content.decode()
    assert b"detail" not in response.content


def test_a_page_needs_no_database() -> None:
    """No database is allowed in this test: pytest-django fails every query."""
    assert Client().get("/nothing", headers=BROWSER).status_code == 404


# --- The admin -------------------------------------------------------------------------------------------------------


@pytest.fixture
def operator(client: Client, django_user_model: Any) -> Client:
    """Logged in, without any permission."""
    client.force_login(django_user_model.objects.create_user("op", is_staff=True))
    return client


@pytest.mark.parametrize(("path", "status"), [("/admin/imports/importjob/", 403), ("/admin/nothing/", 404)])
def test_the_admin_has_the_same_pages(operator: Client, path: str, status: int) -> None:
    response = operator.get(path, headers=BROWSER)
    assert response.status_code == status
    assert f'<p class="status">{status}</p>' in response.content.decode()
    assert operator.get(path, headers={"Accept": "*/*"}).json()["status"] == status


def test_a_form_without_its_token_is_explained(db: None) -> None:
    response = Client(enforce_csrf_checks=True).post("/admin/login/", {}, headers=BROWSER)
    assert response.status_code == 403
    assert "load its page again" in response.content.decode()


def test_an_error_of_ours_is_a_page_that_shows_nothing_of_it() -> None:
    failed = get_resolver().resolve_error_handler(500)
    response = ErrorPages(failed)(RequestFactory().get("/admin/imports/importjob/", headers=BROWSER))
    assert response.status_code == 500
    assert "an operator finds it there" in response.content.decode()
