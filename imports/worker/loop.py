"""The worker's loop: collect finished downloads, write ready items, claim as many as there are slots, and wait."""

import logging
import time

from django.db import Error, connection, reset_queries

from imports.models import ImportItem
from imports.outcomes.claim_refunds import PATIENCE, is_outage
from imports.worker.batches import Batches
from imports.worker.claims import Claims
from imports.worker.document_chunks import ContentItems
from imports.worker.downloads import DownloadThreads
from imports.worker.health import Health
from imports.worker.lost_workers import Suspects
from imports.worker.results import Results
from imports.worker.shared_objects import Resources
from imports.worker.time_slice import Phase, TimeSlice
from imports.worker.window import Window
from livingdocs_import.work_queue import shutdown
from livingdocs_import.work_queue.activity import Doing, activity
from livingdocs_import.work_queue.lease import release

log = logging.getLogger(__name__)

TIME_SLICE_SECONDS = 5.0  # seconds for which one message makes a worker claim
IDLE_SECONDS = 0.1  # seconds between two polls while downloads are in flight
SHORTEST_PAUSE = 0.001  # seconds


class Worker:
    """The state of one process, kept from one time slice to the next. Used by one thread at a time."""

    def __init__(self, resources: Resources | None = None) -> None:
        """`resources` are made as the settings say, if none are given."""
        resources = resources or Resources.from_settings()
        self.jobs = resources.jobs
        self._leases = resources.leases
        self._refunds = resources.refunds
        self._threads = DownloadThreads(resources.fetcher)
        self._window = Window(resources.limits, self._threads)
        self._health = Health(resources)
        self._results = Results(resources, self._window, self._threads, self._health)
        self._batches = Batches(resources, self._window)
        self._claims = Claims(resources, self._window)
        self._content = ContentItems(resources)
        self._suspects = Suspects(resources, self._claims, self._content, self._finish_downloads)
        self._outage_since: float | None = None  # monotonic seconds; None: the database works
        activity().watch("imports", self.doing)

    def run(self, *, seconds: float = TIME_SLICE_SECONDS) -> bool:
        """Claim and process for about `seconds`, and finish started work; True if there is more to do."""
        with self._leases.renewed():
            return self._run(seconds)

    def run_until_idle(self) -> bool:
        """Run everything that is due now; returns whether there was anything."""
        with self._leases.renewed():
            return self._run(None)

    def doing(self) -> Doing | None:
        """What this process imports at the moment; for another thread."""
        return self._content.doing or self._window.doing()

    def do_alone(self, item: ImportItem) -> None:
        """Run one claimed item alone; fail it if too many workers were lost with it."""
        self._suspects.do(item)

    def step(self, phase: Phase = Phase.CLAIM) -> bool:
        """One round of everything that this phase allows; returns whether anything was done.

        Items whose worker was lost are handled when this process has no others.
        """
        reset_queries()
        progress = self._suspects.finish_trials(may_be_alone=not self._window.jobs)
        if phase is Phase.CLAIM and not self._window.jobs:
            progress |= self._suspects.do_next()
        progress |= self._results.collect()
        self._health.sync_when_due()
        progress |= self._window.start_claimed()
        jobs = self.jobs.all() if phase in (Phase.CLAIM, Phase.CLAIM_AT_QUICK_HOSTS) else []
        progress |= self._claims.claim(jobs, quick_only=phase is Phase.CLAIM_AT_QUICK_HOSTS)
        progress |= bool(jobs) and self._content.do_next(jobs)
        return progress | self._batches.write_due()

    def _run(self, seconds: float | None) -> bool:
        time_slice = TimeSlice(seconds, self._window.items_in_flight(), lambda: self._suspects.is_trying)
        worked = False
        self.jobs.expire()
        self._suspects.expire()
        while True:
            phase = time_slice.phase()
            try:
                self._refunds.refund_all()
                if phase is Phase.RELEASE:
                    self._release_claimed()
                progress = self.step(phase)
            except Error as error:
                self._survive(error)
                continue
            except Exception:
                # A bug: the leases of claimed items expire, and each is claimed alone next time.
                self._drop_all()
                raise
            self._outage_since = None
            worked |= progress
            if self._claims.has_more and not progress:
                continue
            if self._window.jobs or self._suspects.is_trying:
                if not progress:
                    self._wait()
                continue
            self._refund_forgotten()
            if time_slice.is_over:
                return shutdown.asked() or self._more_soon()
            if not progress and self.jobs.are_fresh:
                if seconds is None:
                    return worked
                if not self._more_soon():
                    return False
                time.sleep(IDLE_SECONDS)
            elif not progress:
                self.jobs.expire()

    def _more_soon(self) -> bool:
        """Whether there is work that has to wait a little: for a host, a dependency, or a retry."""
        return self._results.expects_retries() or self.jobs.any()

    def _wait(self) -> None:
        """Until a download has ended, a batch is due, a download is no longer busy, or it is time to poll."""
        now = time.monotonic()
        moments = [*self._batches.due(), *self._window.busy_until()]
        soonest = min((moment - now for moment in moments if moment > now), default=IDLE_SECONDS)
        self._threads.wait(min(max(soonest, SHORTEST_PAUSE), IDLE_SECONDS))

    def _finish_downloads(self) -> None:
        while self._window.jobs:
            if not (self._results.collect() or self._batches.write_due() or self._window.start_claimed()):
                self._wait()

    def _release_claimed(self) -> None:
        self._suspects.stop_trials()
        for active in list(self._window.jobs.values()):
            items = [download.item for download in active.claimed]
            release(ImportItem, items)
            self._leases.remove(items)
            self._window.remove_claimed(active)

    def _refund_forgotten(self) -> None:
        """Claims that have a lease and are in no window were lost by an error: they are refunded."""
        if items := self._leases.rows():
            self._leases.remove(items)
            self._refunds.add(items)

    def _survive(self, error: Error) -> None:
        """Wait through a short outage of the database and keep everything; raise any other error."""
        if not is_outage(error):
            self._drop_all()
            raise error
        log.warning("the database is away: %s", error)
        if self._outage_since is None:
            self._outage_since = time.monotonic()
        connection.close()  # one opened to a read-only standby would stay read-only
        try:
            if time.monotonic() - self._outage_since > PATIENCE:
                raise error
            self._refunds.wait_for_database(self._outage_since)
        except Error:
            self._refunds.add(self._leases.rows())
            self._drop_all()
            raise

    def _drop_all(self) -> None:
        """Drop everything without writing to the database."""
        self._leases.remove(self._leases.rows())
        self._window.drop_all()
        self._suspects.drop_trials()
