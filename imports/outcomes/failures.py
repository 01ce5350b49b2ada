"""What operators ask about failures: which ones a filter finds, why they failed, and one by one."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import CharField, Count, F, Func, JSONField, Max, Min, Q, QuerySet, Sum, Value, Window
from django.db.models.expressions import CombinedExpression
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Concat, Left, RowNumber, StrIndex

from imports.cause_explanations import UNRECORDED, Explanation, explanation
from imports.models import FailureGroup, ImportItem, ImportItemQuerySet, ImportJob
from imports.outcomes.failure_groups import items_of
from livingdocs_import.models.project_scope import EVERYTHING, ProjectScope
from livingdocs_import.validation.json_types import JSONObject

SPANS = {"1": timedelta(hours=24), "7": timedelta(days=7)}
NEWEST = 5_000  # failures whose titles and addresses are searched
MAX_NAMED = 5  # jobs of a cause that are named
EXPORTED = 1_000  # rows of one query


@dataclass(frozen=True)
class FailureFilter:
    """Which failures are meant, never those of dry runs; an empty field means any.

    `words`: the beginning of an external id, or a part of a title or an address. `projects`: those that the user may
    see or act on. `cause`: None for any. `dealt_with`:
    those that are, instead of open ones. `since`: a key of SPANS, which ends at `now`. `until`: nothing that failed
    later, so that what is chosen does not grow behind the operator's back. `searched_from`: the time and the key of the
    oldest failure whose title and address are searched, once `fixed` has found it.
    """

    now: datetime
    words: str = ""
    projects: ProjectScope = EVERYTHING
    project: int = 0
    job: str = ""
    cause: str | None = None
    group: int = 0
    since: str = ""
    dealt_with: bool = False
    until: datetime | None = None
    searched_from: tuple[datetime, int] | None = None

    @property
    def is_narrow(self) -> bool:
        """Whether groups alone do not say how many there are."""
        return bool(self.words or self.since or self.group or self.until)

    def of(self, cause: str) -> "FailureFilter":
        """The same, of one cause."""
        return replace(self, cause=cause)

    def items(self) -> ImportItemQuerySet:
        """The failed items, in no order."""
        found = self._unsearched()
        return _matching(found, self.words, _searched(found, self.searched_from)) if self.words else found

    def fixed(self) -> "FailureFilter":
        """The same, but a search does not go on to older failures when newer ones are dealt with."""
        if not self.words or self.searched_from:
            return self
        newest = self._unsearched().order_by("-failed_at", "-pk").values_list("failed_at", "pk")
        last = [(failed_at, key) for failed_at, key in newest[NEWEST - 1 : NEWEST] if failed_at]
        return replace(self, searched_from=last[0] if last else None)

    def _unsearched(self) -> ImportItemQuerySet:
        found = ImportItem.objects.filter(outcome=ImportItem.Outcome.FAILED, resolved_at__isnull=not self.dealt_with)
        return found.filter(self._conditions(), self._times())

    def _conditions(self) -> Q:
        wanted = Q(job__dry_run=False) & self.projects.within("job__project")
        if self.project:
            wanted &= Q(job__project=self.project)
        if self.job:
            wanted &= Q(job__public_id=self.job)
        if self.cause is not None:
            wanted &= Q(cause=self.cause)
        if self.group:
            group = FailureGroup.objects.filter(pk=self.group).first()
            wanted &= Q(pk__in=[]) if group is None else items_of(group)
        return wanted

    def _times(self) -> Q:
        times = Q(failed_at__gte=self.now - SPANS[self.since]) if self.since in SPANS else Q()
        return times & Q(failed_at__lte=self.until) if self.until else times

    def groups(self) -> QuerySet[FailureGroup]:
        """The groups in which they are counted, in no order."""
        left = Q(resolved__gt=0) if self.dealt_with else Q(failed__gt=F("resolved"))
        groups = FailureGroup.objects.filter(left, self.projects.within("job__project"), job__dry_run=False)
        if self.project:
            groups = groups.filter(job__project=self.project)
        if self.job:
            groups = groups.filter(job__public_id=self.job)
        if self.since in SPANS:
            groups = groups.filter(last_at__gte=self.now - SPANS[self.since])
        if self.group:
            groups = groups.filter(pk=self.group)
        return groups if self.cause is None else groups.filter(cause=self.cause)

    @property
    def number(self) -> CombinedExpression | F:
        """How many of a group are meant: those that are open, or dealt with."""
        return F("resolved") if self.dealt_with else F("failed") - F("resolved")


class _FirstOf(Func):
    """The smaller of two numbers: LEAST on PostgreSQL, MIN elsewhere."""

    function = "LEAST"

    def as_sqlite(self, compiler, connection, **context):  # type: ignore[no-untyped-def]
        return self.as_sql(compiler, connection, function="MIN", **context)


def address() -> Left:
    """The address that an item is fetched from, without query and fragment, which may hold a secret; null: none."""
    url = KeyTextTransform("url", Cast(F("payload"), JSONField()))
    ends = [StrIndex(Concat(url, Value(sign), output_field=CharField()), Value(sign)) for sign in "?#"]
    return Left(Cast(url, CharField()), _FirstOf(*ends) - 1)


def _matching(found: ImportItemQuerySet, words: str, searched: Q) -> ImportItemQuerySet:
    by_address = ~Q(host_key=0) & Q(searched_address__icontains=words)
    return found.alias(searched_address=address()).filter(
        Q(external_id__startswith=words) | searched & (Q(title__icontains=words) | by_address)
    )


def _searched(found: ImportItemQuerySet, oldest: tuple[datetime, int] | None) -> Q:
    """Titles and addresses have no index: those of the newest are looked at, in the index that finds failures."""
    if oldest is not None:
        failed_at, key = oldest
        found = found.filter(Q(failed_at__gt=failed_at) | Q(failed_at=failed_at, pk__gte=key))
    return Q(pk__in=found.order_by("-failed_at", "-pk").values("pk")[:NEWEST])


# --- By cause --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CauseOfFailures:
    """The failures of one cause, over all jobs of a filter."""

    cause: str
    words: Explanation
    number: int
    host: str  # one of them, if there are any
    host_count: int
    jobs: list[tuple[ImportJob, int]]  # those with the most
    job_count: int
    first_at: datetime
    last_at: datetime
    evidence: JSONObject | None = None

    @property
    def code(self) -> str:
        return self.cause or UNRECORDED


def causes(chosen: FailureFilter) -> list[CauseOfFailures]:
    """The causes of the failures, the most frequent first: five queries at most, however many failures there are."""
    numbers = _counted(chosen) if chosen.is_narrow else None
    jobs, answers = _jobs(chosen), _answers(chosen)
    named = ~Q(host="")
    sums = (
        chosen.groups()
        .values("cause")
        .annotate(
            number=Sum(chosen.number),
            hosts=Count("host", distinct=True, filter=named),
            one_host=Max("host", filter=named),
            jobs=Count("job", distinct=True),
            first=Min("first_at"),
            last=Max("last_at"),
        )
    )
    found = [
        CauseOfFailures(
            cause=row["cause"],
            words=explanation(row["cause"]),
            number=row["number"] if numbers is None else numbers.get(row["cause"], 0),
            host=row["one_host"] or "",
            host_count=row["hosts"],
            jobs=jobs[row["cause"]],
            job_count=row["jobs"],
            first_at=row["first"],
            last_at=row["last"],
            evidence=answers.get(row["cause"]),
        )
        for row in sums
    ]
    return sorted((one for one in found if one.number), key=lambda one: (-one.number, one.cause))


def _counted(chosen: FailureFilter) -> dict[str, int]:
    return dict(chosen.items().order_by().values_list("cause").annotate(Count("pk")))


def _jobs(chosen: FailureFilter) -> dict[str, list[tuple[ImportJob, int]]]:
    """Of each cause the jobs with the most of its failures."""
    rows = chosen.groups().values("cause", "job").annotate(number=Sum(chosen.number))
    first = rows.annotate(place=_place("-number", "-job")).filter(place__lte=MAX_NAMED).order_by("cause", "place")
    most = list(first.values_list("cause", "job", "number"))
    jobs = ImportJob.objects.select_related("project").in_bulk([job for _, job, _ in most])
    named = defaultdict(list)
    for cause, job, number in most:
        if job in jobs:
            named[cause].append((jobs[job], number))
    return named


def _answers(chosen: FailureFilter) -> dict[str, JSONObject]:
    """One exact answer of each cause, of the group with the most failures that has one."""
    groups = chosen.groups().filter(evidence__isnull=False)
    first = groups.annotate(place=_place("-failed", "-pk")).filter(place=1).values("pk")
    answered = FailureGroup.objects.filter(pk__in=first).only("cause", "evidence")
    return {group.cause: group.evidence for group in answered}


def _place(*order: str) -> Window:
    """The place of a row among those of its cause."""
    return Window(RowNumber(), partition_by="cause", order_by=order)


# --- One by one ------------------------------------------------------------------------------------------------------


def listed(chosen: FailureFilter) -> QuerySet[ImportItem]:
    """The items as they are shown: the newest failures first, or what was dealt with last."""
    order = ("-resolved_at", "-pk") if chosen.dealt_with else ("-failed_at", "-pk")
    items = chosen.items().select_related("job__project", "retried_by").defer("payload", "result")
    return items.annotate(address=address()).order_by(*order)


def exported(chosen: QuerySet[ImportItem]) -> Iterator[ImportItem]:
    """All of them, by their keys, a query for each thousand."""
    rows = chosen.select_related("job__project").defer("payload", "result").annotate(address=address()).order_by("pk")
    last = 0
    while batch := list(rows.filter(pk__gt=last)[:EXPORTED]):
        yield from batch
        last = batch[-1].pk
