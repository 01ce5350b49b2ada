"""The pictures of the README, taken of the rows of tests/evening.py: `make screenshots`. The suite leaves it out."""

import base64
from collections.abc import Callable
from io import BytesIO
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from PIL import Image

from devtools.checkout import ROOT
from tests.browser import DESK, Browser
from tests.evening import fill
from tests.origin import Origin

FOLDER = ROOT / "docs" / "images"
HEIGHT = 800  # pixels
COLOURS = 128
MAX_BYTES = 200_000
DRAWN = """
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    return Promise.all([...document.images].map((one) => one.decode())).then(frame).then(frame).then(() => true);
"""


def test_screenshots(
    transactional_db: None,
    live_server: Any,
    browser: Browser,
    settings: Any,
    origin: Origin,
    run_workers: Callable[[], None],
) -> None:
    evening = fill(origin, run_workers)
    settings.PUBLIC_URL, settings.DEBUG = live_server.url, False
    client = Client()
    client.force_login(User.objects.create_superuser("anna"))
    browser.open(f"{live_server.url}/admin/login/")
    browser.add_cookie(settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value)
    browser.resize(DESK, HEIGHT)
    for name, scheme, page in (
        ("overview", "light", "/admin/"),
        ("failures", "light", "/admin/imports/importitem/failures/?cause=http-403"),
        ("entry", "dark", reverse("admin:media_library_mediaentry_change", args=[evening.used.pk])),
    ):
        browser.prefer(scheme)
        browser.open(live_server.url + page)
        browser.run(DRAWN)
        take(browser, name)


def take(browser: Browser, name: str) -> None:
    """Save what the window shows, with few colours."""
    taken = browser.devtools("Page.captureScreenshot", format="png")
    picture = Image.open(BytesIO(base64.b64decode(taken["data"]))).convert("RGB")
    path = FOLDER / f"{name}.png"
    picture.quantize(COLOURS).save(path, optimize=True)
    assert path.stat().st_size < MAX_BYTES, f"{path} has {path.stat().st_size} bytes"
