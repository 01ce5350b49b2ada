"""The front page says what this is and whether it is well, and nothing about projects."""

import time

import pytest
from django.test import Client

from livingdocs_import import VERSION
from livingdocs_import.api.versions import NAMES
from tests.api_client import Caller

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def shown(times: Caller) -> str:
    response = Client().get("/", headers=BROWSER)
    assert response.status_code == 200
    return response.content.decode()


def test_it_leads_to_the_admin_and_names_the_versions(shown: str) -> None:
    assert 'href="/admin/"' in shown
    assert f"<dd>{VERSION}</dd>" in shown
    assert f"v1 to {NAMES[-1]}" in shown


def test_it_says_whether_the_service_is_ready(db: None) -> None:
    until = time.monotonic() + 30
    while Client().get("/ready").status_code != 200 and time.monotonic() < until:
        time.sleep(0.1)  # an outcome of another test is still cached
    shown = Client().get("/").content.decode()
    assert '<dt>Service</dt><dd class="good">ready</dd>' in shown
    assert '<dt>Database</dt><dd class="good">ok</dd>' in shown


def test_it_says_nothing_about_projects(shown: str, times: Caller) -> None:
    assert times.project.handle not in shown


def test_it_may_load_nothing_but_its_own_style_and_icon() -> None:
    policy = Client().get("/").headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self'")


def test_nothing_can_be_posted_to_it() -> None:
    response = Client().post("/", "{}", content_type="application/json")
    assert (response.status_code, response.json()["status"]) == (405, 405)


def test_a_browser_finds_the_icon() -> None:
    response = Client().get("/favicon.ico")
    assert (response.status_code, response.headers["Location"]) == (302, "/static/admin-look/icon.svg")
