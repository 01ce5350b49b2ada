"""Claim items to download: from the next job, in the right number, and at which hosts."""

import time

from django.conf import settings
from django.db import Error

from imports.claiming import due_items
from imports.claiming.due_items import HostSlots
from imports.claiming.fair_choice import OpenJob, in_order
from imports.handlers.kinds import DOWNLOADS
from imports.models import ImportItem, ImportJob
from imports.worker import configuration
from imports.worker.claim_size import FIRST_CLAIM
from imports.worker.fruitless_jobs import Fruitless
from imports.worker.shared_objects import Resources
from imports.worker.silent_hosts import SilentHosts
from imports.worker.window import FEW_IN_FLIGHT, MAX_BUSY, Window
from livingdocs_import.egress.outages import Part

CLAIM_EVERY = 0.05  # seconds between two claims of a job that has more than a few downloads in flight
CLAIMS_IN_A_ROUND = 4  # then finished downloads are handled, and the order may have changed


class Claims:
    """The claims of one process."""

    def __init__(self, resources: Resources, window: Window) -> None:
        self._resources = resources
        self._window = window
        self._silent_hosts = SilentHosts(resources, window)
        self._fruitless = Fruitless()
        self._fruitless_at_quick_hosts = Fruitless()
        self.has_more = False  # the last round left out jobs that were not tried lately

    def claim(self, jobs: list[OpenJob], *, quick_only: bool) -> bool:
        """Claim from jobs that can get slots; returns whether anything was claimed.

        `quick_only`: at hosts that answer quickly. A round tries a few jobs only; see `has_more`.
        """
        self.has_more = False
        jobs = [job for job in jobs if _may_download(job) and not self._has_enough(job)]
        if not jobs or not self._window.slots.free or not self._resources.disk.has_room():
            return False
        if self._window.busy() >= MAX_BUSY:
            return False
        part = self._resources.outages.awaited([Part.STORAGE, Part.NETWORK])
        if part is not None:
            return self._probe_outage(part, jobs)
        return self._claim_in_turn(jobs, quick_only=quick_only)

    def start(self, job: OpenJob, loaded: ImportJob, items: list[ImportItem]) -> None:
        """Put claimed items into the window and start as many as there are slots.

        Does nothing if the configuration is unusable: the job has ended then.
        """
        config = configuration.usable(loaded, self._resources.jobs)
        if config is None:
            return
        prepared = DOWNLOADS[job.kind].begin(loaded, config, items)
        self._resources.leases.add(items)
        self._window.add(job, loaded, config, prepared)
        self._window.start_claimed()

    def _claim_in_turn(self, jobs: list[OpenJob], *, quick_only: bool) -> bool:
        fruitless, claimed, claims = self._memory(quick_only=quick_only), False, 0
        for job in self._worth_asking(jobs, fruitless):
            if self._window.slots.free <= 0:
                break
            limit = self._size(job)
            if limit > 0 and claims >= CLAIMS_IN_A_ROUND:
                self.has_more = not fruitless.was_asked_lately(job.pk, open_jobs=len(jobs))
                break
            if limit > 0:
                claims += 1
                claimed |= self._claim_from(job, limit, quick_only=quick_only)
        return claimed

    def _worth_asking(self, jobs: list[OpenJob], fruitless: Fruitless) -> list[OpenJob]:
        """In order; jobs without claimable items lately come after all others, of other projects as well."""
        taken_by_project = self._window.slots.by_project
        full = self._full_hosts(quick_only=False)

        def turn(job: OpenJob) -> tuple[bool, float, float]:
            late = fruitless.was_asked_lately(job.pk, open_jobs=len(jobs))
            return late, taken_by_project[job.project] / job.weight, fruitless.asked_at(job.pk)

        worth_asking = [job for job in jobs if not self._fruitless.is_known(job.pk, open_jobs=len(jobs), full_now=full)]
        return sorted(in_order(worth_asking, taken_by_project), key=turn)

    def _memory(self, *, quick_only: bool) -> Fruitless:
        return self._fruitless_at_quick_hosts if quick_only else self._fruitless

    def _has_enough(self, job: OpenJob) -> bool:
        """Whether the job need not be claimed from now: a claim for each finished download would cost more than the
        download."""
        active = self._window.jobs.get(job.pk)
        if active is None:
            return False
        lately = time.monotonic() - CLAIM_EVERY
        return bool(active.claimed) or (active.in_flight > FEW_IN_FLIGHT and active.claim_size.claimed_at > lately)

    def _size(self, job: OpenJob) -> int:
        """The number of items to claim: as many as there are slots, and more ahead while they are used up quickly."""
        active, left = self._window.jobs.get(job.pk), self._window.slots.left_for(job)
        if active is None or left <= 0:
            return min(left, FIRST_CLAIM)
        return active.claim_size.adapt(settings.IMPORT_CHUNK)

    def _probe_outage(self, part: str, jobs: list[OpenJob]) -> bool:
        """One item, of any job that has one, probes whether a dependency is back."""
        slots = self._window.slots
        if slots.free < slots.total or not self._resources.outages.may_probe(part):
            return False
        return any(
            self._claim_from(job, 1, quick_only=False, past_circuits=part == Part.NETWORK)
            for job in in_order(jobs, slots.by_project)
        )

    def _claim_from(self, job: OpenJob, limit: int, *, quick_only: bool, past_circuits: bool = False) -> bool:
        loaded = self._resources.jobs.load(job.pk)
        slots = self._host_slots(loaded, quick_only=quick_only, past_circuits=past_circuits)
        claimed = due_items.claim_downloads(job, limit, slots)
        try:
            if claimed:
                self._resources.jobs.claimed_from(job)
            items = self._resources.brakes.admit(claimed)
            if not items and not quick_only:
                items = claimed = self._silent_hosts.claim(job, loaded)
            if items:
                self._fruitless.forget(job.pk)
                self._fruitless_at_quick_hosts.forget(job.pk)
                self.start(job, loaded, items)
                return True
        except Error:
            self._resources.leases.remove(claimed)
            self._resources.refunds.add(claimed)
            raise
        self._resources.jobs.without(job)
        if not claimed:
            self._note_fruitless(job, slots, quick_only=quick_only)
        return False

    def _note_fruitless(self, job: OpenJob, slots: HostSlots, *, quick_only: bool) -> None:
        """Remember with the job the full hosts whose slots become free when downloads of this process end.

        None of them if the job also waits for something else: that may be over before any of them has a slot.
        """
        full = set() if quick_only else slots.full & self._full_hosts(quick_only=False)
        others = slots.full - full
        if full and others and due_items.any_host_of(job, others) is not None:
            full = set()
        self._memory(quick_only=quick_only).note(job.pk, full)

    def _host_slots(self, loaded: ImportJob, *, quick_only: bool, past_circuits: bool) -> HostSlots:
        def allowance(key: int) -> int:
            return self._allowance(key, quick_only=quick_only)

        full = self._resources.brakes.closed_to(loaded.project)
        if not past_circuits:
            full |= self._resources.circuits.open_keys
        return HostSlots(allowance, full | self._full_hosts(quick_only=quick_only))

    def _full_hosts(self, *, quick_only: bool) -> set[int]:
        """The hosts at which this process must not claim another item."""
        at_host = self._window.at_host
        return {key for key, taken in at_host.items() if taken and self._allowance(key, quick_only=quick_only) <= 0}

    def _allowance(self, key: int, *, quick_only: bool) -> int:
        """The number of items of this host that may be claimed: its free slots, and ahead for a quick one."""
        quick = self._resources.limits.is_quick(key)
        if quick_only and not quick:
            return 0
        ahead = settings.IMPORT_CHUNK if quick and not quick_only else 0
        return self._resources.limits.slots(key, taken=self._window.at_host[key]) + ahead


def _may_download(job: OpenJob) -> bool:
    """Whether the job has items whose file is fetched; a dry run has a sample of them, if that."""
    return job.kind in DOWNLOADS and (not job.dry_run or job.probe > 0)
