"""The dispatcher: which receivers are sent to first, and for how long."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from livingdocs_import.models import Project, WebhookDelivery, WebhookReceiver
from livingdocs_import.webhooks import outbox, receiver_speeds
from livingdocs_import.webhooks.dispatcher import EACH, PER_ADDRESS, UNPROVEN_OF_PROJECT, Dispatcher, anything_due
from livingdocs_import.work_queue import shutdown
from tests.api_client import Caller
from tests.origin import Origin, Reply
from tests.queued_webhooks import queued


def test_a_long_queue_for_one_receiver_delays_no_other(times: Caller, origin: Origin, dispatcher: Dispatcher) -> None:
    """FLT-23, GOAL-9: the dead one's thousands were due before."""
    queued(times, "http://dead.invalid/hook", number=400, minutes_ago=60)
    queued(times, origin.url("/hook"))
    dispatcher.deliver_due(seconds=0)
    assert len(origin.webhooks) == 1
    assert WebhookDelivery.objects.filter(url__contains="dead", attempts__gt=0).count() < 100


def test_a_time_slice_ends_although_the_queue_does_not(times: Caller, origin: Origin, dispatcher: Dispatcher) -> None:
    """FLT-3: a dispatcher that is asked to stop must not first empty the queue."""
    origin.reply("/hook", Reply(wait=0.05))
    queued(times, origin.url("/hook"), number=20)
    assert 0 < dispatcher.deliver_due(seconds=0) < 20
    assert anything_due()
    while anything_due():
        dispatcher.deliver_due()
    assert len(origin.webhooks) == 20


@pytest.fixture
def eight(settings: Any, origin: Origin) -> Iterator[list[Origin]]:
    """Eight further receivers, at two addresses of their own."""
    with ExitStack() as stack:
        servers = [stack.enter_context(Origin(f"127.0.0.{8 + number % 2}")) for number in range(8)]
        settings.FETCH_ALLOWED_NETWORKS = [server.address for server in (origin, *servers)]
        yield servers


@pytest.mark.parametrize("was_quick", [False, True], ids=["never answered", "answered before"])
def test_eight_receivers_that_hang_delay_no_other(
    times: Caller, settings: Any, origin: Origin, eight: list[Origin], dispatcher: Dispatcher, *, was_quick: bool
) -> None:
    """FLT-23, GOAL-9: neither what was due with theirs, nor what becomes due while they hang."""
    settings.WEBHOOK_TIMEOUT_SECONDS = 5.0
    for server in [origin, *(eight if was_quick else [])]:
        queued(times, server.url("/before"))
    dispatcher.deliver_due(seconds=0)
    for server in eight:
        server.reply("/hook", Reply(wait=30))
        queued(times, server.url("/hook"), number=20, minutes_ago=10)
    queued(times, origin.url("/now"))
    queued(times, origin.url("/soon"), minutes_ago=-1 / 60)
    started = time.monotonic()
    dispatcher.deliver_due(seconds=0)
    assert time.monotonic() - started > 4.5, "they did hang"
    assert [len(origin.asked(path)) for path in ("/now", "/soon")] == [1, 1], "both while the eight hung"


def test_receivers_that_have_hung_once_are_not_waited_for_again_when_the_time_slice_is_over(
    times: Caller, settings: Any, origin: Origin, eight: list[Origin], dispatcher: Dispatcher
) -> None:
    settings.WEBHOOK_TIMEOUT_SECONDS = 2.5
    for server in eight:
        server.reply("/hook", Reply(wait=30))
        queued(times, server.url("/hook"), number=5)
    dispatcher.deliver_due(seconds=0)
    assert [len(server.webhooks) for server in eight] == [1] * 8
    dispatcher.deliver_due(seconds=0)
    assert [len(server.webhooks) for server in eight] == [2] * 8


def hanging(settings: Any, origin: Origin, number: int) -> list[str]:
    """The URLs of receivers at as many addresses, of which none answers."""
    settings.FETCH_ALLOWED_NETWORKS = [origin.address, "127.6.0.0/16"]
    settings.FETCH_ALLOWED_PORTS = [origin.port]
    origin.reply("/hangs", Reply(wait=30))
    return [f"http://127.6.{n // 250}.{n % 250 + 1}:{origin.port}/hangs" for n in range(number)]


@pytest.fixture
def everywhere() -> Iterator[Origin]:
    """A server that listens at all addresses of loopback."""
    with Origin("0.0.0.0") as server:
        server.host = "127.0.0.1"
        yield server


def test_a_hundred_hanging_unknown_receivers_leave_slots_to_one_that_answers(
    times: Caller, settings: Any, everywhere: Origin, dispatcher: Dispatcher
) -> None:
    settings.WEBHOOK_TIMEOUT_SECONDS = 5.0
    urls = hanging(settings, everywhere, 100)
    queued(times, everywhere.url("/first"))
    dispatcher.deliver_due(seconds=0)
    for url in urls:
        queued(times, url, minutes_ago=10)
    queued(times, everywhere.url("/quick"))
    dispatcher.deliver_due(seconds=0)
    assert len(everywhere.asked("/quick")) == 1
    assert everywhere.most_at_once["/hangs"] == UNPROVEN_OF_PROJECT


