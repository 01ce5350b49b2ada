"""The library in Chromium: from the first page to a picture, its uses, its history and its revocation in few clicks."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from media_library.models import MediaEntry
from media_library.search import index
from tests.api_client import Caller
from tests.browser import DESK, PHONE, Browser
from tests.images import jpeg, picture
from tests.media_library.stored_entries import imported
from tests.newsroom import PICTURE, PUBLISH, Newsroom, image

LIST = "/admin/media_library/mediaentry/"
CLICK = "document.querySelector(arguments[0]).click()"
FIND = "const box = document.querySelector('main [name=q]'); box.value = arguments[0]; box.form.requestSubmit()"
PICK = """
    const picture = document.querySelector('.focal'), place = picture.getBoundingClientRect();
    const at = { clientX: place.left + place.width / 4, clientY: place.top + place.height / 2, bubbles: true };
    picture.dispatchEvent(new MouseEvent('click', at));
    return [...document.querySelectorAll('[data-focal]')].map((field) => field.value);
"""


@pytest.fixture
def times(transactional_db: None, times: Caller) -> Caller:
    return times


@pytest.fixture
def entry(newsroom: Newsroom) -> MediaEntry:
    fields = {"media_id": PICTURE["mediaId"], "title": "A bridge", "metadata": {"title": "A bridge"}}
    asset = {"system_name": "archive", "external_id": "TB-0318"}
    stored = imported(newsroom.caller.project, jpeg(picture(300, 200)), **fields, **asset)
    for number in (1, 2):
        newsroom.fine(id=f"a-{number}", title=f"Story {number}", content=[image()], flags=PUBLISH)
    return stored


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


def find(page: Browser, text: str, shown: str) -> None:
    click(page, f"a[href='{LIST}']", "Media library")  # the first click
    page.run(FIND, text)
    page.wait_until(lambda: shown in page.text("main"))


def test_an_external_id_leads_to_the_uses_in_one_click(entry: MediaEntry, overview: Browser) -> None:
    from_index(entry)
    find(overview, "TB-0318", "Where it is used")
    assert "Story 1" in overview.text("main")
    assert "Story 2" in overview.text("main")


def test_preview_metadata_and_history_take_two_clicks(entry: MediaEntry, overview: Browser) -> None:
    click(overview, f"a[href='{LIST}']", "A bridge")
    click(overview, ".card a", "History")
    overview.wait_until(lambda: overview.run("return document.querySelector('.picture').naturalWidth") == 300)
    assert overview.run("return document.querySelector('[name=m-title]').value") == "A bridge"
    assert overview.run(PICK) == ["25", "50"]
    assert overview.run("return document.querySelector('circle').getAttribute('cx')") == "25%"


def test_a_used_picture_is_revoked_in_three_clicks_after_a_warning(entry: MediaEntry, overview: Browser) -> None:
    find(overview, entry.media_id, "Where it is used")
    click(overview, "form[action*=revoke] button", "Readers see it now in 2 publications")
    assert overview.text("button[name=yes]") == "Revoke in 2 publications"
    click(overview, "button[name=yes]", "A bridge is revoked")
    entry.refresh_from_db()
    assert entry.revoked


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_no_page_is_wider_than_the_window(entry: MediaEntry, overview: Browser, width: int) -> None:
    overview.resize(width)
    base = overview.run("return location.origin")
    for path in (LIST, f"{LIST}?view=list", f"{LIST}{entry.pk}/change/"):
        overview.open(base + path)
        assert overview.overflow() == 0, path


def from_index(entry: MediaEntry) -> None:
    """Index it, as housekeeping does."""
    index.write([entry.pk])
