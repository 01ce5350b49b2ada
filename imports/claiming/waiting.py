"""What a job waits for apart from its turn: an operator, a dependency, a brake, or silent hosts."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from imports.claiming import host_brakes
from imports.models import ImportItem, ImportJob
from livingdocs_import.egress import circuits
from livingdocs_import.models import ServiceOutage

DOWNLOADED = frozenset({ImportJob.Kind.IMAGES, ImportJob.Kind.VIDEOS, ImportJob.Kind.FILES})
NAMED = 3  # hosts


@dataclass(frozen=True)
class Waiting:
    """`what`: "paused", "storage", "network", "brake" or "host". `hosts`: some of them in the latter two cases."""

    what: str
    hosts: tuple[str, ...] = ()

    def __str__(self) -> str:
        """For operators."""
        named = ", ".join(self.hosts)
        match self.what:
            case "paused":
                return "an operator, who has paused it"
            case "network":
                return "our own network: no host can be reached"
            case "brake":
                return f"the brake on {named}"
            case "host":
                return f"{named} to answer"
            case part:
                return f"the {part}, which is away"


def waiting_for(job: ImportJob) -> Waiting | None:
    """None: only its turn, a retry, or downloads. Documents only wait for operators."""
    if job.finished:
        return None
    if job.paused_at is not None:
        return Waiting("paused")
    if job.kind not in DOWNLOADED or (job.dry_run and not job.probe):
        return None
    part = ServiceOutage.objects.order_by("-part").values_list("part", flat=True).first()
    return Waiting(part) if part else _for_hosts(job)


def _for_hosts(job: ImportJob) -> Waiting | None:
    """Whether all open items of the job, except those behind other items, are at such hosts."""
    braked, silent = host_brakes.closed_hosts(job.project), circuits.open_hosts()
    if not braked and not silent:
        return None
    items = job.items.filter(due_at__isnull=False, blocked_by__isnull=True)
    if items.exclude(host_key__in=[*braked, *silent]).exists():
        return None
    if met := _met(items, {key: host for key, host in silent.items() if key not in braked}):
        return Waiting("host", met)
    met = _met(items, braked)
    return Waiting("brake", met) if met else None


def _met(items: QuerySet[ImportItem], hosts: Mapping[int, str]) -> tuple[str, ...]:
    """Those of the hosts that the items need: a few by name."""
    keys = items.filter(host_key__in=list(hosts)).order_by("host_key").values_list("host_key", flat=True).distinct()
    met = sorted(hosts[key] for key in keys[: NAMED + 1])
    return (*met[:NAMED], "others") if len(met) > NAMED else tuple(met)
