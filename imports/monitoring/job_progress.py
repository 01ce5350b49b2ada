"""Jobs for operators: by state and project, those that run with their pace, and the items of one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Q, QuerySet, Sum, Window

from imports.models import ImportItem, ImportJob
from livingdocs_import.models import Project
from livingdocs_import.models.project_scope import EVERYTHING, ProjectScope

MAX_LISTED = 10  # jobs that are listed by name
PACE_KNOWN_FOR = timedelta(minutes=3)  # it is measured once a minute


# The filters of operators, in the admin's list and in list_imports.
JOB_STATES: Mapping[str, Q] = {
    "open": Q(state=ImportJob.State.STARTED),
    "failures": Q(failed__gt=0),
    "clean": Q(state=ImportJob.State.SUCCESS, failed=0),
    "failed": Q(state=ImportJob.State.FAILED),
}


def jobs(*, project: Project | None = None, state: str | None = None, kind: str | None = None) -> QuerySet[ImportJob]:
    """Jobs with their projects, the newest first; `state`: of JOB_STATES."""
    given: dict[str, object] = {name: value for name, value in {"project": project, "kind": kind}.items() if value}
    chosen = ImportJob.objects.filter(JOB_STATES[state] if state else Q(), **given)
    return chosen.select_related("project").order_by("-pk")


def open_jobs_by_project(projects: ProjectScope = EVERYTHING) -> dict[int, int]:
    """The number of open jobs of each project that has some, by the key of the project."""
    open_jobs = ImportJob.objects.filter(JOB_STATES["open"], projects.within("project")).order_by()
    return dict(open_jobs.values_list("project").annotate(number=Count("pk")))


# --- Those that run --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RunningJob:
    """An open job. `pace`: items per second in the last minute, 0 if none ended. `eta`: None where it is not known."""

    job: ImportJob
    pace: float
    eta: timedelta | None


@dataclass(frozen=True)
class OpenJobs:
    """Those that are not finished: all of them counted, the first ones listed."""

    listed: list[RunningJob]
    number: int
    items_left: int


def open_jobs(now: datetime, projects: ProjectScope = EVERYTHING) -> OpenJobs:
    """One query, of an index that holds open jobs only."""
    left = F("total") - F("success") - F("skipped") - F("failed")
    started = ImportJob.objects.filter(projects.within("project"), state=ImportJob.State.STARTED)
    found = list(
        started.select_related("project", "tally")
        .annotate(number=Window(Count("pk")), items_left=Window(Sum(left)))
        .order_by("pk")[:MAX_LISTED]
    )
    number, items_left = (found[0].number, found[0].items_left) if found else (0, 0)
    return OpenJobs([_running(job, now) for job in found], number, items_left)


def _running(job: ImportJob, now: datetime) -> RunningJob:
    tally = getattr(job, "tally", None)
    pace = tally.pace if tally is not None and tally.at >= now - PACE_KNOWN_FOR else 0.0
    eta = timedelta(seconds=(job.total - job.done) / pace) if pace and job.paused_at is None else None
    return RunningJob(job, pace, eta)


# --- One job ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reason:
    """The number of a job's items with this outcome and reason."""

    outcome: str
    reason: str
    count: int


def reasons(items: QuerySet[ImportItem], limit: int = 50) -> list[Reason]:
    """Why items failed or were skipped, the most frequent reason first."""
    ended = items.filter(outcome__in=[ImportItem.Outcome.FAILED, ImportItem.Outcome.SKIPPED])
    groups = ended.values("outcome", "reason").annotate(count=Count("pk")).order_by("-count", "outcome", "reason")
    return [Reason(**group) for group in groups[:limit]]


@dataclass(frozen=True)
class InWork:
    """The rest of an open job."""

    begun: int  # claimed by a worker
    again: int  # waiting for a retry
    untouched: int


def in_work(job: ImportJob) -> InWork:
    """The states of the open items of a job."""
    counts = job.items.filter(outcome=ImportItem.Outcome.OPEN).aggregate(
        begun=Count("pk", filter=Q(claimed=True)),
        again=Count("pk", filter=Q(claimed=False, attempts__gt=0)),
        untouched=Count("pk", filter=Q(claimed=False, attempts=0)),
    )
    return InWork(**counts)