def test_another_projects_unknown_receiver_finds_a_place_beside_them(
    times: Caller, herald: Caller, settings: Any, everywhere: Origin, dispatcher: Dispatcher
) -> None:
    settings.WEBHOOK_TIMEOUT_SECONDS = 5.0
    for url in hanging(settings, everywhere, 100):
        queued(times, url, minutes_ago=10)
    queued(herald, everywhere.url("/new"))
    dispatcher.deliver_due(seconds=0)
    assert len(everywhere.asked("/new")) == 1
    assert everywhere.most_at_once["/hangs"] == UNPROVEN_OF_PROJECT


def test_what_one_process_has_learned_all_know(times: Caller, origin: Origin, dispatcher: Dispatcher) -> None:
    origin.reply("/hook", Reply(wait=0.5))
    queued(times, origin.url("/hook"))
    dispatcher.deliver_due(seconds=0)
    queued(times, origin.url("/hook"), number=8)
    Dispatcher().deliver_due(seconds=0)
    assert origin.most_at_once["/hook"] == EACH


def test_what_a_process_knew_is_corrected_by_what_others_learn(
    times: Caller, settings: Any, origin: Origin, dispatcher: Dispatcher
) -> None:
    queued(times, origin.url("/hook"))
    dispatcher.deliver_due(seconds=0)
    WebhookReceiver.objects.update(quick=False, changed_at=timezone.now())  # it hangs elsewhere
    origin.reply("/hook", Reply(wait=0.2))
    queued(times, origin.url("/hook"), number=4)
    time.sleep(receiver_speeds.READ_EVERY)
    dispatcher.deliver_due(seconds=0)
    assert origin.most_at_once["/hook"] < EACH


def test_a_receiver_is_one_however_it_is_spelled(
    times: Caller, settings: Any, everywhere: Origin, dispatcher: Dispatcher
) -> None:
    settings.WEBHOOK_TIMEOUT_SECONDS = 1.0
    hanging(settings, everywhere, 0)
    port = everywhere.port
    for host in ("127.6.0.99", "127.6.0.0143", "127.0x060063", "0177.6.0.99", "127.6.99", "2131099747"):
        for dot in ("", "."):
            queued(times, f"HTTP://{host}{dot}:{port}/hangs")
            queued(times, f"http://{host}{dot}:0{port}/hangs")
    dispatcher.deliver_due(seconds=0)
    assert everywhere.most_at_once["/hangs"] == 1


def test_an_address_is_asked_sixteen_times_at_once_whatever_leads_there(
    times: Caller, settings: Any, origin: Origin, dispatcher: Dispatcher
) -> None:
    settings.WEBHOOK_TIMEOUT_SECONDS = 5.0
    with ExitStack() as stack:
        servers = [stack.enter_context(Origin()) for _ in range(24)]
        settings.FETCH_ALLOWED_NETWORKS = [server.address for server in servers]
        for server in servers[:UNPROVEN_OF_PROJECT]:
            server.reply("/hook", Reply(wait=30))
            queued(times, server.url("/hook"))
        dispatcher.deliver_due(seconds=0)
        assert sum(len(server.webhooks) for server in servers) == PER_ADDRESS
    tried = WebhookDelivery.objects.filter(tries__isnull=False)
    untried = WebhookDelivery.objects.filter(tries__isnull=True)
    assert (tried.count(), untried.count()) == (16, 4)
    assert {(row.state, row.claimed, row.attempts) for row in untried} == {("pending", False, 0)}, (
        "it comes back, uncounted"
    )
    assert all(row.due_at - timezone.now() < timedelta(seconds=10) for row in untried)


@pytest.mark.postgres
@pytest.mark.parametrize("minutes", [10, -10], ids=["fast", "slow"])
def test_a_process_whose_clock_is_wrong_sends_on_time(
    times: Caller, origin: Origin, minutes: int, dispatcher: Dispatcher
) -> None:
    """Due moments, pauses and the signed time are the database's."""
    Project.objects.update(webhook_secret="s3cret")
    origin.reply("/hook", Reply(status=503))
    before = timezone.now()
    with time_machine.travel(before + timedelta(minutes=minutes), tick=True):
        outbox.notify(times.project, url=origin.url("/hook"), subject="now", body={})
        outbox.notify(times.project, url=origin.url("/hook"), subject="later", body={})
        WebhookDelivery.objects.filter(subject="now").update(due_at=before)
        dispatcher.deliver_due(seconds=0)
    (sent,) = origin.webhooks
    assert abs(int(sent.headers["webhook-timestamp"]) - before.timestamp()) < 60
    row = WebhookDelivery.objects.get(subject="now")
    assert timedelta(seconds=3) < row.due_at - before < timedelta(seconds=60)
    later = WebhookDelivery.objects.get(subject="later")
    for moment in (row.created_at, row.tries.get().at, later.due_at, later.created_at):
        assert abs(moment - before) < timedelta(seconds=60)


def test_a_post_that_is_cut_off_because_we_stop_is_no_attempt(
    times: Caller, settings: Any, origin: Origin, dispatcher: Dispatcher
) -> None:
    """FLT-3"""
    settings.WORKER_STOP_SECONDS = 0.3
    origin.reply("/hook", Reply(wait=30))
    queued(times, origin.url("/hook"))
    threading.Timer(0.2, shutdown.ask).start()
    started = time.monotonic()
    try:
        dispatcher.deliver_due()
        assert time.monotonic() - started < settings.WEBHOOK_TIMEOUT_SECONDS + 1
    finally:
        shutdown.withdraw()
    row = WebhookDelivery.objects.get()
    assert (row.state, row.claimed, row.attempts, row.tries.count()) == ("pending", False, 0, 0)
    assert row.due_at <= timezone.now()
