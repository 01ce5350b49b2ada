"""Revisions in Chromium: from the first page to the differences of two revisions, and back to an old one."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from documents.models import Document
from tests.api_client import Caller
from tests.browser import DESK, PHONE, Browser
from tests.newsroom import PUBLISH, Newsroom, image, newest, paragraph

LIST = "/admin/documents/document/"
CLICK = "document.querySelector(arguments[0]).click()"
CHOOSE = """
    const form = document.querySelector('.filters');
    form.elements.old.value = arguments[0]; form.elements.new.value = arguments[1];
    form.querySelector('button').click();
"""


@pytest.fixture
def times(transactional_db: None, times: Caller) -> Caller:
    return times


@pytest.fixture
def document(newsroom: Newsroom) -> Document:
    """With three revisions."""
    for number, words in enumerate(("one word", "two words", "three words"), start=1):
        content = [paragraph(words, id="p"), image(id="i"), paragraph("x" * 200, id=f"new-{number}")]
        row = newsroom.fine(title=f"Title {number}", content=content, checksum=str(number), flags=PUBLISH)
    return Document.objects.get(pk=row["document_id"])


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


def test_two_revisions_are_compared_in_three_clicks(document: Document, overview: Browser) -> None:
    click(overview, f"a[href='{LIST}']", "Title 3")
    click(overview, f"a[href^='{LIST}{document.pk}/']", "What changed from revision 2 to 3")  # the last two are on it
    overview.run(CHOOSE, "1", "3")
    overview.wait_until(lambda: "What changed from revision 1 to 3" in overview.text("main"))
    assert overview.text(".diff del") == "1"
    assert "three words" in overview.text(".diff")


def test_an_old_revision_is_restored_after_a_question(document: Document, overview: Browser) -> None:
    overview.open(overview.run("return location.origin") + f"{LIST}{document.pk}/change/?old=1&new=3")
    click(overview, "form[action*=restore] button", "Nothing is lost")
    assert overview.text("button[name=yes]") == "Restore as revision 4"
    click(overview, "button[name=yes]", "What changed from revision 3 to 4")
    assert newest(document.pk).title == "Title 1"


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_no_page_is_wider_than_the_window(document: Document, overview: Browser, width: int) -> None:
    overview.resize(width)
    base = overview.run("return location.origin")
    for path in (f"{LIST}{document.pk}/", f"/admin/documents/revision/{document.current_revision_id}/"):
        overview.open(f"{base}{path}change/")
        assert overview.overflow() == 0, path
