"""Pages of listed origins may call the API from a browser; by default none may."""

import ast
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import Client

from tests.api_client import Caller
from tests.test_env_example import settings_with

OURS, STRANGER = "https://desk.example.org", "https://evil.example"
PREFLIGHT = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "authorization"}


@pytest.fixture
def open_to_desk(settings: Any) -> None:
    """As config.settings has it when the origin is listed."""
    settings.CORS_ALLOWED_ORIGINS = [OURS]
    settings.MIDDLEWARE = [
        configured.MIDDLEWARE[0],
        "corsheaders.middleware.CorsMiddleware",
        *configured.MIDDLEWARE[1:],
    ]


def cors_of(answer: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items() if name.lower().startswith("access-control")}


def test_by_default_no_warning_is_sent(times: Caller) -> None:
    """TRN-01"""
    assert cors_of(times.get("mediaLibrary?ids=x", Origin=OURS)) == {}
    answer = times.client.options("/api/v1/mediaLibrary/it", headers={"Origin": OURS} | PREFLIGHT)
    assert (answer.status_code, cors_of(answer)) == (405, {})
    assert "corsheaders.middleware.CorsMiddleware" not in configured.MIDDLEWARE


def test_what_is_asked_for_stands_around_the_envelope(tmp_path: Path) -> None:
    """TRN-01: what the environment says, and in which order it takes effect."""
    asked = {"CORS_ALLOWED_ORIGINS": f"{OURS}, {STRANGER}", "API_GZIP_ANSWERS": "true", "DATA_DIR": str(tmp_path)}
    made = settings_with(asked)
    assert made["CORS_ALLOWED_ORIGINS"] == repr([OURS, STRANGER])
    names = ast.literal_eval(made["MIDDLEWARE"])
    assert [name.rpartition(".")[2] for name in names[:5]] == [
        "ReadyMiddleware", "CorsMiddleware", "CompressedJSON", "ErrorPages", "EnvelopeMiddleware",
    ]  # fmt: skip


def test_an_origin_that_is_none_is_found_at_start(settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["desk.example.org"]
    with pytest.raises(SystemCheckError, match=r"desk\.example\.org"):
        call_command("check")


@pytest.mark.usefixtures("open_to_desk")
def test_a_listed_origin_is_named_and_no_other(times: Caller) -> None:
    """TRN-01"""
    answer = times.get("mediaLibrary?ids=x", Origin=OURS)
    assert answer.status_code == 200
    assert cors_of(answer)["access-control-allow-origin"] == OURS
    assert "etag" in cors_of(answer)["access-control-expose-headers"]
    assert "access-control-allow-credentials" not in cors_of(answer)
    for origin in (STRANGER, f"{OURS}.evil.example", "http://desk.example.org", f"{OURS}:8443", "null", "", "http://["):
        assert cors_of(times.get("mediaLibrary?ids=x", Origin=origin)) == {}
    assert "origin" in answer["Vary"].lower()


@pytest.mark.usefixtures("open_to_desk")
def test_a_preflight_request_needs_no_token(client: Client) -> None:
    """TRN-01"""
    answer = client.options("/api/2026-07/mediaLibrary/it", headers={"Origin": OURS} | PREFLIGHT)
    assert answer.status_code == 200
    assert cors_of(answer) | {"access-control-expose-headers": ""} == {
        "access-control-allow-origin": OURS,
        "access-control-allow-methods": "GET, HEAD, PATCH, POST",
        "access-control-allow-headers": "authorization, content-encoding, content-type, idempotency-key, if-none-match",
        "access-control-max-age": "600",
        "access-control-expose-headers": "",
    }
    assert cors_of(client.options("/api/2026-07/mediaLibrary/it", headers={"Origin": STRANGER} | PREFLIGHT)) == {}
    plain = client.options("/api/2026-07/mediaLibrary/it", headers={"Origin": OURS})
    assert plain.status_code == 405, "which is no preflight request"


@pytest.mark.usefixtures("open_to_desk")
@pytest.mark.parametrize(("path", "status"), [("mediaLibrary/it", 401), ("nothing", 404), ("images/x?id=1", 404)])
def test_a_page_may_read_why_it_was_refused(client: Client, db: None, path: str, status: int) -> None:
    """TRN-01"""
    answer = client.get(f"/api/v1/{path}", headers={"Origin": OURS})
    assert (answer.status_code, cors_of(answer)["access-control-allow-origin"]) == (status, OURS)


@pytest.mark.usefixtures("open_to_desk")
@pytest.mark.parametrize("path", ["/admin/login/", "/ready", "/", "/apiv1"])
def test_only_the_api_is_open(client: Client, db: None, path: str) -> None:
    """TRN-01"""
    assert cors_of(client.get(path, headers={"Origin": OURS})) == {}
    assert cors_of(client.options(path, headers={"Origin": OURS} | PREFLIGHT)) == {}
