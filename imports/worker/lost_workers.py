"""Items whose worker was lost: one that kills workers is found, and affects no other.

A download is tried in a child process first, which it may kill instead of the worker. Survivors continue with others;
items lost too often with others, and those that cannot be tried, run alone.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings

from imports.claiming import due_items
from imports.claiming.fair_choice import OpenJob
from imports.handlers import kinds
from imports.handlers.kinds import DOWNLOADS, is_downloaded
from imports.models import ImportItem, ImportJob
from imports.outcomes import item_outcomes, retry_policy
from imports.worker import configuration
from imports.worker.claims import Claims
from imports.worker.crash_trial import CrashTrial
from imports.worker.document_chunks import ContentItems
from imports.worker.shared_objects import Resources
from livingdocs_import.egress.download import Fetcher
from livingdocs_import.egress.host_limits import HostLimits
from livingdocs_import.errors import PermanentFailure
from livingdocs_import.work_queue import shutdown
from livingdocs_import.work_queue.lease import lose, release

LOOK_SECONDS = 1.0  # seconds between two queries without result
MAX_TRIALS = 4  # child processes of one worker; each may take IMPORT_SUSPECT_MEMORY_BYTES


class WorkerLost(PermanentFailure):
    """Several workers were lost while they worked on the item."""

    cause = "worker-lost"

    def __init__(self) -> None:
        super().__init__(f"the worker was lost {retry_policy.MAX_LOSSES} times while working on this item")


@dataclass
class Trial:
    """A suspect that a child process tries."""

    item: ImportItem
    process: CrashTrial

    @property
    def is_alone(self) -> bool:
        """Whether it must run alone in the worker after the trial."""
        return retry_policy.is_alone(self.item.losses, download=True)


class Suspects:
    """The items of all jobs whose worker was lost."""

    def __init__(
        self, resources: Resources, claims: Claims, content: ContentItems, finish_downloads: Callable[[], None]
    ) -> None:
        """`finish_downloads` returns when nothing is claimed, in flight or ready any more."""
        self._jobs = resources.jobs
        self._leases = resources.leases
        self._claims = claims
        self._content = content
        self._finish_downloads = finish_downloads
        self._trials: list[Trial] = []
        self._look_at = 0.0  # monotonic seconds

    @property
    def is_trying(self) -> bool:
        """Whether a child process is running."""
        return bool(self._trials)

    def expire(self) -> None:
        """Query suspects at the next call."""
        self._look_at = 0.0

    def do_next(self) -> bool:
        """Start as many trials as allowed, or run one item alone, unless there was none a moment ago.

        Returns whether there was any. Nothing of this process may be in flight: a child process is forked.
        """
        now = time.monotonic()
        if now < self._look_at or not self._has_room():
            return False
        if not due_items.any_suspect():
            self._look_at = now + LOOK_SECONDS
            return False
        any_claimed = False
        while self._has_room() and (item := self._claim_for_trial()) is not None:
            any_claimed = True
            self._try(item)
        if not self._trials and (item := due_items.claim_suspect()) is not None:
            any_claimed = True
            self._try_or_do(item)
        if not any_claimed:
            self._look_at = now + LOOK_SECONDS
        return any_claimed

    def finish_trials(self, *, may_be_alone: bool) -> bool:
        """Release items that a child process has survived, and count one more loss of others; returns whether there
        were any.

        `may_be_alone`: nothing of this process is in flight, so an item can run alone.
        """
        may_go_on = [trial for trial in self._trials if may_be_alone or not trial.is_alone]
        finished = [self._finish(trial) for trial in may_go_on]
        return any(finished)

    def stop_trials(self) -> None:
        """Release the items that child processes are trying: this worker has to end."""
        items = [trial.item for trial in self._trials]
        self.drop_trials()
        release(ImportItem, items)

    def drop_trials(self) -> None:
        """Forget the items that child processes are trying."""
        for trial in self._trials:
            trial.process.stop()
            self._leases.remove([trial.item])
        self._trials.clear()

    def do(self, item: ImportItem) -> None:
        """Run one claimed item alone; fail it if too many workers were lost with it."""
        loaded = self._jobs.load(item.job_id)
        if retry_policy.is_given_up(item.losses, download=is_downloaded(loaded, item)):
            item_outcomes.record_outcomes(loaded, [kinds.failed(loaded, item, WorkerLost())])
        elif not is_downloaded(loaded, item):
            self._content.do_items(_open(loaded), [item])
        else:
            self._claims.start(_open(loaded), loaded, [item])
            self._finish_downloads()

    def _has_room(self) -> bool:
        return len(self._trials) < MAX_TRIALS and not any(trial.is_alone for trial in self._trials)

    def _claim_for_trial(self) -> ImportItem | None:
        """One that need not be alone."""
        return due_items.claim_suspect_of(DOWNLOADS, lost_before=retry_policy.DOWNLOAD_LOST_TOGETHER - 1)

    def _try_or_do(self, item: ImportItem) -> None:
        downloaded = is_downloaded(self._jobs.load(item.job_id), item)
        if downloaded and not retry_policy.is_given_up(item.losses, download=True):
            self._try(item)
        else:
            self.do(item)
            self._jobs.changed(item.job_id)

    def _try(self, item: ImportItem) -> None:
        """Run the part of the item that needs neither the database nor the storage in a child process."""
        loaded = self._jobs.load(item.job_id)
        config = configuration.usable(loaded, self._jobs)
        if config is None:
            return
        self._leases.add([item])
        handler = DOWNLOADS[loaded.kind]
        prepared = handler.begin(loaded, config, [item])[0]

        def work() -> bool:
            # The worker's connections are not the child's.
            fetcher = Fetcher.from_settings(HostLimits(), stop_deadline=shutdown.deadline)
            handler.prepare(loaded, config, prepared, fetcher, store=False)
            return prepared.failure is None or prepared.failure.cause != "internal-error"  # e.g. out of memory

        cpu_seconds = settings.IMPORT_SUSPECT_CPU_SECONDS
        crash_trial = CrashTrial(
            work,
            seconds=handler.max_seconds() + cpu_seconds,
            cpu_seconds=cpu_seconds,
            growth=settings.IMPORT_SUSPECT_MEMORY_BYTES,
        )
        self._trials.append(Trial(item, crash_trial))

    def _finish(self, trial: Trial) -> bool:
        """Handle an item whose child process has ended; False if it is still running."""
        survived = trial.process.survived()
        if survived is None:
            return False
        self._trials.remove(trial)
        loaded = self._jobs.load(trial.item.job_id)
        if not survived:
            self._leases.remove([trial.item])
            lose(ImportItem, trial.item, at_least=retry_policy.DOWNLOAD_LOST_TOGETHER)
        elif trial.is_alone:
            self.do(trial.item)
        else:
            self._claims.start(_open(loaded), loaded, [trial.item])  # its lease goes on
        self._jobs.changed(loaded.pk)
        self._look_at = 0.0
        return True


def _open(loaded: ImportJob) -> OpenJob:
    return OpenJob(loaded.pk, loaded.project_id, loaded.kind, dry_run=loaded.dry_run, probe=loaded.probe)
