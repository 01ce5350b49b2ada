"""The last 24 hours: accepted jobs, their use of the quotas, and what ended in each hour."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, Sum

from imports import quotas
from imports.models import ImportJob, Throughput
from imports.monitoring.facts import DAY, Allowance
from livingdocs_import.models import Project
from livingdocs_import.models.project_scope import EVERYTHING, ProjectScope

HOURS = 24


@dataclass(frozen=True)
class Day:
    """The jobs that were accepted in the last 24 hours, and their items so far; without dry runs."""

    jobs: int = 0
    items: int = 0
    success: int = 0
    skipped: int = 0
    failed: int = 0
    projects: int = 0


@dataclass(frozen=True)
class Hour:
    """The items that ended in an hour, and the bytes of their files. `at`: its beginning."""

    at: datetime
    success: int = 0
    skipped: int = 0
    failed: int = 0
    bytes: int = 0

    @property
    def items(self) -> int:
        return self.success + self.skipped + self.failed


def day(now: datetime, projects: ProjectScope = EVERYTHING) -> tuple[Day, list[Allowance]]:
    """The sums, and the quotas that are at least nearly full, fullest first: one query."""
    rows = _by_project_and_kind(now, projects)
    sums = {name: sum(row[f"{name}_sum"] or 0 for row in rows) for name in ("total", "success", "skipped", "failed")}
    jobs, items = sum(row["jobs"] for row in rows), sums.pop("total")
    used = [_allowance(row) for row in rows if row["used"]]
    full = sorted((one for one in used if one.nearly_full), key=lambda one: (-one.percent, one.project, one.kind))
    return Day(jobs, items, **sums, projects=len({row["project"] for row in rows if row["jobs"]})), full


def _by_project_and_kind(now: datetime, projects: ProjectScope) -> list[dict[str, Any]]:
    """An index has projects, kinds and times in this order; naming all projects and kinds has it used."""
    chosen = Project.objects.filter(projects.within("pk")).values("pk")
    recent = ImportJob.objects.filter(project__in=chosen, kind__in=ImportJob.Kind.values, started_at__gt=now - DAY)
    real = Q(dry_run=False)
    groups: Any = recent.values("project", "project__handle", "project__label", "project__daily_limits", "kind")
    sums = {f"{name}_sum": Sum(name, filter=real) for name in ("total", "success", "skipped", "failed")}
    return list(groups.annotate(used=Sum("total", filter=real & quotas.COUNTED), jobs=Count("pk", filter=real), **sums))


def _allowance(row: dict[str, Any]) -> Allowance:
    project = Project(daily_limits=row["project__daily_limits"])
    name = row["project__label"] or row["project__handle"]
    return Allowance(row["kind"], row["used"], project.daily_limit(row["kind"]), name, row["project"])


def allowances(project: Project, now: datetime) -> list[Allowance]:
    """The project's daily limits and their use, counted like the quota (replays are free)."""
    used = dict(quotas.counted(project, now).values_list("kind").annotate(sum=Sum("total")).order_by())
    return [Allowance(kind, used.get(kind, 0), project.daily_limit(kind)) for kind in ImportJob.Kind.values]


def allowances_of(projects: Sequence[Project], now: datetime) -> dict[int, list[Allowance]]:
    """The same for several projects, by their keys, without kinds that have neither limit nor use: one query."""
    rows = _by_project_and_kind(now, ProjectScope(frozenset(project.pk for project in projects)))
    used = {(row["project"], row["kind"]): row["used"] or 0 for row in rows}
    found = {
        project.pk: [
            Allowance(kind, used.get((project.pk, kind), 0), project.daily_limit(kind), str(project), project.pk)
            for kind in ImportJob.Kind.values
        ]
        for project in projects
    }
    return {key: [one for one in each if one.used or one.limit is not None] for key, each in found.items()}


def hours(now: datetime, projects: ProjectScope = EVERYTHING) -> list[Hour]:
    """What ended in each of the last 24 hours, the present one last; one query."""
    begin = hour_of(now) - timedelta(hours=HOURS - 1)
    rows: Any = Throughput.objects.filter(projects.within("project"), hour__gte=begin).order_by().values("hour")
    sums = rows.annotate(*(Sum(name) for name in ("success", "skipped", "failed", "bytes")))
    found = {row["hour"]: row for row in sums}
    return [_hour(begin + timedelta(hours=number), found) for number in range(HOURS)]


def _hour(at: datetime, found: dict[datetime, dict[str, Any]]) -> Hour:
    row = found.get(at, {})
    return Hour(at, *(row.get(f"{name}__sum") or 0 for name in ("success", "skipped", "failed", "bytes")))


def hour_of(moment: datetime) -> datetime:
    """The beginning of its hour."""
    return moment.replace(minute=0, second=0, microsecond=0)


def busiest(of: Sequence[Hour]) -> Hour | None:
    """The hour in which most items ended; None: none did."""
    best = max(of, key=lambda hour: hour.items, default=None)
    return best if best is not None and best.items else None


def ended_lately(of: Iterable[Hour]) -> int:
    """How many items ended in an hour lately: in the present one, or in the one before, whichever had more."""
    return max([hour.items for hour in of][-2:], default=0)
