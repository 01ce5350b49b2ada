"""Failures that are open, by cause and host: read from their groups, so that no item is counted."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import CharField, F, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, NullIf

from imports.cause_explanations import UNRECORDED, explanation
from imports.models import FailureGroup, ImportJob
from imports.monitoring.facts import DAY, FailureCount
from livingdocs_import.models.project_scope import EVERYTHING, ProjectScope

MAX_CAUSES = 6
MAX_ROWS = 2_000  # causes by host and project, those with the most failures
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Failures:
    """Open failures of all days, and those of the day: in groups in which an item failed in the last 24 hours.

    `by_host`: all open ones by cause and host; `causes`: those of the day by cause. The most frequent come first.
    """

    open: int
    dealt_with: int  # of the day
    of_day: int  # open ones
    by_host: list[FailureCount]
    causes: list[FailureCount]
    cause_count: int


def failures(now: datetime, projects: ProjectScope = EVERYTHING) -> Failures:
    """One query."""
    rows = _rows(now, projects)
    of_day = [row for row in rows if row["of_day"] > 0]
    causes = _counts(rows=of_day, now=now, by=("cause",), number="of_day")
    return Failures(
        open=sum(row["number"] for row in rows),
        dealt_with=sum(row["dealt_with"] for row in rows),
        of_day=sum(row["of_day"] for row in of_day),
        by_host=_counts(
            rows=[row for row in rows if row["number"] > 0], now=now, by=("cause", "host"), number="number"
        ),
        causes=causes[:MAX_CAUSES],
        cause_count=len(causes),
    )


def open_groups(projects: ProjectScope = EVERYTHING) -> QuerySet[FailureGroup]:
    """The groups with open failures, of all days; dry runs fail nothing."""
    return _real(FailureGroup.objects.filter(projects.within("job__project"), failed__gt=F("resolved")))


def _real(groups: QuerySet[FailureGroup]) -> QuerySet[FailureGroup]:
    """Those of imports, with the names of their projects.

    Each job is looked up by its key: to join them, PostgreSQL would read all jobs where many groups are open.
    """
    name = Coalesce(NullIf(F("project__label"), Value("")), F("project__handle"), output_field=CharField())
    job = ImportJob.objects.filter(pk=OuterRef("job"), dry_run=False).values(name=name)
    return groups.annotate(project=Subquery(job[:1])).filter(project__isnull=False)


def _rows(now: datetime, projects: ProjectScope) -> list[dict[str, Any]]:
    is_open, today = Q(failed__gt=F("resolved")), Q(last_at__gte=now - DAY)
    left = F("failed") - F("resolved")
    found = FailureGroup.objects.filter(is_open | today, projects.within("job__project"))
    groups: Any = _real(found.exclude(cause="cancelled"))  # an operator has decided about these
    return list(
        groups.values("cause", "host", "project")
        .annotate(
            number=Coalesce(Sum(left, filter=is_open), 0),
            of_day=Coalesce(Sum(left, filter=is_open & today), 0),
            lately=Coalesce(Sum(left, filter=is_open & Q(last_at__gte=now - HOUR)), 0),
            dealt_with=Coalesce(Sum("resolved", filter=today), 0),
            first=Min("first_at"),
            last=Max("last_at"),
        )
        .order_by("-number", "cause", "host", "project")[:MAX_ROWS]
    )


def _counts(rows: Iterable[dict[str, Any]], now: datetime, by: Sequence[str], number: str) -> list[FailureCount]:
    grouped: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        grouped[tuple(row[name] for name in by)].append(row)
    found = [_count(same, now, number) for same in grouped.values()]
    return sorted(found, key=lambda one: (-one.number, one.cause, one.host))


def _count(rows: Sequence[dict[str, Any]], now: datetime, number: str) -> FailureCount:
    hosts = sorted({_shown(row["host"]) for row in rows if row["host"]})
    return FailureCount(
        cause=rows[0]["cause"] or UNRECORDED,
        title=explanation(rows[0]["cause"]).title,
        host=hosts[0] if hosts else "",
        number=sum(row[number] for row in rows),
        lately=sum(row["lately"] for row in rows),
        since=max(now - min(row["first"] for row in rows), timedelta(0)),
        last=max(now - max(row["last"] for row in rows), timedelta(0)),
        projects=tuple(sorted({row["project"] for row in rows})),
        hosts=len(hosts),
    )


def _shown(host: str) -> str:
    """A host as people write it: without the ports that go without saying."""
    return host.removesuffix(":443").removesuffix(":80")
