"""Which webhook receivers are quick or slow, shared between processes through the database.

A row is written when a receiver is new or changes between quick and slow, and read once a second by processes that
send. Without it each new process would treat every receiver as unknown.
"""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from livingdocs_import.db.clock import from_now
from livingdocs_import.models import WebhookReceiver
from livingdocs_import.webhooks.concurrency import INVALID, MAX_REMEMBERED, Receivers

READ_EVERY = 1.0  # seconds
# Rows are stamped when they are written, and seen when that transaction ends: what is a little older is read again.
OVERLAP = timedelta(seconds=5)


class KnownReceivers(Receivers):
    """The receivers, with what other processes know of them."""

    _read_at = -READ_EVERY  # monotonic seconds
    _newest: datetime | None = None  # of what was read; null: nothing was

    def refresh(self) -> None:
        """Take in what others have written since the last time."""
        if time.monotonic() < self._read_at + READ_EVERY:
            return
        rows = WebhookReceiver.objects.order_by("-changed_at")
        if self._newest is not None:
            rows = rows.filter(changed_at__gte=self._newest - OVERLAP)
        changed = list(rows.values_list("name", "quick", "changed_at")[:MAX_REMEMBERED])
        for name, quick, changed_at in reversed(changed):
            self.learn(name, quick=quick)
            self._newest = changed_at
        self._read_at = time.monotonic()

    def tell(self, receivers: Sequence[str]) -> None:
        """Write what is known of these, for others to read."""
        rows = {
            name: WebhookReceiver(name=name, quick=self.is_quick(name), changed_at=from_now()) for name in receivers
        }
        rows.pop(INVALID, None)
        WebhookReceiver.objects.bulk_create(
            [rows[name] for name in sorted(rows)],  # sorted: two processes must not wait for each other's rows
            update_conflicts=True,
            unique_fields=["name"],
            update_fields=["quick", "changed_at"],
        )
