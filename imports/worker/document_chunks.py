"""Chunks of documents: they need the processor and the database, and run in the worker's own thread."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import Error

from imports.claiming import due_items
from imports.claiming.fair_choice import OpenJob, in_order
from imports.handlers.kinds import CONTENT, DOWNLOADS
from imports.models import ImportItem, ImportJob
from imports.outcomes import item_outcomes, item_plans
from imports.outcomes.claim_refunds import is_outage
from imports.worker import configuration
from imports.worker.shared_objects import Resources
from livingdocs_import.project_config import ProjectConfig
from livingdocs_import.work_queue.activity import Doing
from livingdocs_import.work_queue.lease import release


class ContentItems:
    """The items of one process without downloads."""

    def __init__(self, resources: Resources) -> None:
        self._refunds = resources.refunds
        self._jobs = resources.jobs
        self._shares = resources.shares
        self._leases = resources.leases
        self.doing: Doing | None = None  # also read by another thread

    def do_next(self, jobs: Iterable[OpenJob]) -> bool:
        """Claim and run one chunk, of the project that had least time for its weight; returns whether there was any."""
        jobs = [job for job in jobs if job.kind in CONTENT or job.dry_run]
        if not jobs:
            return False
        served = self._shares.served(job.project for job in jobs)
        return self._do_chunk(in_order(jobs, served)[0])

    def do_items(self, job: OpenJob, items: list[ImportItem]) -> None:
        """Run claimed items of a job; those without time are released."""
        with self._in_hand(items):
            self._carry_out(job, items)

    @contextmanager
    def _in_hand(self, items: list[ImportItem]) -> Iterator[None]:
        """Their leases are renewed inside this block, and their claims refunded if it ends by an outage."""
        self._leases.add(items)
        try:
            yield
        except Error as error:
            if is_outage(error):
                suspects = {item.pk for item in self._refunds.record_outage(error, items)}
                self._refunds.add([item for item in items if item.pk not in suspects])
            raise
        finally:
            self.doing = None
            self._leases.remove(items)

    def _carry_out(self, job: OpenJob, items: list[ImportItem]) -> None:
        loaded = self._jobs.load(job.pk)
        config = configuration.usable(loaded, self._jobs)
        if config is None:
            return
        does = "plans" if loaded.dry_run else "imports"
        kind = loaded.kind.removesuffix("s") if len(items) == 1 else loaded.kind
        self.doing = Doing(f"{does} {len(items)} {kind}", loaded.public_id)
        until = time.monotonic() + settings.IMPORT_CHUNK_SECONDS
        if loaded.dry_run:
            self._plan(loaded, config, items, until)
            return
        handler = CONTENT[job.kind]
        batch = handler.prepare(loaded, config, items, until=until)
        release(ImportItem, [prepared.item for prepared in batch if not prepared.begun])
        item_outcomes.complete(loaded, handler, [prepared for prepared in batch if prepared.begun])

    def _plan(self, job: ImportJob, config: ProjectConfig, items: list[ImportItem], until: float) -> None:
        if job.kind in CONTENT:
            documents = CONTENT[job.kind]
            item_plans.record_plans(job, documents, config, documents.begin(job, config, items), until=until)
        else:
            media = DOWNLOADS[job.kind]
            item_plans.record_plans(job, media, config, media.begin(job, config, items), until=until)

    def _do_chunk(self, job: OpenJob) -> bool:
        started = time.monotonic()
        claim = due_items.claim_planned if job.dry_run else due_items.claim_content
        items = claim(job, settings.IMPORT_DOCUMENTS_CHUNK)
        if not items:
            self._jobs.without(job)
            return False
        try:
            with self._in_hand(items):
                self._jobs.claimed_from(job)
                self._carry_out(job, items)
        finally:
            self._jobs.changed(job.pk)
            self._shares.add(job.project, (time.monotonic() - started) / job.weight)
        return True
