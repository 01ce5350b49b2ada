"""The objects shared by the parts of a process's worker: hosts, outages, the disk, jobs, leases, the retry policy."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from django.conf import settings

from imports.claiming.due_items import OpenJobs
from imports.claiming.fair_choice import Shares
from imports.claiming.host_brakes import Brakes
from imports.models import ImportItem
from imports.outcomes.claim_refunds import Refunds
from imports.outcomes.retry_policy import Policy
from imports.worker.local_disk import LocalDisk
from livingdocs_import.egress.circuits import Circuits
from livingdocs_import.egress.download import Fetcher
from livingdocs_import.egress.host_limits import HostLimits
from livingdocs_import.egress.outages import NetworkWatch, Outages
from livingdocs_import.work_queue import shutdown
from livingdocs_import.work_queue.lease import Leases


@dataclass(frozen=True)
class Resources:
    """Each object keeps its state as long as the process lives, and is used by the worker's thread.

    `limits`, `fetcher` and `leases` may be used by other threads, too.
    """

    limits: HostLimits
    circuits: Circuits
    outages: Outages
    network: NetworkWatch
    brakes: Brakes
    disk: LocalDisk
    fetcher: Fetcher
    refunds: Refunds
    jobs: OpenJobs
    shares: Shares
    leases: Leases[ImportItem]
    policy: Policy

    @classmethod
    def from_settings(cls) -> Self:
        """New objects from the settings."""
        limits = HostLimits()
        return cls(
            limits=limits,
            circuits=Circuits(limits),
            outages=Outages(give_up_after=timedelta(seconds=settings.OUTAGE_GIVE_UP_SECONDS)),
            network=NetworkWatch(),
            brakes=Brakes(),
            disk=LocalDisk(settings.DATA_DIR / "tmp", settings.IMPORT_MIN_FREE_BYTES),
            fetcher=Fetcher.from_settings(limits, stop_deadline=shutdown.deadline),
            refunds=Refunds(),
            jobs=OpenJobs(),
            shares=Shares(),
            leases=Leases(ImportItem, timedelta(seconds=settings.IMPORT_LEASE_SECONDS)),
            policy=Policy(
                pauses=tuple(settings.IMPORT_RETRY_SECONDS),
                dead_host_seconds=settings.IMPORT_DEAD_HOST_SECONDS,
                patience=settings.IMPORT_HOST_PATIENCE_SECONDS,
                give_up_after=settings.OUTAGE_GIVE_UP_SECONDS,
            ),
        )
