"""The order of due messages: each webhook of each project has a lane of its own to a receiver.

However long one lane is, the others are found without reading it: an import of ten thousand documents delays neither
the webhooks of other receivers nor those of other projects to the same one.
"""

import heapq
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from livingdocs_import.db import clock
from livingdocs_import.models import WebhookDelivery
from livingdocs_import.webhooks.concurrency import INVALID, SlotKey, WebhookSlots, receiver_name


def lane_of(project_id: int, url: str, handle: str) -> str:
    """The lane of a message; `handle` is the project's webhook, "" for the webhook of a job."""
    return f"{project_id} {receiver_name(url)} {handle}"


def slot_key_of(lane: str) -> SlotKey:
    """The key of the slots for messages of this lane."""
    project_id, _, rest = lane.partition(" ")
    return SlotKey(rest.partition(" ")[0] or INVALID, int(project_id or 0))


# Each step seeks the next lane in the index; the rows in between are not read.
_LANES = """
    WITH RECURSIVE lanes (lane) AS (
        SELECT (SELECT lane FROM livingdocs_import_webhookdelivery WHERE due_at IS NOT NULL ORDER BY lane LIMIT 1)
        UNION ALL
        SELECT (
            SELECT lane FROM livingdocs_import_webhookdelivery
            WHERE due_at IS NOT NULL AND lane > lanes.lane ORDER BY lane LIMIT 1
        )
        FROM lanes WHERE lane IS NOT NULL
    )
    SELECT lane, (
        SELECT due_at FROM livingdocs_import_webhookdelivery AS delivery
        WHERE due_at IS NOT NULL AND delivery.lane = lanes.lane ORDER BY due_at LIMIT 1
    )
    FROM lanes WHERE lane IS NOT NULL
"""


def due() -> list[tuple[datetime, str]]:
    """The lanes with due messages and the times since when they are due, longest waiting first."""
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_LANES)
        rows = [(_moment(due_at), str(lane)) for lane, due_at in cursor.fetchall() if due_at is not None]
    return sorted((due_at, lane) for due_at, lane in rows if due_at <= now)


def _moment(value: str | datetime) -> datetime:
    """SQLite returns text."""
    field = WebhookDelivery._meta.get_field("due_at")
    for convert in connection.ops.get_db_converters(field.get_col(WebhookDelivery._meta.db_table)):
        value = convert(value, field, connection)
    assert isinstance(value, datetime)
    return value


def in_turn(
    lanes: Iterable[tuple[datetime, str]], slots: WebhookSlots, under_way: Counter[str], limit: int
) -> Counter[str]:
    """The number of messages to send next in each lane: one of each before a second one of any, oldest lanes first."""
    waiting = [(under_way[lane], due_at, lane) for due_at, lane in lanes]
    heapq.heapify(waiting)
    chosen: Counter[str] = Counter()
    while waiting and chosen.total() < limit:
        number, due_at, lane = heapq.heappop(waiting)
        if slots.take(slot_key_of(lane)):
            chosen[lane] += 1
            heapq.heappush(waiting, (number + 1, due_at, lane))
    return chosen
