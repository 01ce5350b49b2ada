"""Webhooks that wait or were given up, by receiver."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet

from imports.monitoring.facts import Queue, ReceiverTrouble, SwitchedOff
from imports.monitoring.queues import claimed_now
from livingdocs_import.admin import readable
from livingdocs_import.models import ProjectWebhook, WebhookDelivery
from livingdocs_import.models.project_scope import EVERYTHING, ProjectScope
from livingdocs_import.webhooks import dispatcher

GIVEN_UP_WITHIN = timedelta(days=7)  # older ones are taken for what will not be sent any more
MAX_LISTED = 10  # receivers
MAX_RECEIVERS = 1_000  # receivers with something waiting or given up that are looked at


@dataclass(frozen=True)
class Deliveries:
    """The queue of webhooks. `again`: wait for another try; `next_try`: the time until the next of these."""

    queue: Queue
    again: int
    given_up: int
    next_try: timedelta | None
    receivers: list[ReceiverTrouble]


def given_up(now: datetime, projects: ProjectScope = EVERYTHING) -> QuerySet[WebhookDelivery]:
    """The deliveries that were given up lately and not sent again."""
    lately = Q(state=WebhookDelivery.State.GIVEN_UP, ended_at__gte=now - GIVEN_UP_WITHIN)
    return WebhookDelivery.objects.filter(lately, projects.within("project"))


def deliveries(now: datetime, last_attempt: datetime | None, projects: ProjectScope = EVERYTHING) -> Deliveries:
    """One query, which reads what waits and what was given up, whatever was delivered."""
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
        next_try=None if next_try is None else max(next_try - now, timedelta(0)),
        receivers=_receivers(rows, now),
    )


def _by_lane(now: datetime, projects: ProjectScope) -> list[dict[str, Any]]:
    pending, again = Q(due_at__isnull=False), Q(due_at__isnull=False, attempts__gt=0)
    ended = Q(state=WebhookDelivery.State.GIVEN_UP, ended_at__gte=now - GIVEN_UP_WITHIN)
    found: Any = WebhookDelivery.objects.filter(pending | ended, projects.within("project"))
    return list(
        found.values("project__handle", "project__label", "lane")
        .annotate(
            url=Max("url"),
            pending=Count("pk", filter=pending),
            again=Count("pk", filter=again),
            given_up=Count("pk", filter=ended),
            in_hand=Count("pk", filter=claimed_now(now, dispatcher.lease())),
            oldest=Min("due_at", filter=Q(due_at__lte=now)),
            next_try=Min("due_at", filter=again),
            since=Min("created_at", filter=ended),
        )
        .order_by("-given_up", "-again", "lane")[:MAX_RECEIVERS]
    )


def _receivers(rows: Sequence[dict[str, Any]], now: datetime) -> list[ReceiverTrouble]:
    troubled = [row for row in rows if row["given_up"] or row["again"]]
    return [
        ReceiverTrouble(
            receiver=readable.url(row["url"]),
            project=row["project__label"] or row["project__handle"],
            given_up=row["given_up"],
            again=row["again"],
            span=None if row["since"] is None else now - row["since"],
        )
        for row in troubled[:MAX_LISTED]
    ]


def failing_webhooks(projects: ProjectScope = EVERYTHING) -> list[ProjectWebhook]:
    """Of projects' webhooks: switched off, or with an exhausted delivery. A row for each that fails: few."""
    gone = Q(switched_off_at__isnull=False) | Q(exhausted_at__isnull=False)
    found = ProjectWebhook.objects.filter(gone, projects.within("project")).select_related("project")
    return list(found.order_by("-failing_since")[:MAX_LISTED])


def switched_off(webhook: ProjectWebhook, now: datetime) -> SwitchedOff:
    """The fact about such a webhook."""
    since = webhook.failing_since or webhook.switched_off_at or now
    return SwitchedOff(str(webhook), webhook.project_id, webhook.switched_off_at is not None, now - since)
