"""Queue webhooks: one row per message; dispatcher.py sends them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import NamedTuple

import orjson
from django.db.models import F, QuerySet

from livingdocs_import.db import bulk_copy, clock
from livingdocs_import.db.clock import from_now
from livingdocs_import.models import Project, WebhookDelivery
from livingdocs_import.validation.json_types import JSON
from livingdocs_import.webhooks.lanes import lane_of
from livingdocs_import.webhooks.notification import notify_webhook_workers
from livingdocs_import.work_queue import notification

# The receiver may request the job's status at once: not before the POST is answered (spec 7.1).
HEAD_START = timedelta(seconds=1)
AT_ONCE = 1000  # messages in memory at a time
GIVEN_UP_WITHIN = timedelta(days=7)


def notify(project: Project, *, url: str, subject: str, body: Mapping[str, object]) -> WebhookDelivery:
    """Queue one message to one address; inside the transaction that makes it true. It is sent a second later."""
    delivery = WebhookDelivery.objects.create(
        project=project,
        url=url,
        lane=lane_of(project.pk, url, ""),
        subject=subject,
        body=orjson.dumps(body).decode(),
        created_at=from_now(),
        due_at=from_now(HEAD_START),
    )
    notification.after_commit(notify_webhook_workers)
    return delivery


class Message(NamedTuple):
    """One message to a webhook of a project."""

    delivery_id: str
    webhook: str  # its handle
    url: str
    subject: str
    body: Mapping[str, JSON]


_COLUMNS = ("delivery_id", "project", "webhook", "url", "lane", "subject", "body", "state", "created_at", "due_at")


def queue(project: Project, messages: Iterable[Message]) -> None:
    """Queue many messages of a project's webhooks; inside the transaction that makes them true. They are sent at once.

    A batch is built before it is written: building a message may query the database, which is impossible during COPY.
    """
    now, rest = clock.now(), iter(messages)
    while batch := list(islice(rest, AT_ONCE)):
        rows = [
            (
                each.delivery_id, project.pk, each.webhook, each.url, lane_of(project.pk, each.url, each.webhook),
                each.subject, orjson.dumps(each.body).decode(), WebhookDelivery.State.PENDING, now, now,
            )
            for each in batch
        ]  # fmt: skip
        bulk_copy.insert(WebhookDelivery, _COLUMNS, rows)
    notification.after_commit(partial(notify_webhook_workers, delay=0.1))


def batches(deliveries: QuerySet[WebhookDelivery], *, size: int = AT_ONCE) -> Iterator[list[WebhookDelivery]]:
    """The deliveries, some at a time and without their messages; they may be sent again meanwhile."""
    rows = deliveries.select_related("project").defer("body").order_by("pk")
    last = 0
    while batch := list(rows.filter(pk__gt=last)[:size]):
        yield batch
        last = batch[-1].pk


def send_again(*deliveries: WebhookDelivery) -> int:
    """Queue the same messages once more under the same ids, whatever their state; how many these are.

    They keep their attempts and their date, and get all the time of new ones. Those that are being sent are left alone.
    One to a receiver that is switched off is attempted once.
    """
    return _queue_again(WebhookDelivery.objects.filter(pk__in=[delivery.pk for delivery in deliveries]))


def send_all_again(chosen: QuerySet[WebhookDelivery]) -> int:
    """The same for these deliveries, in one statement. Each was given up or is held, and still is so."""
    state = WebhookDelivery.State  # looked at once more when a row is locked: another operator may be first
    still = WebhookDelivery.objects.filter(state__in=[state.GIVEN_UP, state.HELD])
    return _queue_again(still.filter(pk__in=chosen.order_by().values("pk")))


def _queue_again(chosen: QuerySet[WebhookDelivery]) -> int:
    number = chosen.filter(claimed=False).update(
        state=WebhookDelivery.State.PENDING,
        due_at=from_now(),
        resent_at=from_now(),
        attempts_before=F("attempts"),
        losses=0,
        ended_at=None,
        dismissed_at=None,
        dismissed_by="",
    )
    notification.after_commit(notify_webhook_workers)
    return number


def given_up() -> QuerySet[WebhookDelivery]:
    """The deliveries that were given up, neither sent again nor dismissed."""
    return WebhookDelivery.objects.filter(state=WebhookDelivery.State.GIVEN_UP, dismissed_at__isnull=True)


def given_up_lately(now: datetime) -> QuerySet[WebhookDelivery]:
    """Those of the last seven days: older ones are taken for what will not be sent any more."""
    return given_up().filter(ended_at__gte=now - GIVEN_UP_WITHIN)


def dismiss(*deliveries: WebhookDelivery, by: str) -> int:
    """Note that these need no person any more, of those that were given up; how many these are."""
    mine = given_up().filter(pk__in=[delivery.pk for delivery in deliveries])
    return mine.update(dismissed_at=from_now(), dismissed_by=by)
