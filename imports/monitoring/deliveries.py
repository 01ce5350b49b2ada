"""Webhooks that wait, were given up or are held, by receiver."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet

from imports.monitoring.facts import Queue, ReceiverTrouble, SwitchedOff
from imports.monitoring.queues import claimed_now
from livingdocs_import.admin import readable
from livingdocs_import.models import ProjectReceiver, WebhookDelivery
from livingdocs_import.models.project_scope import EVERYTHING, ProjectScope
from livingdocs_import.webhooks import dispatcher, outbox
from livingdocs_import.webhooks.receiver_rates import ReceiverRate, with_days

MAX_LISTED = 10  # receivers
MAX_RECEIVERS = 1_000  # receivers with something waiting or given up that are looked at


@dataclass(frozen=True)
class Deliveries:
    """The queue of webhooks. `again`: wait for another try; `next_try`: the time until the next of these.

    `given_up` and `dismissed`: within seven days, and not sent again. `held`: their receiver is switched off.
    """

    queue: Queue
    again: int
    given_up: int
    dismissed: int
    held: int
    next_try: timedelta | None
    receivers: list[ReceiverTrouble]


def given_up(now: datetime, projects: ProjectScope = EVERYTHING) -> QuerySet[WebhookDelivery]:
    """The deliveries that were given up lately, neither sent again nor dismissed."""
    return outbox.given_up_lately(now).filter(projects.within("project"))


def deliveries(now: datetime, last_attempt: datetime | None, projects: ProjectScope = EVERYTHING) -> Deliveries:
    """One query, which reads what waits, was given up or is held, and one about a few receivers."""
    rows = _by_lane(now, projects)
    oldest = min((row["oldest"] for row in rows if row["oldest"] is not None), default=None)
    next_try = min((row["next_try"] for row in rows if row["next_try"] is not None), default=None)
    taken = None if last_attempt is None else max(now - last_attempt, timedelta(0))
    queue = Queue(
        waits=None if oldest is None else now - oldest,
        taken=timedelta(0) if any(row["in_hand"] for row in rows) else taken,
        depth=sum(row["pending"] for row in rows),
    )
    return Deliveries(
        queue=queue,
        again=sum(row["again"] for row in rows),
        given_up=sum(row["given_up"] for row in rows),
        dismissed=sum(row["dismissed"] for row in rows),
        held=sum(row["held"] for row in rows),
        next_try=None if next_try is None else max(next_try - now, timedelta(0)),
        receivers=_receivers(rows, now),
    )


def _by_lane(now: datetime, projects: ProjectScope) -> list[dict[str, Any]]:
    pending, again = Q(due_at__isnull=False), Q(due_at__isnull=False, attempts__gt=0)
    ended = Q(state=WebhookDelivery.State.GIVEN_UP, ended_at__gte=now - outbox.GIVEN_UP_WITHIN)
    held, is_open = Q(state=WebhookDelivery.State.HELD), Q(dismissed_at__isnull=True)
    found: Any = WebhookDelivery.objects.filter(pending | ended | held, projects.within("project"))
    return list(
        found.values("project__handle", "project__label", "lane")
        .annotate(
            url=Max("url"),
            pending=Count("pk", filter=pending),
            again=Count("pk", filter=again),
            given_up=Count("pk", filter=ended & is_open),
            dismissed=Count("pk", filter=ended & ~is_open),
            held=Count("pk", filter=held),
            in_hand=Count("pk", filter=claimed_now(now, dispatcher.lease())),
            oldest=Min("due_at", filter=Q(due_at__lte=now)),
            next_try=Min("due_at", filter=again),
            since=Min("created_at", filter=ended & is_open),
        )
        .order_by("-given_up", "-again", "-held", "lane")[:MAX_RECEIVERS]
    )


def _receivers(rows: Sequence[dict[str, Any]], now: datetime) -> list[ReceiverTrouble]:
    troubled = [row for row in rows if row["given_up"] or row["again"] or row["held"]][:MAX_LISTED]
    receivers = ProjectReceiver.objects.filter(lane__in=[row["lane"] for row in troubled])
    known = {each.lane: (each, delivered, ended) for each, delivered, ended in with_days(receivers, now)}
    found = []
    for row in troubled:
        trouble = ReceiverTrouble(
            receiver=readable.url(row["url"]),
            project=row["project__label"] or row["project__handle"],
            handle=row["project__handle"],
            given_up=row["given_up"],
            again=row["again"],
            held=row["held"],
            span=None if row["since"] is None else now - row["since"],
        )
        if row["lane"] in known:
            receiver, delivered, ended = known[row["lane"]]
            percent = ReceiverRate(delivered=delivered, ended=ended, again=row["again"]).percent
            trouble = replace(trouble, key=receiver.pk, percent=percent, statuses=tuple(receiver.statuses))
            if trouble.given_up:
                trouble = replace(trouble, **_failing(receiver, now))
        found.append(trouble)
    return found


def _failing(receiver: ProjectReceiver, now: datetime) -> dict[str, Any]:
    if receiver.failing_since is not None:
        return {"span": max(now - receiver.failing_since, timedelta(0))}
    return {"answers": True, "span": None} if receiver.statuses else {}


def failing_receivers(projects: ProjectScope = EVERYTHING) -> list[ProjectReceiver]:
    """Receivers that are switched off, or have an exhausted delivery: few."""
    gone = Q(switched_off_at__isnull=False) | Q(exhausted_at__isnull=False)
    found = ProjectReceiver.objects.filter(gone, projects.within("project")).select_related("project")
    return list(found.order_by("switched_off_by", "-failing_since")[:MAX_LISTED])


def switched_off(receiver: ProjectReceiver, now: datetime) -> SwitchedOff:
    """The fact about such a receiver. One that an operator has switched off needs no person."""
    since = receiver.failing_since or receiver.switched_off_at or now
    off = receiver.is_switched_off and not receiver.switched_off_by
    return SwitchedOff(str(receiver), receiver.project_id, off, now - since)
