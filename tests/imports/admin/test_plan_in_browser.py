"""From a dry run to its import in Chromium: the job, its plan, the question, the new job; also on a phone."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from imports.models import ImportJob
from media_library.models import MediaEntry
from tests.api_client import Caller, image_item
from tests.browser import DESK, PHONE, Browser
from tests.origin import Origin, Reply

PHOTOS = Path("demo/photos")
CAPTIONS = {
    "rocket.jpg": "Falcon 9 launches DSCOVR",
    "coffee.png": "A cup of coffee",
    "chelsea.png": "A cat called Chelsea",
    "astronaut.png": "Eileen Collins, astronaut",
    "hubble_deep_field.jpg": "Hubble eXtreme Deep Field",
}
LOST = 3  # addresses at which nothing is
Run = Callable[[], None]
CLICK = "document.querySelector(arguments[0]).click()"


@dataclass
class Opened:
    """A browser that is logged in, and the address of the service."""

    page: Browser
    url: str

    def click(self, css: str, shown: str) -> None:
        """Click, and wait until what it leads to is shown."""
        self.page.run(CLICK, css)
        self.page.wait_until(lambda: shown in self.page.text("main"))


@pytest.fixture
def times(transactional_db: None, times: Caller) -> Caller:
    return times


def photograph(origin: Origin, name: str, number: int = 1, **metadata: Any) -> dict[str, Any]:
    caption = CAPTIONS.get(name, "A picture that is lost")
    fields = {"id": f"TB-{name}-{number}", "fileName": caption, "metadata": {"caption": caption, **metadata}}
    return image_item(origin.url(f"/{name}"), **fields)


@pytest.fixture
def dry_run(times: Caller, origin: Origin, run_workers: Run) -> ImportJob:
    """Photographs of an archive: most are new, some changed, one of them by hand here, and a few are wrong."""
    for name in CAPTIONS:
        content = (PHOTOS / name).read_bytes()
        origin.reply(f"/{name}", Reply(content, headers={"Content-Type": f"image/{name[-3:].replace('jpg', 'jpeg')}"}))
    known = [photograph(origin, name) for name in CAPTIONS]
    times.import_images(*known, photograph(origin, "coffee.png", 2, creator="R. Michetti"))
    run_workers()
    patch = {"operation": "setMetadataProperty", "propertyName": "caption", "value": "Falcon 9 vor dem Start"}
    entry = MediaEntry.objects.get(external_id="TB-rocket.jpg-1")
    assert times.patch(f"mediaLibrary/{entry.media_id}", {"patches": [patch]}).status_code == 200
    items = [
        *known,
        photograph(origin, "coffee.png", 2, creator="Rachel Michetti / Pikolo"),
        *(photograph(origin, name, number) for number in range(3, 15) for name in CAPTIONS),
        *(photograph(origin, f"lost-{number}.jpg", 1) for number in range(LOST)),
        photograph(origin, "chelsea.png", 20) | {"mediaType": "imgae"},
        photograph(origin, "chelsea.png", 21, caption=7),
    ]
    planned = times.import_images(*items, options={"dryRun": True, "probe": 100}, webhook="https://hooks.example/done")
    run_workers()
    return ImportJob.objects.select_related("project").get(public_id=planned)


@pytest.fixture
def opened(dry_run: ImportJob, live_server: Any, browser: Browser, settings: Any) -> Opened:
    """For a superuser."""
    settings.PUBLIC_URL = live_server.url
    client = Client()
    client.force_login(User.objects.create_superuser("operator"))
    browser.open(f"{live_server.url}/admin/login/")
    browser.add_cookie(settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value)
    return Opened(browser, live_server.url)


def test_a_dry_run_is_imported_in_three_clicks_from_its_page(dry_run: ImportJob, opened: Opened) -> None:
    page = opened.page
    page.open(f"{opened.url}/admin/imports/importjob/{dry_run.pk}/change/")
    opened.click(f"a[href$='/{dry_run.pk}/plan/']", "What would change")
    assert page.text("h1") == "60 new images, 2 changed; 5 would fail"
    assert "Falcon 9 vor dem Start" in page.text("del")
    assert "changed by tests" in page.text("[aria-labelledby=updates-heading]")
    opened.click("form[action*=carry_out] button", "Import these 71 items now?")
    assert page.run("return document.querySelector('[name=leave_touched]').checked")
    page.run(CLICK, "[name=only_would_succeed]")
    opened.click("button[name=yes]", "Imported as job")
    real = dry_run.carried_out_by
    assert real.total == 65
    assert real.webhook == dry_run.webhook
    opened.click(f"main a[href$='/importjob/{real.pk}/change/']", "Carries out the plan")


def test_filters_lead_to_the_items_and_pages_stay_within_the_plan(dry_run: ImportJob, opened: Opened) -> None:
    page, url = opened.page, f"{opened.url}/admin/imports/importjob/{dry_run.pk}/plan/"
    page.open(url)
    opened.click("a[href^='?would=fail']", "5 of 71, in the order they were sent")
    assert "caption: The value of '/caption' must be string" in page.text("[aria-labelledby=items-heading] tbody")
    page.open(f"{url}?p=99")
    assert "51 to 71 of 71" in page.text("main")


def test_the_page_is_never_wider_than_the_window(dry_run: ImportJob, opened: Opened) -> None:
    dry_run.items.filter(position__lt=3).update(title="a-very-long-name-without-any-space-" * 9)
    page = opened.page
    for query in ("", "?would=update", "?would=fail"):
        page.open(f"{opened.url}/admin/imports/importjob/{dry_run.pk}/plan/{query}")
        for width in (360, PHONE, 768, 1024, DESK):
            page.resize(width)
            assert "What would change in 2 entries" in page.text("main")
            assert page.overflow() <= 0, (width, query)
