"""The window of downloads: the items that this process has claimed, in flight and ready of each job, within its slots.

The next download depends on the slots that projects use. This module does not use the database.
"""

import time
from collections import Counter, deque
from collections.abc import Iterable, Set
from dataclasses import dataclass, field

from django.conf import settings

from imports.claiming.fair_choice import DownloadSlots, OpenJob, in_order
from imports.handlers.prepared_media import PreparedMedia
from imports.handlers.temporary_files import bytes_in_flight
from imports.models import ImportJob
from imports.worker.claim_size import ClaimSize
from imports.worker.downloads import Download, DownloadThreads
from livingdocs_import.egress.endpoints import endpoint_of
from livingdocs_import.egress.host_limits import HostLimits, host_key
from livingdocs_import.project_config import ProjectConfig
from livingdocs_import.work_queue.activity import Doing

BUSY_SECONDS = 0.5  # a download started this recently may still need the processor …
MAX_BUSY = 9  # … and more of them only slow each other down
FEW_IN_FLIGHT = 4  # downloads of a job in flight, above which claims and writes wait to become larger


@dataclass
class ActiveJob:
    """A job of which this process has items: claimed, in flight, or ready to be written."""

    job: OpenJob
    loaded: ImportJob
    claimed: deque[Download] = field(default_factory=deque)  # not started yet
    in_flight: int = 0
    ready: list[PreparedMedia] = field(default_factory=list)
    ready_since: float = 0.0  # monotonic seconds
    claim_size: ClaimSize = field(default_factory=ClaimSize)

    def add_ready(self, prepared: PreparedMedia) -> None:
        """The item may be written from now on."""
        if not self.ready:
            self.ready_since = time.monotonic()
        self.ready.append(prepared)


class Window:
    """The downloads of one process, by job, project and host."""

    def __init__(self, limits: HostLimits, threads: DownloadThreads) -> None:
        self._limits = limits
        self._threads = threads
        self.jobs: dict[int, ActiveJob] = {}  # by primary key
        self.slots = DownloadSlots(settings.IMPORT_WINDOW)  # taken by downloads in flight
        self.at_host: Counter[int] = Counter()  # items claimed or in flight, by host
        self._in_flight: dict[int, Download] = {}  # by item
        self._in_flight_at_host: Counter[int] = Counter()

    def drop_all(self) -> None:
        """Forget everything; downloads in flight end unnoticed."""
        self.jobs.clear()
        self.slots = DownloadSlots(settings.IMPORT_WINDOW)
        self.at_host.clear()
        self._in_flight.clear()
        self._in_flight_at_host.clear()
        self._threads.drop_all()

    def add(self, job: OpenJob, loaded: ImportJob, config: ProjectConfig, prepared: Iterable[PreparedMedia]) -> None:
        """Add items that were just claimed."""
        active = self.jobs.setdefault(job.pk, ActiveJob(job, loaded))
        active.loaded = loaded
        active.claim_size.note_claim()
        for prepared_item in prepared:
            key = prepared_item.item.host_key or host_key(endpoint_of(prepared_item.item.payload["url"]))
            download = Download(job, loaded, config, prepared_item, key)
            self.at_host[download.key] += 1
            active.claimed.append(download)

    def remove_claimed(self, active: ActiveJob) -> None:
        """Forget the job's items that are not started: they were released."""
        for download in active.claimed:
            self.at_host[download.key] -= 1
        active.claimed.clear()
        self.remove_if_done(active.job.pk)

    def remove_if_done(self, job: int) -> None:
        """Forget the job if nothing of it is claimed, in flight or ready."""
        active = self.jobs.get(job)
        if active is not None and not (active.claimed or active.in_flight or active.ready):
            del self.jobs[job]

    def start_claimed(self) -> bool:
        """Start claimed downloads as far as there are slots, first for the project that uses fewest.

        Returns whether any was started.
        """
        started = False
        jobs = {active.job.pk: active for active in self.jobs.values() if active.claimed}
        if not jobs or (self._in_flight and bytes_in_flight() > settings.IMPORT_BYTES_IN_FLIGHT):
            return False
        room = MAX_BUSY - self.busy()
        while room > 0 and self.slots.free > 0 and jobs:
            job = in_order([active.job for active in jobs.values()], self.slots.by_project)[0]
            download = self._next_claimed(jobs[job.pk])
            if download is None:
                del jobs[job.pk]
                continue
            self._start(jobs[job.pk], download)
            room -= 1
            started = True
        return started

    def _next_claimed(self, active: ActiveJob) -> Download | None:
        """The next of a job's claimed items whose host has a slot for it."""
        if self.slots.left_for(active.job) <= 0:
            return None
        for number, download in enumerate(active.claimed):
            if self._limits.slots(download.key, taken=self._in_flight_at_host[download.key]) > 0:
                del active.claimed[number]
                return download
        return None

    def _start(self, active: ActiveJob, download: Download) -> None:
        active.in_flight += 1
        self._in_flight[download.item.pk] = download
        self.slots.take(download.job)
        self._in_flight_at_host[download.key] += 1
        self._threads.start(download, threads=self.slots.total)

    def leave(self, download: Download) -> None:
        """Free the slot of a download that has ended and was handled."""
        del self._in_flight[download.item.pk]
        self.slots.leave(download.job)
        self.at_host[download.key] -= 1
        self._in_flight_at_host[download.key] -= 1
        self.jobs[download.job.pk].in_flight -= 1
        self.remove_if_done(download.job.pk)

    def busy(self) -> int:
        """Downloads that were started so recently that they may still compete for the processor."""
        since = time.monotonic() - BUSY_SECONDS
        return sum(download.started > since for download in self._in_flight.values())

    def busy_until(self) -> list[float]:
        """When each download in flight stops being busy; monotonic seconds."""
        return [download.started + BUSY_SECONDS for download in self._in_flight.values()]

    def doing(self) -> Doing | None:
        """The downloads in flight of the job that has most; also for another thread, which sees a copy."""
        downloads = list(self._in_flight.values())
        if not downloads:
            return None
        ((job, number),) = Counter(download.job.pk for download in downloads).most_common(1)
        of_job = [download for download in downloads if download.job.pk == job]
        hosts = Counter(download.endpoint for download in of_job)
        loaded, ((host, _),) = of_job[0].loaded, hosts.most_common(1)
        others = " and others" if len(hosts) > 1 else ""
        kind = loaded.kind.removesuffix("s") if number == 1 else loaded.kind
        return Doing(f"downloads {number} {kind} from {host}{others}", loaded.public_id)

    def items_in_flight(self) -> Set[int]:
        """The primary keys of the items whose downloads are in flight; a live view."""
        return self._in_flight.keys()
