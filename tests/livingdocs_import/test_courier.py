"""The courier: who is sent to first, and for how long."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from livingdocs_import import delivery, stopping
from livingdocs_import.models import WebhookDelivery
from tests.cast import Caller
from tests.origin import Origin, Reply


def queued(caller: Caller, url: str, number: int = 1, *, minutes_ago: float = 0) -> None:
    """So many deliveries to one receiver."""
    due_at = timezone.now() - timedelta(minutes=minutes_ago)
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(project=caller.project, subject="s", url=url, body="{}", due_at=due_at) for _ in range(number)
    )


def test_a_long_queue_for_one_receiver_holds_up_nobody(times: Caller, origin: Origin) -> None:
    """F23, G9: the dead one's thousands were due before."""
    queued(times, "http://dead.invalid/hook", 400, minutes_ago=60)
    queued(times, origin.url("/hook"))
    delivery.deliver_due(seconds=0)
    assert len(origin.webhooks) == 1
    assert WebhookDelivery.objects.filter(url__contains="dead", attempts__gt=0).count() < 100


def test_a_shift_ends_although_the_queue_does_not(times: Caller, origin: Origin) -> None:
    """F3: a courier that is asked to stop must not first empty the queue."""
    origin.reply("/hook", Reply(wait=0.05))
    queued(times, origin.url("/hook"), 20)
    assert 0 < delivery.deliver_due(seconds=0) < 20
    assert delivery.anything_due()
    while delivery.anything_due():
        delivery.deliver_due()
    assert len(origin.webhooks) == 20


@pytest.fixture
def eight(settings: Any, origin: Origin) -> Iterator[list[Origin]]:
    """Eight further receivers."""
    with ExitStack() as stack:
        servers = [stack.enter_context(Origin()) for _ in range(8)]
        settings.FETCH_ALLOWED_NETWORKS = [server.address for server in (origin, *servers)]
        yield servers


@pytest.mark.parametrize("was_quick", [False, True], ids=["never answered", "answered before"])
def test_eight_receivers_that_hang_hold_up_nobody(
    times: Caller, settings: Any, origin: Origin, eight: list[Origin], *, was_quick: bool
) -> None:
    """F23, G9: neither what was due with theirs, nor what becomes due while they hang."""
    settings.WEBHOOK_TIMEOUT_SECONDS = 3.0
    if was_quick:
        for server in eight:
            queued(times, server.url("/hook"))
        delivery.deliver_due(seconds=0)
    for server in eight:
        server.reply("/hook", Reply(wait=30))
        queued(times, server.url("/hook"), 20, minutes_ago=10)
    queued(times, origin.url("/now"))
    queued(times, origin.url("/soon"), minutes_ago=-1 / 60)
    started = time.monotonic()
    delivery.deliver_due(seconds=0)
    assert time.monotonic() - started > 2.5, "they did hang"
    now, soon = origin.webhooks
    assert (now.path, soon.path) == ("/now", "/soon")
    assert now.at - started < 1.5
    assert soon.at - started < 2.5


def test_receivers_that_have_hung_once_are_not_waited_for_again_when_a_shift_is_over(
    times: Caller, settings: Any, origin: Origin, eight: list[Origin]
) -> None:
    settings.WEBHOOK_TIMEOUT_SECONDS = 2.5
    for server in eight:
        server.reply("/hook", Reply(wait=30))
        queued(times, server.url("/hook"), 5)
    delivery.deliver_due(seconds=0)
    assert [len(server.webhooks) for server in eight] == [1] * 8
    delivery.deliver_due(seconds=0)
    assert [len(server.webhooks) for server in eight] == [2] * 8


def test_a_post_that_is_cut_off_because_we_stop_is_no_attempt(times: Caller, settings: Any, origin: Origin) -> None:
    """F3"""
    settings.WORKER_STOP_SECONDS = 0.3
    origin.reply("/hook", Reply(wait=30))
    queued(times, origin.url("/hook"))
    threading.Timer(0.2, stopping.ask).start()
    started = time.monotonic()
    try:
        delivery.deliver_due()
        assert time.monotonic() - started < settings.WEBHOOK_TIMEOUT_SECONDS + 1
    finally:
        stopping._asked_at[:] = bytes(len(stopping._asked_at))
    row = WebhookDelivery.objects.get()
    assert (row.state, row.held, row.attempts, row.tries.count()) == ("pending", False, 0, 0)
    assert row.due_at <= timezone.now()
