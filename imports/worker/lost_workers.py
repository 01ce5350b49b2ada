"""Items whose worker was lost: processed one at a time, so that an item that kills workers harms no other.

A download is tried in a child process first: if it kills, it kills the child.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings

from imports import handlers
from imports.claiming import due_items
from imports.claiming.fair_choice import OpenJob
from imports.handlers import CONTENT, DOWNLOADS
from imports.models import ImportItem, ImportJob
from imports.outcomes import item_outcomes, retry_policy
from imports.worker import configuration
from imports.worker.claims import Claims
from imports.worker.content import Content
from imports.worker.rehearsal import Rehearsal
from imports.worker.resources import Resources
from livingdocs_import.egress.download import Fetcher
from livingdocs_import.egress.host_limits import HostLimits
from livingdocs_import.errors import PermanentFailure
from livingdocs_import.work_queue import shutdown
from livingdocs_import.work_queue.lease import lose, release

LOOK_SECONDS = 1.0  # between two looks that find none


class WorkerLost(PermanentFailure):
    """Several workers were lost while they worked on the item."""

    cause = "worker-lost"

    def __init__(self) -> None:
        super().__init__(f"the worker was lost {retry_policy.MAX_LOSSES} times while working on this item")


@dataclass
class Trial:
    """A suspect that a child process tries."""

    item: ImportItem
    rehearsal: Rehearsal


class Suspects:
    """The items of all jobs whose worker was lost."""

    def __init__(
        self, resources: Resources, claims: Claims, content: Content, finish_downloads: Callable[[], None]
    ) -> None:
        """`finish_downloads` returns when nothing is claimed, in flight or ready any more."""
        self._jobs = resources.jobs
        self._leases = resources.leases
        self._claims = claims
        self._content = content
        self._finish_downloads = finish_downloads
        self._trial: Trial | None = None
        self._look_at = 0.0  # monotonic seconds

    @property
    def is_trying(self) -> bool:
        """Whether a child process is at work."""
        return self._trial is not None

    def look_again(self) -> None:
        """Look for suspects at the next call."""
        self._look_at = 0.0

    def do_next(self) -> bool:
        """Claim one item and do it, or have it tried, unless there was none a moment ago; whether there was one."""
        now = time.monotonic()
        if self._trial is not None or now < self._look_at:
            return False
        item = due_items.claim_suspect()
        if item is None:
            self._look_at = now + LOOK_SECONDS
            return False
        loaded = self._jobs.load(item.job_id)
        if loaded.kind in DOWNLOADS and item.losses <= retry_policy.MAX_LOSSES:
            self._try(loaded, item)
        else:
            self.do(item)
            self._jobs.changed(item.job_id)
        return True

    def finish_trial(self) -> bool:
        """Carry out the item that a child process has survived, or count one more loss; whether there was one."""
        if self._trial is None or (survived := self._trial.rehearsal.survived()) is None:
            return False
        item = self._trial.item
        self._end_trial()
        if survived:
            self.do(item)
        else:
            lose(ImportItem, [item])
        self._jobs.changed(item.job_id)
        self._look_at = 0.0
        return True

    def stop_trial(self) -> None:
        """Release the item that a child process is trying: this worker has to end."""
        if self._trial is not None:
            item = self._trial.item
            self.drop_trial()
            release(ImportItem, [item])

    def drop_trial(self) -> None:
        """Forget the item that a child process is trying."""
        if self._trial is not None:
            self._trial.rehearsal.stop()
            self._end_trial()

    def do(self, item: ImportItem) -> None:
        """Carry out one claimed item; fail it when too many workers were lost with it."""
        loaded = self._jobs.load(item.job_id)
        job = OpenJob(loaded.pk, loaded.project_id, loaded.kind)
        if item.losses > retry_policy.MAX_LOSSES:
            item_outcomes.record_outcomes(loaded, [handlers.failed(loaded, item, WorkerLost())])
        elif job.kind in CONTENT:
            self._leases.add([item])
            try:
                self._content.do_items(job, [item])
            finally:
                self._leases.remove([item])
        else:
            self._claims.start(job, loaded, [item])
            self._finish_downloads()

    def _try(self, loaded: ImportJob, item: ImportItem) -> None:
        """Have a child process do all of the item that needs neither the database nor the storage."""
        config = configuration.usable(loaded, self._jobs)
        if config is None:
            return
        self._leases.add([item])
        handler = DOWNLOADS[loaded.kind]
        prepared = handler.begin(loaded, [item])[0]

        def work() -> bool:
            # The worker's connections are not the child's.
            fetcher = Fetcher.from_settings(HostLimits(), stop_deadline=shutdown.deadline)
            handler.prepare(loaded, config, prepared, fetcher, store=False)
            return prepared.failure is None or prepared.failure.cause != "internal-error"  # such as: no memory

        cpu_seconds = settings.IMPORT_SUSPECT_CPU_SECONDS
        rehearsal = Rehearsal(
            work,
            seconds=settings.FETCH_TOTAL_SECONDS + cpu_seconds,
            cpu_seconds=cpu_seconds,
            growth=settings.IMPORT_SUSPECT_MEMORY_BYTES,
        )
        self._trial = Trial(item, rehearsal)

    def _end_trial(self) -> None:
        if self._trial is not None:
            self._leases.remove([self._trial.item])
            self._trial = None
