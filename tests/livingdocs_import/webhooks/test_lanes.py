"""Webhooks beside a long queue: their order, and its length costs the others nothing."""

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from livingdocs_import.db.clock import from_now
from livingdocs_import.models import WebhookDelivery
from livingdocs_import.project_config import store
from livingdocs_import.webhooks import lanes, outbox
from livingdocs_import.webhooks.concurrency import INVALID, ReceiverLimits, SlotKey, WebhookSlots
from livingdocs_import.webhooks.dispatcher import EACH, Dispatcher
from livingdocs_import.webhooks.lanes import in_turn, lane_of, slot_key_of
from tests.api_client import Caller
from tests.origin import Origin
from tests.subscribers import with_webhooks

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
LONG, SHORT, ELSEWHERE = (
    lane_of(1, "https://hooks.example/a", "cache"),
    lane_of(2, "https://hooks.example/b", ""),
    lane_of(1, "https://other.example/", "search index"),
)


def slots(*quick: str) -> WebhookSlots:
    """Without messages under way; these receivers are quick."""
    known = ReceiverLimits(each=4, slow=2, unproven=3, unproven_of_project=2)
    for receiver in quick:
        known.learn(receiver, quick=True)
    return known.slots([], quick_only=False)


def test_a_lane_names_project_receiver_and_webhook() -> None:
    assert slot_key_of(LONG) == SlotKey("hooks.example:443", 1)
    assert slot_key_of(ELSEWHERE) == SlotKey("other.example:443", 1)
    assert slot_key_of(lane_of(7, "https://[oops", "")) == SlotKey(INVALID, 7)
    assert slot_key_of("") == SlotKey(INVALID, 0), "of a row that an earlier version has written meanwhile"
    longest = lane_of(2**63 - 1, f"https://{'a' * 250}.example:65535/", "h" * 50)
    assert len(longest) <= WebhookDelivery._meta.get_field("lane").max_length


def test_one_of_each_lane_is_sent_before_a_second_one_of_any() -> None:
    waiting = [(NOON, LONG), (NOON + timedelta(hours=1), SHORT)]
    assert in_turn(waiting, slots("hooks.example:443"), Counter(), 40) == {LONG: 2, SHORT: 2}
    assert in_turn(waiting, slots("hooks.example:443"), Counter({LONG: 4}), 40) == {SHORT: 4}
    assert in_turn(waiting, slots("hooks.example:443"), Counter(), 1) == {LONG: 1}, "the older one"


def test_an_unknown_receiver_gets_one_slot() -> None:
    waiting = [(NOON, LONG), (NOON, SHORT), (NOON, ELSEWHERE)]
    assert in_turn(waiting, slots(), Counter(), 40) == {LONG: 1, ELSEWHERE: 1}


def fill_lane(caller: Caller, url: str, number: int, handle: str = "cache") -> None:
    """So many messages of a webhook."""
    messages = (outbox.Message(f"{handle[:6]}-{n:014}", handle, url, "s", {"n": n}) for n in range(number))
    outbox.queue(caller.project, messages)


def test_lanes_are_found_with_what_is_due_in_them(times: Caller) -> None:
    fill_lane(times, "https://one.example/", 3)
    fill_lane(times, "https://two.example/", 1, "other")
    fill_lane(times, "https://three.example/", 1, "later")
    WebhookDelivery.objects.filter(webhook="later").update(due_at=from_now(timedelta(hours=1)))
    WebhookDelivery.objects.filter(webhook="other").update(due_at=from_now(-timedelta(hours=1)))
    assert [lane for _, lane in lanes.due()] == [
        lane_of(times.project.pk, "https://two.example/", "other"),
        lane_of(times.project.pk, "https://one.example/", "cache"),
    ]
    WebhookDelivery.objects.update(due_at=None, state="delivered")
    assert lanes.due() == []


def test_a_long_lane_delays_neither_a_job_nor_another_project_at_the_same_receiver(
    times: Caller, herald: Caller, origin: Origin, dispatcher: Dispatcher
) -> None:
    hook = {"handle": "cache", "url": origin.url("/events"), "events": ["document.publish"]}
    store.store(times.project, with_webhooks(hook), by="test")
    fill_lane(times, origin.url("/events"), 3 * EACH)
    for caller, path in ((times, "/job"), (herald, "/herald")):
        outbox.notify(caller.project, url=origin.url(path), subject="job", body={})
    WebhookDelivery.objects.filter(webhook="").update(due_at=from_now())
    dispatcher.deliver_due(seconds=0)
    dispatcher.deliver_due(seconds=30)
    order = [request.path for request in origin.webhooks]
    assert sorted(Counter(order).items()) == [("/events", 3 * EACH), ("/herald", 1), ("/job", 1)]
    assert max(order.index("/job"), order.index("/herald")) <= EACH


@pytest.mark.postgres
def test_what_is_next_is_found_without_reading_a_long_lane(times: Caller) -> None:
    fill_lane(times, "https://one.example/", 20_000)
    fill_lane(times, "https://two.example/", 1, "other")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE livingdocs_import_webhookdelivery")

    def quickest(tries: int = 5) -> float:
        seconds = []
        for _ in range(tries):
            started = time.monotonic()
            assert len(lanes.due()) == 2
            seconds.append(time.monotonic() - started)
        return min(seconds)

    long = quickest()
    WebhookDelivery.objects.filter(body__gte='{"n":1').delete()
    assert long < 20 * quickest()


def test_the_moment_is_the_same_on_both_databases(times: Caller) -> None:
    fill_lane(times, "https://one.example/", 1)
    moment: Any = WebhookDelivery.objects.get().due_at
    assert lanes.due()[0][0] == moment
