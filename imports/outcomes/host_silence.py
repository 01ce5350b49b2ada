"""A silent host as one job knows it: since when its requests have failed, and whether it has answered since."""

from datetime import timedelta

from imports.models import HostRequest, ImportJob
from imports.outcomes.retry_policy import HostFacts
from livingdocs_import.db import clock
from livingdocs_import.egress.circuits import Circuits, Failing


def note_silence(circuits: Circuits, job: ImportJob, key: int, *, seconds_ago: float) -> None:
    """A request of the job, this long ago, got no answer: record it if it is the job's first in this silence."""
    failing = circuits.failing.get(key)
    if failing is None:  # the host has answered since
        return
    asked_at = max(clock.now() - timedelta(seconds=seconds_ago), failing.since)
    HostRequest.objects.bulk_create([HostRequest(job=job, host_key=key, asked_at=asked_at)], ignore_conflicts=True)
    HostRequest.objects.filter(job=job, host_key=key, asked_at__lt=failing.since).update(asked_at=asked_at)


def facts_of(circuits: Circuits, job: ImportJob, key: int) -> HostFacts:
    """The facts about the item's host for the retry policy."""
    failing = circuits.failing.get(key)
    if failing is None:
        return HostFacts()
    failing_for = (clock.now() - failing.since).total_seconds()
    return HostFacts(_asked_for(failing, job), _answered_during(failing, job), failing.open, failing_for)


def _asked_for(failing: Failing, job: ImportJob) -> float | None:
    asked_at = HostRequest.objects.filter(job=job, host_key=failing.key, asked_at__gte=failing.since)
    first = asked_at.values_list("asked_at", flat=True).first()
    return None if first is None else (clock.now() - first).total_seconds()


def _answered_during(failing: Failing, job: ImportJob) -> bool:
    return failing.last_answer_at is not None and failing.last_answer_at >= job.started_at
