"""The page of webhooks in Chromium: what was given up is sent again in three clicks, and the page fits a phone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from imports.models import LastSweep
from livingdocs_import.models import ProjectReceiver, ReceiverDay, WebhookAttempt, WebhookDelivery, WorkerProcess
from livingdocs_import.webhooks import receivers
from tests.api_client import Caller
from tests.browser import DESK, PHONE, Browser
from tests.queued_webhooks import queued

Look = Callable[[str], Browser]
NUMBER = 14


@pytest.fixture
def times(transactional_db: None, times: Caller) -> Caller:
    return times


@pytest.fixture
def look(live_server: Any, browser: Browser) -> Look:
    """Opens a page for a superuser."""

    def opened(path: str) -> Browser:
        client = Client()
        client.force_login(User.objects.get_or_create(username="ines", is_staff=True, is_superuser=True)[0])
        browser.open(f"{live_server.url}/admin/login/")
        browser.add_cookie(settings.SESSION_COOKIE_NAME, client.cookies[settings.SESSION_COOKIE_NAME].value)
        browser.open(f"{live_server.url}{path}")
        return browser

    return opened


@pytest.fixture
def given_up(times: Caller) -> None:
    """Deliveries to one receiver that has been away for a day, and others that wait, are held or were taken."""
    now = timezone.now()
    LastSweep.objects.create(pk=LastSweep.NOTIFYING, at=now)
    for kind in ({"imports": True, "webhooks": False}, {"imports": False, "webhooks": True}):
        WorkerProcess.objects.create(host="worker", pid=1, started_at=now, seen_at=now, **kind)
    away = receivers.receiver_for(times.project.pk, "https://api.gazette.example/livingdocs", "")
    well = receivers.receiver_for(times.project.pk, "https://cms.times.example/hooks/import", "")
    off = receivers.receiver_for(times.project.pk, "https://staging.times.example/hooks", "cache")
    queued(times, away.url, number=NUMBER)
    WebhookDelivery.objects.update(
        state="given up",
        due_at=None,
        ended_at=now,
        attempts=11,
        created_at=now - timedelta(hours=25),
        subject="job t6ya2ke",
    )
    for delivery in WebhookDelivery.objects.all():
        for number in range(11):
            at = now - timedelta(hours=25 - 2 * number)
            WebhookAttempt.objects.create(delivery=delivery, at=at, status=503, milliseconds=9800, answer="away")
    ProjectReceiver.objects.filter(pk=away.pk).update(
        failing_since=now - timedelta(hours=25), failures=154, recent="200 200 200 " + "503 " * 9
    )
    ProjectReceiver.objects.filter(pk=well.pk).update(recent="200 " * 12)
    ReceiverDay.objects.create(
        receiver=away, day=now.date(), delivered=70, given_up=NUMBER, answered=224, milliseconds=2_195_200
    )
    ReceiverDay.objects.create(
        receiver=well, day=now.date(), delivered=1202, given_up=2, answered=1204, milliseconds=216_720
    )
    queued(times, away.url, minutes_ago=-80)
    queued(times, off.url, number=3, minutes_ago=-1)
    WebhookDelivery.objects.filter(url=off.url).update(webhook="cache", lane=off.lane, subject="document.publish 12")
    receivers.switch_off(off, by="ines")


def press(page: Browser, text: str) -> None:
    """Click the link or button with this text, and wait for the page that it leads to."""
    page.run("window.isOld = true")
    found = page.run(
        "const all = [...document.querySelectorAll('#content a, #content button')];"
        "const one = all.find((each) => each.innerText.trim().startsWith(arguments[0]));"
        "if (one) one.click(); return Boolean(one)",
        text,
    )
    assert found, f"{text} is not on the page"
    page.wait_until(lambda: page.run("return !window.isOld && document.readyState === 'complete'"))


def test_what_was_given_up_is_sent_again_in_three_clicks(given_up: None, look: Look) -> None:
    page = look("/admin/")
    assert "14 given up" in page.text(".verdict")
    press(page, "Send again")
    assert page.text("h1") == "14 deliveries were given up"
    assert "api.gazette.example" in page.text(".lede")
    press(page, "Send 14 again")
    assert page.text("h1") == "Send 14 deliveries again?"
    assert WebhookDelivery.objects.filter(state="given up").count() == NUMBER, "it is only asked"
    press(page, "Send 14 again")
    assert "14 deliveries are queued to be sent again" in page.text(".messagelist")
    assert page.text("h1") == "No delivery was given up"
    again = WebhookDelivery.objects.filter(resent_at__isnull=False)
    assert set(again.values_list("state", "attempts", "attempts_before")) == {("pending", 11, 11)}
    assert again.count() == NUMBER


@pytest.mark.parametrize("path", ["", "?receiver={receiver}", "{delivery}/change/", "../projectreceiver/"])
def test_the_pages_are_never_wider_than_the_window(given_up: None, look: Look, path: str) -> None:
    WebhookDelivery.objects.update(url=f"https://{'a-very-long-name.' * 10}example/{'x' * 200}")
    ProjectReceiver.objects.update(url=f"https://{'a-very-long-name.' * 10}example/{'x' * 200}")
    keys = {"receiver": ProjectReceiver.objects.all()[0].pk, "delivery": WebhookDelivery.objects.all()[0].pk}
    page = look(f"/admin/livingdocs_import/webhookdelivery/{path.format(**keys)}")
    for width in (360, PHONE, 768, 1024, DESK):
        page.resize(width)
        assert page.overflow() <= 0, width


def test_a_selection_is_counted(given_up: None, look: Look) -> None:
    page = look("/admin/livingdocs_import/webhookdelivery/?state__exact=given+up")
    page.run("document.querySelector('[data-all]').click()")
    assert page.text("[data-chosen]") == str(NUMBER)
