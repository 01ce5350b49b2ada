"""Housekeeping inside every worker process: write a heartbeat, notify workers of due work, run the chores.

Operations on many rows are carried out beside it, by every process that has nothing else of the kind in hand.

Each round is done by one process: the one that first updates its row of LastSweep, by the database's clock. So it
depends neither on the scheduler nor on a slot behind slow downloads, and no round is done twice (docs/adr/0014).
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import Error, close_old_connections, connection
from django.db.models import BooleanField, ExpressionWrapper, Q

from imports.models import LastSweep
from livingdocs_import.db.clock import from_now
from livingdocs_import.models import WorkerProcess
from livingdocs_import.operations import carrying_out
from livingdocs_import.work_queue import shutdown
from livingdocs_import.work_queue.activity import activity, memory_in_use
from livingdocs_import.work_queue.chores import of_all_apps

log = logging.getLogger(__name__)

NOTIFY_EVERY = timedelta(seconds=5)
TIDY_EVERY = timedelta(seconds=10)
PROMPT_EVERY = timedelta(seconds=3)  # chores that clients wait for: the search finds what was published
SIGN_EVERY = 10.0  # seconds
TICK = 2.0  # seconds between two checks whether a round is due
LOG_AGAIN = 60.0  # seconds after which the same error is logged again
NOTIFYING, TIDYING, DISCARDING, PROMPT, SLOW = (
    LastSweep.NOTIFYING,
    LastSweep.TIDYING,
    LastSweep.DISCARDING,
    LastSweep.PROMPT,
    LastSweep.SLOW,
)  # rows of LastSweep: when each round was last begun
MAX_DOING = 200  # characters
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

Steps = Mapping[str, Callable[[], object]]


def claim_round(row: int, every: timedelta) -> bool:
    """Whether this process may do the round now: none was begun within `every`."""
    # A time in the future was written by a process of an older version whose clock is fast.
    stale = Q(at__lte=from_now(-every)) | Q(at__gt=from_now(every))
    rounds = LastSweep.objects.filter(pk=row)
    # Usually only reads: on SQLite an UPDATE takes the write lock.
    is_stale = rounds.values_list(ExpressionWrapper(stale, output_field=BooleanField()), flat=True).first()
    if is_stale is None:
        LastSweep.objects.bulk_create([LastSweep(pk=row, at=LONG_AGO)], ignore_conflicts=True)
        return claim_round(row, every)
    return is_stale and bool(rounds.filter(stale).update(at=from_now()))


def do_rounds(notify: Callable[[], object]) -> None:
    """Do each due round, unless another process has begun it."""
    if claim_round(NOTIFYING, NOTIFY_EVERY):
        notify()
    tidy(claim_tidying(files=True))
    tidy(claim_slow())


def claim_tidying(*, files: bool) -> Steps:
    """Claim the rounds of chores for this process; with `files` also those that need the storage."""
    steps: dict[str, Callable[[], object]] = {}
    if claim_round(PROMPT, PROMPT_EVERY):
        steps |= of_all_apps().promptly()
    if claim_round(TIDYING, TIDY_EVERY):
        steps |= of_all_apps().without_files()
    if files and claim_round(DISCARDING, TIDY_EVERY):
        steps |= of_all_apps().with_files()
    return steps


def claim_slow() -> Steps:
    """Claim the round of slow chores for this process."""
    return of_all_apps().slowly() if claim_round(SLOW, TIDY_EVERY) else {}


def tidy(steps: Steps) -> None:
    """Run every step, also after one has failed."""
    for name, step in steps.items():
        if shutdown.asked():
            return
        try:
            step()
        except Error as error:
            log.warning("%s: %s", name, error)
            connection.close()
        except Exception:
            log.exception("%s", name)


class Housekeeper(threading.Thread):
    """The thread of one worker process. It ends when the process is asked to stop, and survives all errors."""

    def __init__(self, notify: Callable[[], object], *, imports: bool, webhooks: bool) -> None:
        """`notify` notifies workers of due work. `imports`, `webhooks`: the kinds of work of this process."""
        super().__init__(name="housekeeping", daemon=True)
        self._notify = notify
        self._what = {"imports": imports, "webhooks": webhooks}
        self._row = 0  # of WorkerProcess; 0: not created yet
        self._sign_at = 0.0  # monotonic seconds, like the next
        self._log_at = 0.0
        self._tidying: threading.Thread | None = None
        self._slow: threading.Thread | None = None
        self._operating: threading.Thread | None = None

    def run(self) -> None:
        while not shutdown.asked():
            try:
                close_old_connections()
                self.look()
            except Exception as error:  # a failed database or broker comes back; a failed thread would not
                self._report(error)
                connection.close()
            time.sleep(TICK)
        connection.close()

    def look(self) -> None:
        """One tick."""
        if time.monotonic() >= self._sign_at:
            self.write_heartbeat()
            self._sign_at = time.monotonic() + SIGN_EVERY
        if claim_round(NOTIFYING, NOTIFY_EVERY):
            self._notify()
        if self._tidying is None or not self._tidying.is_alive():
            # A process that only sends webhooks may run without the storage.
            self._tidying = _aside(claim_tidying(files=self._what["imports"]), "tidying")
        if self._what["imports"] and (self._slow is None or not self._slow.is_alive()):
            self._slow = _aside(claim_slow(), "slow-chores")
        if (self._operating is None or not self._operating.is_alive()) and carrying_out.any_due():
            self._operating = _aside({"operations": carrying_out.work}, "operations")

    def write_heartbeat(self) -> None:
        """Write the heartbeat of this process, and what it does."""
        facts = _activity()
        if not WorkerProcess.objects.filter(pk=self._row).update(seen_at=from_now(), **facts):
            host = socket.gethostname()[:200]
            facts |= {"started_at": from_now(), "seen_at": from_now()}
            self._row = WorkerProcess.objects.create(host=host, pid=os.getpid(), **self._what, **facts).pk

    def _report(self, error: Exception) -> None:
        if time.monotonic() >= self._log_at:
            log.warning("housekeeping: trying again in a moment", exc_info=error)
            self._log_at = time.monotonic() + LOG_AGAIN


def _activity() -> dict[str, Any]:
    process = activity()
    doing = process.now()
    return {"doing": doing.what[:MAX_DOING], "job": doing.job, "pace": process.pace(), "memory": memory_in_use()}


def _aside(steps: Steps, name: str) -> threading.Thread | None:
    """Run chores in a thread of their own: a hanging storage must delay neither heartbeats nor notifications."""
    if not steps:
        return None
    thread = threading.Thread(target=_tidy_and_close, args=(steps,), name=name, daemon=True)
    thread.start()
    return thread


def _tidy_and_close(steps: Steps) -> None:
    try:
        tidy(steps)
    finally:
        connection.close()
