"""The API page works offline, for every version, under a policy that lets no inline script run."""

import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from livingdocs_import.api.versions import NAMES


@pytest.fixture
def shown() -> str:
    response = Client().get("/api/")
    assert response.status_code == 200
    return response.content.decode()


def test_every_version_can_be_chosen_the_newest_first(shown: str) -> None:
    assert re.findall(r"<option>([^<]+)</option>", shown) == list(NAMES[::-1])


def test_all_that_it_loads_comes_from_here(shown: str) -> None:
    loaded = re.findall(r'(?:src|href)="([^"]+\.(?:js|css|svg))"', shown)
    assert len(loaded) == 5
    assert all(path.startswith("/static/") and finders.find(path.removeprefix("/static/")) for path in loaded)
    assert "<script>" not in shown
    assert " style=" not in shown


def test_no_inline_script_may_run() -> None:
    policy = Client().get("/api/").headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert policy.startswith("default-src 'none'")


def test_the_front_page_leads_to_it(db: None) -> None:
    assert 'href="/api/"' in Client().get("/").content.decode()


def test_it_can_only_be_read() -> None:
    assert Client().post("/api/", "{}", content_type="application/json").status_code == 405
