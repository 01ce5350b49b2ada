"""Workers for tests: one that does everything that is due, one that claims and dies, one that is late."""

from datetime import timedelta

from imports.models import ImportItem
from imports.worker import Worker
from livingdocs_import.db.clock import from_now

LEASE = timedelta(seconds=30)


def drain() -> bool:
    """Carry out everything that is due, as a process of its own would; whether there was anything."""
    return Worker().run_until_idle()


def claim(limit: int = 1) -> list[ImportItem]:
    """Claim items in request order, as a worker does that dies, or dawdles, afterwards."""
    fresh = ImportItem.objects.filter(claimed=False, blocked_by__isnull=True)
    return fresh.order_by("position").claim(limit, lease=LEASE)


def claim_lost() -> list[ImportItem]:
    """Claim what another worker was lost with, one item at a time."""
    lost = ImportItem.objects.filter(claimed=True, blocked_by__isnull=True)
    return lost.order_by("due_at", "position").claim(1, lease=LEASE)


def end_leases() -> None:
    """Let as much time pass as makes a silent worker count as dead."""
    ImportItem.objects.filter(claimed=True).update(due_at=from_now(-timedelta(seconds=1)))


def do_late(items: list[ImportItem]) -> None:
    """Carry out items that were claimed some time ago."""
    worker = Worker()
    for item in items:
        worker.do_alone(item)


def item_states() -> list[tuple[str, bool, int, int]]:
    """Outcome, whether it is held, counted tries and lost workers of all items, in request order."""
    rows = ImportItem.objects.order_by("position")
    return [(item.outcome, item.claimed, item.attempts, item.losses) for item in rows]
