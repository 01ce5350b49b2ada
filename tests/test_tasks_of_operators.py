"""What operators do every day, in Chromium: each task from the first page of the admin, in at most three clicks."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from imports.models import ImportItem, ImportJob
from livingdocs_import.models import AccessToken, WebhookDelivery
from media_library.models import MediaEntry
from tests.browser import Browser
from tests.evening import STORY, USED, Evening, fill
from tests.origin import Origin

MAX_CLICKS = 3
CLICK = """
    const [css, text] = arguments;
    const matching = [...document.querySelectorAll(css)].filter((one) => one.checkVisibility());
    const found = matching.find((one) => (one.innerText || one.value).includes(text));
    if (!found) return false;
    found.click();
    return true;
"""
TYPE = "document.querySelector(arguments[0]).value = arguments[1]"
REPLACE = """
    const field = document.querySelector(arguments[0]);
    field.value = field.value.replace(arguments[1], arguments[2]);
"""
WIDTH = "return document.querySelector('main img').naturalWidth"
MEDIA = "nav a[href='/admin/media_library/mediaentry/']"


@dataclass
class Operator:
    """Clicks, and counts the clicks. Typing is no click."""

    page: Browser
    clicks: int = 0

    def click(self, css: str, text: str, shown: str) -> None:
        """Click the first visible element with this text, and wait until what it leads to is shown."""
        self.clicks += 1
        assert self.clicks <= MAX_CLICKS
        assert self.page.run(CLICK, css, text), f"no {css} with {text}: {self.page.text('main')[:2000]}"
        self.page.wait_until(lambda: shown in self.page.text("main"))

    def type(self, css: str, text: str) -> None:
        self.page.run(TYPE, css, text)

    def find(self, text: str, shown: str) -> None:
        """Use the search of the header."""
        self.type("#find", text)
        self.click(".find button", "Find", shown)

    @property
    def sees(self) -> str:
        return self.page.text("main")


@pytest.fixture
def evening(transactional_db: None, origin: Origin, run_workers: Callable[[], None]) -> Evening:
    return fill(origin, run_workers)


@pytest.fixture
def operator(live_server: Any, browser: Browser, settings: Any, evening: Evening) -> Operator:
    """A superuser at the first page."""
    settings.PUBLIC_URL = live_server.url
    client = Client()
    client.force_login(User.objects.create_superuser("anna"))
    browser.open(f"{live_server.url}/admin/login/")
    browser.add_cookie(settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value)
    browser.open(f"{live_server.url}/admin/")
    return Operator(browser)


def test_whether_all_is_well_takes_no_click(operator: Operator) -> None:
    assert "given up" in operator.page.text(".verdict")
    assert "Items waiting" in operator.page.text(".stats")


def test_failures_of_the_day_are_shown_by_cause_and_the_exact_answer_takes_one_click(operator: Operator) -> None:
    assert "http-403" in operator.page.text("[aria-labelledby=failures-heading]")
    operator.click("[aria-labelledby=failures-heading] a", "refuse", "The exact answer")
    assert "403" in operator.page.text(".cause [open] .answer")


def test_the_failures_of_one_cause_are_retried_in_three_clicks(operator: Operator, evening: Evening) -> None:
    jobs = ImportJob.objects.count()
    operator.click("[aria-labelledby=failures-heading] a.button[href*='http-403']", "Retry", "The exact answer")
    operator.click("[id='http-403'] button", "Retry 6", "6 items of 2 jobs")
    operator.click("button[name=yes]", "Retry 6 items", "failed items")
    assert ImportJob.objects.count() == jobs + 2


def test_an_external_id_leads_to_its_entry_and_its_uses_in_one_click(operator: Operator) -> None:
    operator.find(USED, "Where it is used")
    assert STORY in operator.sees


def test_preview_metadata_and_history_of_a_picture_take_two_clicks(operator: Operator) -> None:
    operator.click(MEDIA, "Media", "Media library")
    operator.click(".card a", "Falcon 9", "History")
    operator.page.wait_until(lambda: operator.page.run(WIDTH))
    assert (
        operator.page.run("return document.querySelector('[name=m-title]').value") == "Falcon 9 lifts DSCOVR into orbit"
    )


def test_a_used_picture_is_revoked_in_three_clicks_after_a_warning(operator: Operator, evening: Evening) -> None:
    operator.find(USED, "Where it is used")
    operator.click("form[action*='/act/revoke/'] button", "", "Readers see it now in 2 publications")
    operator.click("button[name=yes]", "Revoke in 2 publications", "is revoked")
    assert MediaEntry.objects.get(pk=evening.used.pk).revoked


def test_a_job_is_cancelled_in_three_clicks(operator: Operator, evening: Evening) -> None:
    operator.click("[aria-labelledby=running-heading] td a", "agency", "All items of this job")
    operator.click("form[action*='/act/cancel/'] button", "", "No, go back")
    operator.click("button[name=yes]", "", "is cancelled")
    evening.running.refresh_from_db()
    assert evening.running.finished


def test_deliveries_that_were_given_up_are_sent_again_in_three_clicks(operator: Operator) -> None:
    operator.click(".verdict a", "Send again", "Send 3 again")
    operator.click("main button", "Send 3 again", "Send 3 deliveries again?")
    operator.click("button[name=yes]", "Send 3 again", "3 deliveries are queued to be sent again")
    assert not WebhookDelivery.objects.filter(state="given up").exists()


def test_a_token_is_made_in_three_clicks(operator: Operator, evening: Evening) -> None:
    operator.click("nav a[href='/admin/livingdocs_import/accesstoken/']", "API clients", "Picture feed")
    operator.click("a.addlink", "", "None of them includes another.")
    operator.type("[name=name]", "Weather feed")
    operator.type("[name=project]", str(evening.times.project.pk))
    operator.click("input[name=_save]", "", "shown once")
    assert AccessToken.objects.filter(name="Weather feed").exists()


def test_a_token_that_ends_soon_is_rotated_in_three_clicks(operator: Operator, evening: Evening) -> None:
    operator.click(".verdict a", "Rotate", "Picture feed")
    operator.click("a[href$='/rotate/']", "Rotate", "It works until the moment you choose")
    operator.click("main button", "Rotate", "shown once")
    assert AccessToken.objects.filter(replaces=evening.token).exists()


def test_a_token_is_found_by_its_jti_and_suspended_in_two_clicks(operator: Operator, evening: Evening) -> None:
    operator.find(str(evening.token.jti), "Picture feed")
    operator.click("form[action*='/act/suspend/'] button", "Suspend", "is suspended")
    evening.token.refresh_from_db()
    assert evening.token.suspended_at


def test_a_mistake_in_a_configuration_is_shown_at_its_line_in_three_clicks(operator: Operator) -> None:
    operator.click("nav a[href='/admin/livingdocs_import/project/']", "Projects", "Living Times")
    operator.click("main a[href*='projectconfigrevision/add']", "Edit", "Check again")
    operator.page.run(REPLACE, "#text", '"maxLength"', '"maxLenght"')
    operator.click("button[name=check]", "Check again", "1 problem")
    assert '"maxLenght"' in operator.page.text(".code-lines .wrong")


def test_the_last_two_revisions_of_an_article_are_compared_in_two_clicks_and_others_in_three(
    operator: Operator,
) -> None:
    operator.click("nav a[href='/admin/documents/document/']", "Documents", STORY)
    operator.click("#result_list a", STORY, "What changed from revision 1 to 2")
    assert "put off by two days" in operator.page.text(".diff")
    operator.click("form[action='#compare'] button", "Compare", "What changed from revision 1 to 2")


def test_the_failures_of_a_cause_are_exported_in_one_click(operator: Operator, tmp_path: Path) -> None:
    operator.page.devtools("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    operator.click("[aria-labelledby=failures-heading] tr:has(a[href*='http-403']) button", "Export", "http-403")
    operator.page.wait_until(lambda: list(tmp_path.glob("*.csv")))
    (table,) = tmp_path.glob("*.csv")
    assert table.read_text().count("http-403") == ImportItem.objects.filter(cause="http-403").count() == 6


def test_throughput_and_the_age_of_the_queue_take_no_click(operator: Operator) -> None:
    assert operator.page.run("return document.querySelectorAll('.plot rect.success').length") > 20
    assert "longest due for" in operator.page.text(".stats")
