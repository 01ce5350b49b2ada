"""The courier: who is sent to first, and for how long."""

from datetime import timedelta

from django.utils import timezone

from livingdocs_import import delivery
from livingdocs_import.models import WebhookDelivery
from tests.cast import Caller
from tests.origin import Origin, Reply


def queued(caller: Caller, url: str, number: int = 1, *, minutes_ago: int = 0) -> None:
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
    assert WebhookDelivery.objects.filter(url__contains="dead", attempts__gt=0).count() <= delivery.EACH


def test_a_shift_ends_although_the_queue_does_not(times: Caller, origin: Origin) -> None:
    """F3: a courier that is asked to stop must not first empty the queue."""
    origin.reply("/hook", Reply(wait=0.05))
    queued(times, origin.url("/hook"), 20)
    assert 0 < delivery.deliver_due(seconds=0) < 20
    assert delivery.anything_due()
    while delivery.anything_due():
        delivery.deliver_due()
    assert len(origin.webhooks) == 20
