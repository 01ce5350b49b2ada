"""Items whose worker was lost: carried out one at a time, so that one that kills workers takes no other item along."""

import time
from collections.abc import Callable

from imports import claiming, completion, handlers, retry_policy
from imports.fair_choice import OpenJob
from imports.handlers import CONTENT
from imports.models import ImportItem
from imports.worker.claims import Claims
from imports.worker.content import Content
from imports.worker.resources import Resources
from livingdocs_import.errors import PermanentFailure

LOOK_SECONDS = 0.1  # between two looks that find none


class WorkerLost(PermanentFailure):
    """Whoever worked on the item never came back, several times."""

    cause = "worker-lost"

    def __init__(self) -> None:
        super().__init__(f"the worker was lost {retry_policy.MAX_LOSSES} times while working on this item")


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
        self._look_at = 0.0  # monotonic seconds

    def look_again(self) -> None:
        """Look for suspects at the next call."""
        self._look_at = 0.0

    def do_next(self) -> bool:
        """Claim and carry out one item, unless there was none a moment ago; whether there was one."""
        now = time.monotonic()
        if now < self._look_at:
            return False
        item = claiming.claim_suspect()
        if item is None:
            self._look_at = now + LOOK_SECONDS
            return False
        self.do(item)
        self._jobs.changed(item.job_id)
        self._look_at = 0.0
        return True

    def do(self, item: ImportItem) -> None:
        """Carry out one claimed item; fail it when too many workers were lost with it."""
        loaded = self._jobs.load(item.job_id)
        job = OpenJob(loaded.pk, loaded.project_id, loaded.kind)
        if item.losses >= retry_policy.MAX_LOSSES:
            completion.settle(loaded, [handlers.failed(loaded, item, WorkerLost())])
        elif job.kind in CONTENT:
            self._leases.add([item])
            try:
                self._content.do_items(job, [item])
            finally:
                self._leases.remove([item])
        else:
            self._claims.start(job, loaded, [item])
            self._finish_downloads()
