"""What the imports of a few projects come to, for their list; and the origins of one: whom it asks, and how gently."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F, OuterRef, Subquery, Sum

from imports.claiming.host_brakes import is_open
from imports.claiming.waiting import DOWNLOADED
from imports.models import FailureGroup, ImportItem, ImportJob
from imports.monitoring import day, failing, job_progress
from imports.monitoring.facts import DAY, Allowance
from livingdocs_import.egress import circuits
from livingdocs_import.egress.endpoints import endpoint_of
from livingdocs_import.egress.host_limits import host_key
from livingdocs_import.models import HostBrake, Project
from livingdocs_import.models.project_scope import ProjectScope

MAX_JOBS, MAX_ITEMS = 20, 20  # of the day, the newest; the first of each: their hosts are read
MAX_ORIGINS = 20  # shown


@dataclass(frozen=True)
class ProjectFigures:
    """`allowances`: kinds with a limit, or with a use in the last 24 hours. `last_import`: None: there is no job."""

    allowances: list[Allowance] = field(default_factory=list)
    open_jobs: int = 0
    open_failures: int = 0
    last_import: datetime | None = None


def figures(projects: Sequence[Project], now: datetime) -> dict[int, ProjectFigures]:
    """By the primary keys of the projects; four queries, each on an index."""
    keys = [project.pk for project in projects]
    used = day.allowances_of(projects, now)
    open_jobs = job_progress.open_jobs_by_project(ProjectScope(frozenset(keys)))
    open_failures, imported = _open_failures(keys), _last_imports(keys)
    return {
        key: ProjectFigures(used[key], open_jobs.get(key, 0), open_failures.get(key, 0), imported.get(key))
        for key in keys
    }


def _open_failures(keys: Sequence[int]) -> dict[int, int]:
    """Each open group's job is looked up by its key, as for the navigation: a join would read all jobs."""
    job = ImportJob.objects.filter(pk=OuterRef("job")).values("project_id")
    groups: Any = failing.open_groups().annotate(project_key=Subquery(job[:1])).filter(project_key__in=keys)
    sums = groups.order_by().values("project_key").annotate(number=Sum(F("failed") - F("resolved")))
    return dict(sums.values_list("project_key", "number"))


def _last_imports(keys: Sequence[int]) -> dict[int, datetime]:
    """The newest job of each kind is the first one of an index."""
    jobs = ImportJob.objects.filter(project=OuterRef("pk"), dry_run=False).order_by("-started_at").values("started_at")
    newest = {f"last_{kind}": Subquery(jobs.filter(kind=kind)[:1]) for kind in ImportJob.Kind.values}
    rows = Project.objects.filter(pk__in=keys).values_list("pk", *newest.values()).order_by()
    moments = {key: [at for at in each if at is not None] for key, *each in rows}
    return {key: max(each) for key, each in moments.items() if each}


@dataclass(frozen=True)
class Origin:
    """A host that a project asks. `is_braked_now`: by its hours, in the project's zone; `answers`: no open circuit."""

    host: str
    brake: HostBrake | None
    is_braked_now: bool
    answers: bool


@dataclass(frozen=True)
class Origins:
    """Those that are braked or do not answer come first; `more`: there are others."""

    listed: list[Origin]
    more: bool


def origins(project: Project, now: datetime) -> Origins:
    """The hosts of the first items of the newest jobs of the day, and those at which items of these failed."""
    hosts = _hosts_of_day(project, now)
    brakes = {brake.host: brake for brake in HostBrake.objects.filter(host__in=hosts)}
    silent = circuits.open_hosts()
    found = [
        Origin(
            host,
            brake := brakes.get(host),
            is_braked_now=brake is not None and not is_open(brake, now, project.time_zone),
            answers=host_key(host) not in silent,
        )
        for host in hosts
    ]
    found.sort(key=lambda origin: (origin.answers, origin.brake is None, origin.host))
    return Origins(found[:MAX_ORIGINS], len(found) > MAX_ORIGINS)


def _hosts_of_day(project: Project, now: datetime) -> list[str]:
    recent = ImportJob.objects.filter(project=project, kind__in=DOWNLOADED, started_at__gt=now - DAY)
    jobs = list(recent.order_by("-started_at").values_list("pk", flat=True)[:MAX_JOBS])
    items = ImportItem.objects.filter(job__in=jobs, position__lt=MAX_ITEMS).exclude(host_key=0)
    urls = (payload.get("url") for payload in items.values_list("payload", flat=True))
    failed = FailureGroup.objects.filter(job__in=jobs).exclude(host="").values_list("host", flat=True)
    hosts = {*(endpoint_of(url) for url in urls if isinstance(url, str)), *failed.distinct()}
    return sorted(hosts - {""})
