"""How well receivers took their deliveries in the last 30 days, and how many wait for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from livingdocs_import.models import ProjectReceiver, ReceiverDay, WebhookDelivery

State = WebhookDelivery.State


@dataclass(frozen=True)
class ReceiverRate:
    """Deliveries to a receiver: in 30 days `delivered` and given up, and now open ones.

    `waiting` are pending, `again` of these after a failed attempt; `given_up` were neither sent again nor dismissed.
    `milliseconds`: of the average answer; None: no answer.
    """

    delivered: int = 0
    ended: int = 0
    waiting: int = 0
    again: int = 0
    held: int = 0
    given_up: int = 0
    milliseconds: int | None = None

    @property
    def of(self) -> int:
        """The deliveries of which a part was taken: those that ended, and those that failed and are tried again."""
        return self.ended + self.again

    @property
    def percent(self) -> float | None:
        """Rounded down, so that 100 means all; None: there were none."""
        return 1000 * self.delivered // self.of / 10 if self.of else None


def rates(receivers: Sequence[ProjectReceiver], now: datetime) -> dict[int, ReceiverRate]:
    """The rate of each receiver, by its primary key. Two queries: of their days, and of what is open for them."""
    days = ReceiverDay.objects.filter(receiver__in=receivers, day__gt=(now - ReceiverDay.KEPT_FOR).date())
    sums = (
        days.order_by()
        .values("receiver")
        .annotate(delivered=Sum("delivered"), ended=Sum("given_up"), answered=Sum("answered"), took=Sum("milliseconds"))
    )
    counted: dict[int, Mapping[str, Any]] = {row["receiver"]: {**row} for row in sums}
    waits = _open(receivers)
    return {each.pk: _rate(counted.get(each.pk, {}), waits.get(each.lane, {})) for each in receivers}


def with_days(receivers: QuerySet[ProjectReceiver], now: datetime) -> list[tuple[ProjectReceiver, int, int]]:
    """Each receiver with its deliveries of 30 days that were taken, and all that ended. One query."""
    rated = Q(days__day__gt=(now - ReceiverDay.KEPT_FOR).date())
    rows: Any = receivers.annotate(
        delivered=Sum("days__delivered", filter=rated, default=0), ended=Sum("days__given_up", filter=rated, default=0)
    )
    return [(row, row.delivered, row.delivered + row.ended) for row in rows]


def _open(receivers: Sequence[ProjectReceiver]) -> dict[str, dict[str, Any]]:
    """What waits, was given up or is held, by lane: each state has an index of its own."""
    given_up = Q(state=State.GIVEN_UP, dismissed_at__isnull=True)
    mine = WebhookDelivery.objects.filter(lane__in=[each.lane for each in receivers])
    pending = Q(due_at__isnull=False)
    rows: Any = (
        mine.filter(pending | given_up | Q(state=State.HELD))
        .order_by()
        .values("lane")
        .annotate(
            waiting=Count("pk", filter=pending),
            again=Count("pk", filter=pending & Q(attempts__gt=0)),
            held=Count("pk", filter=Q(state=State.HELD)),
            given_up=Count("pk", filter=given_up),
        )
    )
    return {row["lane"]: {name: row[name] for name in ("waiting", "again", "held", "given_up")} for row in rows}


def _rate(days: Mapping[str, Any], waits: Mapping[str, Any]) -> ReceiverRate:
    delivered, answered = days.get("delivered") or 0, days.get("answered") or 0
    return ReceiverRate(
        delivered=delivered,
        ended=delivered + (days.get("ended") or 0),
        milliseconds=round((days.get("took") or 0) / answered) if answered else None,
        **waits,
    )
