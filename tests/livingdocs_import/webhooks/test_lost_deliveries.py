"""A delivery that kills the sending process each time is given up, and affects no other."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from livingdocs_import.db.clock import from_now
from livingdocs_import.models import WebhookDelivery
from livingdocs_import.webhooks import outbox
from livingdocs_import.webhooks.dispatcher import Dispatcher
from tests.api_client import Caller
from tests.operators import operator
from tests.origin import Origin, Reply

NOTE = "not tried again: 3 processes were lost while sending it; the receiver may have got it"


def queued(caller: Caller, url: str, subject: str = "s") -> WebhookDelivery:
    row = outbox.notify(caller.project, url=url, subject=subject, body={})
    WebhookDelivery.objects.filter(pk=row.pk).update(due_at=from_now())
    return row


def lose_process() -> Sequence[WebhookDelivery]:
    """A process claims what is due as any does, and is never heard of again; what it had."""
    claimed = Dispatcher().claim([], quick_only=False)
    end_leases()
    return claimed


def end_leases() -> None:
    WebhookDelivery.objects.filter(claimed=True).update(due_at=from_now(-timedelta(seconds=1)))


def lost_with(row: WebhookDelivery, times: int) -> None:
    """So many processes in a row were lost with this delivery, and it waits for the next one."""
    WebhookDelivery.objects.filter(pk=row.pk).update(losses=times - 1, claimed=True)
    end_leases()


def test_a_delivery_with_which_three_processes_were_lost_is_given_up(
    times: Caller, origin: Origin, caplog: pytest.LogCaptureFixture, dispatcher: Dispatcher
) -> None:
    row = queued(times, origin.url("/hook"))
    lost_with(row, 3)
    assert dispatcher.deliver_due(seconds=0) == 0
    row.refresh_from_db()
    assert (row.state, row.claimed, row.due_at, row.attempts) == ("given up", False, None, 0)
    assert row.ended_at is not None
    assert [attempt.error for attempt in row.tries.all()] == [NOTE]
    assert origin.webhooks == []
    assert f"webhook {row.delivery_id}: {NOTE}" in caplog.text
    page = operator().get(f"/admin/livingdocs_import/webhookdelivery/{row.pk}/change/").content.decode()
    assert NOTE in page
    assert "Processes lost while sending" in page


def test_one_that_was_lost_twice_is_sent_after_all(times: Caller, origin: Origin, dispatcher: Dispatcher) -> None:
    row = queued(times, origin.url("/hook"))
    lost_with(row, 2)
    assert dispatcher.deliver_due(seconds=0) == 1
    row.refresh_from_db()
    assert (row.state, row.losses) == ("delivered", 0)


def test_an_attempt_that_ends_shows_that_it_was_not_the_cause(
    times: Caller, origin: Origin, dispatcher: Dispatcher
) -> None:
    """Processes that are killed now and then in the course of a day do not add up."""
    origin.reply("/hook", Reply(status=503))
    row = queued(times, origin.url("/hook"))
    lost_with(row, 2)
    dispatcher.deliver_due(seconds=0)
    row.refresh_from_db()
    assert (row.state, row.attempts, row.losses) == ("pending", 1, 0)


def test_neighbours_of_a_delivery_that_kills_are_delivered(
    times: Caller, origin: Origin, dispatcher: Dispatcher
) -> None:
    """It takes them along twice; then each is sent alone, and only the culprit loses a third process."""
    queued(times, origin.url("/first"))
    dispatcher.deliver_due(seconds=0)  # known to be quick: four at once
    rows = [queued(times, origin.url(f"/{number}")) for number in range(4)]
    assert [len(lose_process()) for _ in range(2)] == [4, 4]
    assert lose_process() == []
    lost_with(rows[2], 3)
    dispatcher.deliver_due(seconds=0)
    states = [row.state for row in WebhookDelivery.objects.order_by("pk")[1:]]
    assert states == ["delivered", "delivered", "given up", "delivered"]
    assert [len(origin.asked(f"/{number}")) for number in range(4)] == [1, 1, 0, 1]


def test_one_that_was_given_up_can_be_sent_again(times: Caller, origin: Origin, dispatcher: Dispatcher) -> None:
    row = queued(times, origin.url("/hook"))
    lost_with(row, 3)
    dispatcher.deliver_due(seconds=0)
    outbox.send_again(row)
    dispatcher.deliver_due(seconds=0)
    row.refresh_from_db()
    assert (row.state, row.attempts, row.losses) == ("delivered", 1, 0)
