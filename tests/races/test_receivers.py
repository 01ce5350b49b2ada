"""Receivers are switched off while several processes claim and record: nothing is sent afterwards, nothing is lost."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from livingdocs_import.egress.post import Posted
from livingdocs_import.models import ProjectReceiver, ReceiverDay, WebhookAttempt, WebhookDelivery
from livingdocs_import.webhooks import outbox, receivers
from livingdocs_import.webhooks.dispatcher import Dispatcher, record
from tests.api_client import Caller, make_project
from tests.origin import Origin
from tests.queued_webhooks import queued

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
SideBySide = Callable[[Sequence[Callable[[], Any]]], list[Any]]


@pytest.fixture
def caller(transactional_db: None) -> Caller:
    return Caller(make_project("races"))


def no_errors(results: list[Any]) -> None:
    assert [result for result in results if isinstance(result, Exception)] == []


def test_each_delivery_is_either_sent_or_held_when_a_receiver_is_switched_off_meanwhile(
    caller: Caller, origin: Origin, side_by_side: SideBySide
) -> None:
    for number in range(5):
        url = origin.url(f"/hook-{number}")
        WebhookDelivery.objects.all().delete()
        receiver = receivers.receiver_for(caller.project.pk, url, "")
        receivers.switch_on(receiver)
        queued(caller, url, number=60)
        dispatchers = [Dispatcher() for _ in range(3)]
        calls: list[Callable[[], Any]] = [lambda d=d: d.deliver_due(seconds=5) for d in dispatchers]  # type: ignore[misc]
        no_errors(side_by_side([*calls, lambda receiver=receiver: receivers.switch_off(receiver, by="ines")]))
        off_at = ProjectReceiver.objects.get(pk=receiver.pk).switched_off_at
        states = Counter(WebhookDelivery.objects.values_list("state", flat=True))
        assert states["delivered"] + states["held"] == 60, states
        assert len(origin.asked(f"/hook-{number}")) == states["delivered"]
        # Only attempts that were under way end afterwards: no more than the processes have slots for.
        late = WebhookAttempt.objects.filter(at__gt=off_at, delivery__url=url).count()
        assert late <= 3 * 4


def test_the_processes_that_record_attempts_count_each_of_them(caller: Caller, side_by_side: SideBySide) -> None:
    """Four processes make the row of the receiver and of the day, and lose no attempt."""
    for _ in range(5):
        ProjectReceiver.objects.all().delete()
        queued(caller, "https://a.example/hook", number=8)
        waiting = WebhookDelivery.objects.filter(state="pending").select_related("project")
        claimed = waiting.claim(8, lease=timedelta(minutes=1))
        no_errors(side_by_side([lambda one=one: record(one, Posted(200, 5, "", None)) for one in claimed]))
        day = ReceiverDay.objects.get()
        assert (day.delivered, day.answered, day.milliseconds) == (8, 8, 40)
        assert ProjectReceiver.objects.get().statuses == [200] * 8


def test_switching_off_and_recording_do_not_deadlock(caller: Caller, side_by_side: SideBySide) -> None:
    for _ in range(5):
        WebhookDelivery.objects.all().delete()
        queued(caller, "https://a.example/hook", number=20)
        receiver = receivers.receiver_for(caller.project.pk, "https://a.example/hook", "")
        receivers.switch_on(receiver)
        claimed = WebhookDelivery.objects.select_related("project").claim(10, lease=timedelta(minutes=1))
        calls: list[Callable[[], Any]] = [lambda one=one: record(one, Posted(503, 5, "", None)) for one in claimed]  # type: ignore[misc]
        no_errors(side_by_side([*calls, lambda receiver=receiver: receivers.switch_off(receiver, by="ines")]))
        WebhookDelivery.objects.filter(state="pending").update(due_at=timezone.now())
        receiver.refresh_from_db()
        receivers.hold_due([receiver])
        assert set(WebhookDelivery.objects.values_list("state", flat=True)) == {"held"}


def test_what_is_sent_again_by_two_operators_is_queued_once(caller: Caller, side_by_side: SideBySide) -> None:
    queued(caller, "https://a.example/hook", number=10)
    WebhookDelivery.objects.update(state="given up", due_at=None, ended_at=timezone.now())
    chosen = outbox.given_up()
    numbers = side_by_side([lambda: outbox.send_all_again(chosen)] * 2)
    no_errors(numbers)
    assert sum(numbers) == 10


def test_what_is_dismissed_by_one_and_sent_again_by_another_is_either(caller: Caller, side_by_side: SideBySide) -> None:
    for _ in range(5):
        WebhookDelivery.objects.all().delete()
        queued(caller, "https://a.example/hook")
        WebhookDelivery.objects.update(state="given up", due_at=None, ended_at=timezone.now())
        delivery = WebhookDelivery.objects.get()
        no_errors(
            side_by_side(
                [
                    lambda delivery=delivery: outbox.dismiss(delivery, by="ines"),
                    lambda delivery=delivery: outbox.send_again(delivery),
                ]
            )
        )
        delivery.refresh_from_db()
        assert (delivery.state, delivery.dismissed_at) == ("pending", None)
