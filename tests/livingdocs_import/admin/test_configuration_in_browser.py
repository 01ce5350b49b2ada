"""A configuration with a mistake in Chromium: from the first page to its line and its repair in few clicks."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from livingdocs_import.models import ProjectConfigRevision
from livingdocs_import.project_config import store
from tests.api_client import CONFIG, Caller
from tests.browser import DESK, PHONE, Browser

PROJECTS = "/admin/livingdocs_import/project/"
EDITOR = "/admin/livingdocs_import/projectconfigrevision/add/"
CLICK = "document.querySelector(arguments[0]).click()"
TYPE = "const field = document.querySelector('#text'); field.value = field.value.replace(arguments[0], arguments[1])"


@pytest.fixture
def times(transactional_db: None, times: Caller) -> Caller:
    return times


@pytest.fixture
def overview(live_server: Any, browser: Browser, settings: Any) -> Browser:
    """The first page, for a superuser."""
    settings.PUBLIC_URL = live_server.url
    client = Client()
    client.force_login(User.objects.create_superuser("operator"))
    browser.open(f"{live_server.url}/admin/login/")
    browser.add_cookie(settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value)
    browser.open(f"{live_server.url}/admin/")
    return browser


def click(page: Browser, css: str, shown: str) -> None:
    """Click, and wait until what it leads to is shown."""
    page.run(CLICK, css)
    page.wait_until(lambda: shown in page.text("main"))


def test_a_mistake_is_at_its_line_in_three_clicks_and_repaired_by_one_more(times: Caller, overview: Browser) -> None:
    click(overview, f"a[href='{PROJECTS}']", "Edit")
    click(overview, f"a[href^='{EDITOR}']", "Check again")
    overview.run(TYPE, '"maxLength"', '"maxLenght"')
    click(overview, "button[name=check]", "1 problem")
    assert '"maxLenght"' in overview.text(".code-lines .wrong")
    assert overview.text(".code-lines .wrong").split()[0] == overview.text(".editor b").split()[1]
    assert "Did you mean maxLength?" in overview.text(".problem")

    click(overview, "button[name=repair]", "No problems")
    assert json.loads(overview.run("return document.querySelector('#text').value")) == CONFIG
    overview.run(TYPE, '"maxLength": ', '"maxLength": 1')
    click(overview, "button[name=save]", "Changed since revision 1")
    assert ProjectConfigRevision.objects.latest("pk").revision == 2


def test_the_numbers_stand_beside_their_lines(times: Caller, overview: Browser) -> None:
    base = overview.run("return location.origin")
    overview.open(f"{base}{EDITOR}?project={times.project.pk}")
    heights = overview.run(
        "return ['.editor pre', '#text'].map((each) => document.querySelector(each).scrollHeight)",
    )
    assert abs(heights[0] - heights[1]) < 60, heights
    assert overview.run(
        "const field = document.querySelector('#text'); return field.clientHeight >= field.scrollHeight - 1"
    )


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_no_page_is_wider_than_the_window(times: Caller, overview: Browser, width: int) -> None:
    store.store(times.project, CONFIG | {"settings": CONFIG["settings"] | {"label": "x" * 300}}, by="test")
    row = ProjectConfigRevision.objects.latest("pk")
    overview.resize(width)
    base = overview.run("return location.origin")
    for path in (f"{EDITOR}?project={times.project.pk}", f"{EDITOR.replace('add', str(row.pk))}change/"):
        overview.open(base + path)
        assert overview.overflow() == 0, path
