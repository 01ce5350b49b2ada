"""The first page in Chromium: it refreshes itself, draws its chart, and fits a phone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from imports.models import FailureGroup, ImportJob, LastSweep, Throughput
from livingdocs_import.models import WorkerProcess
from tests.api_client import Caller
from tests.browser import DESK, PHONE, Browser
from tests.imports.admin.test_jobs import make_job

COUNT = """
    const fetched = window.fetch;
    window.fetches = 0;
    window.fetch = (...given) => { window.fetches += 1; return fetched(...given); };
"""
FETCHES = "return window.fetches"  # that were begun, whether or not they have ended
SHOW_AGAIN = "document.dispatchEvent(new Event('visibilitychange'))"  # as when the tab is shown again
HIDE = "Object.defineProperty(document, 'hidden', { configurable: true, get: () => arguments[0] })"

Look = Callable[[], Browser]


@pytest.fixture
def look(live_server: Any, browser: Browser) -> Look:
    """Opens the first page for a superuser."""
    now = timezone.now()
    LastSweep.objects.create(pk=LastSweep.NOTIFYING, at=now)
    for kind in ({"imports": True, "webhooks": False}, {"imports": False, "webhooks": True}):
        WorkerProcess.objects.create(host="worker", pid=1, started_at=now, seen_at=now, **kind)

    def opened() -> Browser:
        client = Client()
        client.force_login(User.objects.create_superuser("operator"))
        browser.open(f"{live_server.url}/admin/login/")
        browser.add_cookie(settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value)
        browser.open(f"{live_server.url}/admin/")
        browser.run(COUNT)
        return browser

    return opened


@pytest.fixture
def times(transactional_db: None, times: Caller) -> Caller:
    return times


def test_the_page_refreshes_itself_without_reloading(times: Caller, look: Look) -> None:
    job = make_job(times, "success", "", finished=False)
    page = look()
    page.run("window.loaded = 'once'")
    assert "1 of 2 done" in page.run("return document.querySelector('.bar').getAttribute('aria-label')")
    ImportJob.objects.filter(pk=job.pk).update(success=2, state="success", finished_at=timezone.now())
    page.run(SHOW_AGAIN)
    page.wait_until(lambda: "everything that was accepted is done" in page.text("[data-refresh]"))
    assert page.run("return window.loaded") == "once"
    assert page.run("return document.querySelector('[data-stale]').hidden")


@pytest.mark.slow
def test_it_does_so_every_ten_seconds(times: Caller, look: Look) -> None:
    page = look()
    page.wait_until(lambda: page.run(FETCHES) == 1, seconds=15)


def test_it_fetches_nothing_while_it_is_hidden_or_in_use(times: Caller, look: Look) -> None:
    page = look()
    page.run(HIDE, True)
    page.run(SHOW_AGAIN)
    page.run(HIDE, False)
    page.run("document.querySelector('[data-refresh] a').focus()")
    page.run(SHOW_AGAIN)
    assert page.run(FETCHES) == 0
    page.run("document.activeElement.blur()")
    page.run(SHOW_AGAIN)
    page.wait_until(lambda: page.run(FETCHES) == 1)


def test_it_says_so_when_it_gets_no_answer(times: Caller, look: Look) -> None:
    page = look()
    User.objects.update(is_staff=False)  # the answer leads to the log-in
    page.run(SHOW_AGAIN)
    page.wait_until(lambda: not page.run("return document.querySelector('[data-stale]').hidden"))
    assert "No answer from the service since" in page.text("[data-stale]")
    assert page.run("return document.querySelectorAll('[data-refresh] .verdict').length") == 1, "what was shown stays"


def test_the_chart_is_drawn(times: Caller, look: Look) -> None:
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    for ago, failed in ((1, 20), (5, 0)):
        Throughput.objects.create(
            project=times.project, kind="images", hour=hour - timedelta(hours=ago), success=60, failed=failed
        )
    page = look()
    shapes = page.run(
        "return [...document.querySelectorAll('.plot rect')].map((shape) => "
        "[shape.getAttribute('class'), shape.getBoundingClientRect().height, getComputedStyle(shape).fill])"
    )
    assert [name for name, _, _ in shapes] == ["success", "success", "failed"]
    heights = [height for _, height, _ in shapes]
    assert heights[0] == pytest.approx(heights[1])
    assert heights[1] == pytest.approx(3 * heights[2], rel=0.01)
    assert len({fill for _, _, fill in shapes}) == 2
    assert "rgb(0, 0, 0)" not in {fill for _, _, fill in shapes}, "the colours are those of the style sheet"


def test_the_page_is_never_wider_than_the_window(times: Caller, look: Look) -> None:
    now, long = timezone.now(), "a-very-long-name-without-any-space-" * 5
    job = make_job(times, "success", "failed:x", "", finished=False, system_name=long)
    FailureGroup.objects.create(
        job=job, cause="http-404", host=f"{long}.example:8443", host_key=1, failed=60, first_at=now, last_at=now
    )
    WorkerProcess.objects.update(doing=f"downloads 8 images from {long}"[:200], job=job.public_id, host=long[:200])
    page = look()
    for width in (360, PHONE, 768, 1024, DESK):
        page.resize(width)
        for scheme in ("light", "dark"):
            page.prefer(scheme)
            assert page.overflow() <= 0, width
