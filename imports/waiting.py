"""What a job waits for, where that is not its turn: the operator, the storage, or our own network."""

from imports.models import ImportJob
from livingdocs_import.egress.models import ServiceOutage

PAUSED = "paused"
DOWNLOADED = frozenset({ImportJob.Kind.IMAGES, ImportJob.Kind.VIDEOS, ImportJob.Kind.FILES})


def waiting_for(job: ImportJob) -> str | None:
    """One of "paused", "storage" or "network"; None: nothing of that. Documents wait for neither of the latter."""
    if job.finished:
        return None
    if job.paused_at is not None:
        return PAUSED
    if job.kind not in DOWNLOADED:
        return None
    return ServiceOutage.objects.order_by("-part").values_list("part", flat=True).first()
