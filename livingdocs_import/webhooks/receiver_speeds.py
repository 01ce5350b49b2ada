"""Share between processes, through the database, which webhook receivers are quick or slow.

A row is written when a receiver is new or changes between quick and slow, and processes that send read changes once a
second. Without it each new process would treat every receiver as unknown.
"""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from livingdocs_import.db.clock import from_now
from livingdocs_import.models import WebhookReceiver
from livingdocs_import.webhooks.concurrency import INVALID, MAX_REMEMBERED, ReceiverLimits

READ_EVERY = 1.0  # seconds
# Rows are stamped on write, but visible only after the commit: slightly older ones are read again.
OVERLAP = timedelta(seconds=5)


class KnownReceivers(ReceiverLimits):
    """The receivers' speeds, including those measured by other processes."""

    _read_at = -READ_EVERY  # monotonic seconds
    _newest: datetime | None = None  # row that was read

    def refresh(self) -> None:
        """Read what others have written since the last call."""
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

    def share(self, receivers: Sequence[str]) -> None:
        """Store the speeds of these receivers for other processes."""
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
