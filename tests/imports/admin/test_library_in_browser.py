"""The library in Chromium: no file is loaded from another server, and a file is replaced by one of the computer."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from imports import remote_pictures
from media_library.models import MediaEntry
from tests import images
from tests.api_client import Caller
from tests.browser import Browser
from tests.imports.test_remote_pictures import LIST, remote_entry
from tests.media_library.stored_entries import imported
from tests.origin import Origin, Reply

CLICK = "document.querySelector(arguments[0]).click()"
WIDTH = "const picture = document.querySelector('.picture'); return picture && picture.naturalWidth"


@pytest.fixture
def library(transactional_db: None, live_server: Any, browser: Browser, settings: Any) -> Browser:
    """A window of a superuser."""
    settings.PUBLIC_URL = live_server.url
    client = Client()
    client.force_login(User.objects.create_superuser("operator"))
    browser.open(f"{live_server.url}/admin/login/")
    browser.add_cookie(settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value)
    return browser


def choose(page: Browser, css: str, file: Path) -> None:
    """Choose a file in a field, as in the dialogue of the browser."""
    root = page.devtools("DOM.getDocument")["root"]["nodeId"]
    field = page.devtools("DOM.querySelector", nodeId=root, selector=css)["nodeId"]
    page.devtools("DOM.setFileInputFiles", nodeId=field, files=[str(file)])


def test_the_browser_asks_only_this_service(library: Browser, live_server: Any, times: Caller, origin: Origin) -> None:
    origin.reply("/a.jpg", Reply(images.jpeg(images.picture(1280, 854))))
    entry = remote_entry(times, origin.url("/a.jpg"))
    library.open(f"{live_server.url}{LIST}")
    library.open(f"{live_server.url}{LIST}{entry.pk}/change/")
    assert "A small picture is being made of it" in library.text("main")
    assert not origin.requests
    remote_pictures.make_due()
    for path in (LIST, f"{LIST}{entry.pk}/change/"):
        library.open(f"{live_server.url}{path}")
        library.wait_until(lambda: library.run(WIDTH) == 640)
    assert len(origin.requests) == 1, "that of the worker"


def test_a_file_is_replaced_by_one_of_the_computer(
    library: Browser, live_server: Any, times: Caller, tmp_path: Path
) -> None:
    entry = imported(times.project, images.jpeg(images.picture(64, 48)))
    scan = tmp_path / "scan.png"
    scan.write_bytes(images.png(images.picture(300, 200)))
    library.open(f"{live_server.url}{LIST}{entry.pk}/change/")
    library.run(CLICK, "a[href$='/replace/']")
    library.wait_until(lambda: "Its type is read from its bytes" in library.text("main"))
    choose(library, "input[type=file]", scan)
    library.run("document.querySelector('[name=note]').value = 'larger scan'")
    library.run(CLICK, "#content-main .button")
    library.wait_until(lambda: "larger scan" in library.text("main"))
    library.wait_until(lambda: library.run(WIDTH) == 300)
    assert MediaEntry.objects.get().asset["filename"] == "scan.png"
