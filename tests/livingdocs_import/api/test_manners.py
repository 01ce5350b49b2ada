"""How the API behaves whatever it is asked: versions, paths, methods, envelope."""

import json
from typing import Any

import pytest
from django.test import Client, RequestFactory
from rest_framework.request import Request

from livingdocs_import import errors
from livingdocs_import.api.error_responses import exception_handler
from tests.api_client import Caller


def test_health_needs_no_token(client: Client) -> None:
    """HLT-01"""
    answer = client.get("/api/v1/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_health_does_not_even_look_at_a_broken_token(client: Client) -> None:
    assert client.get("/api/v1/health", headers={"Authorization": "Bearer nonsense"}).status_code == 200


@pytest.mark.parametrize("version", ["v1", "beta", "2025-03", "2025-11", "2026-01", "2026-03", "2026-09"])
def test_every_supported_version_is_routed(client: Client, version: str) -> None:
    """VER-01, GEN-01"""
    assert client.get(f"/api/{version}/health").status_code == 200


@pytest.mark.parametrize("path", ["health", "mediaLibrary/abc", "no/such/path"])
def test_a_retired_version_is_gone_whatever_was_asked_of_it(client: Client, settings: Any, path: str) -> None:
    """VER-02"""
    settings.API_RETIRED_VERSIONS = ["2025-03"]
    answer = client.get(f"/api/2025-03/{path}")
    url = {"url": f"/api/2025-03/{path}"}
    assert answer.json() == {"status": 410, "error": "Gone", "error_details": url}
    assert client.get("/api/2025-05/health").status_code == 200


@pytest.mark.parametrize("version", ["v2", "2025-04", "V1", "2019-01"])
def test_a_version_that_never_was_is_not_found(client: Client, version: str) -> None:
    """VER-03"""
    answer = client.get(f"/api/{version}/health")
    url = {"url": f"/api/{version}/health"}
    assert (answer.status_code, answer.json()) == (404, {"status": 404, "error": "Not Found", "error_details": url})


@pytest.mark.parametrize("path", ["/api/v1/foo", "/api/v1/", "/nothing", "/api/v1/mediaLibrary/"])
def test_an_unknown_path_is_not_found_in_the_envelope(client: Client, path: str) -> None:
    """ERR-07"""
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json() == {"status": 404, "error": "Not Found", "error_details": {"url": path}}
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize(
    "path", ["/import/images", "/api", "/api/v1", "//api/v1/import/images", "/static/../etc/passwd"]
)
def test_nothing_is_found_there_with_a_body_either(path: str) -> None:
    """ERR-07: no form of ours could have sent it, so no question about a CSRF token."""
    answer = Client(enforce_csrf_checks=True).post(path, b"{}", content_type="application/json")
    assert (answer.status_code, answer.json()["error"]) == (404, "Not Found")


def test_the_query_is_part_of_the_url_that_was_not_found(client: Client) -> None:
    assert client.get("/api/v1/foo?a=b").json()["error_details"] == {"url": "/api/v1/foo?a=b"}


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", "import/images"), ("delete", "mediaLibrary/abc"), ("put", "mediaLibrary"), ("options", "mediaLibrary"),
     ("trace", "health"), ("patch", "import/images/status")],
)  # fmt: skip
def test_a_wrong_method_is_not_allowed_and_says_so_before_it_asks_for_a_token(
    client: Client, method: str, path: str
) -> None:
    """GEN-08"""
    answer = client.generic(method.upper(), f"/api/v1/{path}")
    body = answer.json()
    assert (answer.status_code, body["status"], body["error"]) == (405, 405, "Method Not Allowed")
    assert method.upper() not in answer.headers["Allow"]


def test_the_error_body_has_status_error_and_details(times: Caller) -> None:
    """ERR-01, ERR-02"""
    answer = times.get("mediaLibrary/unknown")
    body = answer.json()
    assert set(body) == {"status", "error", "error_details"}
    assert body["status"] == answer.status_code == 404


def test_a_kind_of_refusal_that_has_no_status_of_its_own_has_that_of_its_family(client: Client) -> None:
    class TooTall(errors.Invalid):
        """The request is wrong in a particular way."""

    context = {"request": Request(RequestFactory().get("/api/v1/x")), "view": None}
    answer = exception_handler(TooTall({"height": "must be <= 2"}), context)
    assert (answer.status_code, json.loads(answer.content)["error_details"]) == (400, {"height": "must be <= 2"})
    assert exception_handler(errors.ApiError({}), context).status_code == 400
    assert exception_handler(errors.PayloadTooLarge(5), context).status_code == 413


def test_a_crash_is_a_500_without_details(times: Caller, settings: Any) -> None:
    """ERR-08, SDK-02: provoked by a setting that nothing can work with."""
    settings.API_MAX_BODY_BYTES = "nonsense"
    answer = times.post("import/images", {})
    assert (answer.status_code, answer.json()) == (500, {"status": 500, "error": "Internal Server Error"})


def test_a_host_that_is_not_ours_is_answered_in_the_envelope(client: Client) -> None:
    answer = client.get("/api/v1/health", headers={"Host": "evil.example"})
    details = {"host": "This service does not answer to this name"}
    assert answer.json() == {"status": 400, "error": "Bad Request", "error_details": details}


def test_what_an_operator_reads_in_the_admin_stays_a_page(client: Client, db: None) -> None:
    assert client.get("/admin/login/").headers["Content-Type"].startswith("text/html")


def test_too_many_parameters_are_refused(times: Caller) -> None:
    answer = times.get("mediaLibrary?" + "&".join(["a=1"] * 1001))
    assert (answer.status_code, answer.json()["error_details"]) == (400, {"message": "Too many parameters"})
