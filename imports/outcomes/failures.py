"""What operators ask about failures: which ones a filter finds, why they failed, and one by one."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import CharField, Count, F, Func, JSONField, Q, QuerySet, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Concat, Left, StrIndex

from imports.cause_explanations import UNRECORDED, Explanation, explanation
from imports.models import FailureGroup, ImportItem, ImportItemQuerySet, ImportJob
from imports.outcomes.failure_groups import items_of
from livingdocs_import.validation.json_types import JSONObject

SPANS = {"1": timedelta(hours=24), "7": timedelta(days=7)}
MAX_GROUPS = 2_000  # that are read for one page
NEWEST = 5_000  # failures whose titles and addresses are searched
MAX_NAMED = 5  # jobs of a cause that are named
EXPORTED = 1_000  # rows of one query


@dataclass(frozen=True)
class FailureFilter:
    """Which failures are meant; an empty field means any.

    `words`: the beginning of an external id, or a part of a title or an address. `cause`: None for any. `dealt_with`:
    those that are, instead of open ones. `since`: a key of SPANS, which ends at `now`. `until`: nothing that failed
    later, so that what is chosen does not grow behind the operator's back. `searched_from`: the time and the key of the
    oldest failure whose title and address are searched, once `fixed` has found it.
    """

    now: datetime
    words: str = ""
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
        return replace(self, searched_from=next(iter(newest[NEWEST - 1 : NEWEST]), None))

    def _unsearched(self) -> ImportItemQuerySet:
        found = ImportItem.objects.filter(outcome=ImportItem.Outcome.FAILED, resolved_at__isnull=not self.dealt_with)
        return found.filter(self._conditions(), self._times())

    def _conditions(self) -> Q:
        wanted = Q(job__project=self.project) if self.project else Q()
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
        """The groups in which they are counted, the newest first."""
        left = Q(resolved__gt=0) if self.dealt_with else Q(failed__gt=F("resolved"))
        groups = FailureGroup.objects.filter(left).select_related("job__project").defer("evidence").order_by("-pk")
        if self.project:
            groups = groups.filter(job__project=self.project)
        if self.job:
            groups = groups.filter(job__public_id=self.job)
        if self.since in SPANS:
            groups = groups.filter(last_at__gte=self.now - SPANS[self.since])
        if self.group:
            groups = groups.filter(pk=self.group)
        return groups if self.cause is None else groups.filter(cause=self.cause)

    def number(self, group: FailureGroup) -> int:
        """How many of a group are meant by open, or dealt with."""
        return group.resolved if self.dealt_with else group.open


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
    if oldest is None:
        return Q(pk__in=found.order_by("-failed_at", "-pk").values("pk")[:NEWEST])
    failed_at, key = oldest
    return Q(failed_at__gt=failed_at) | Q(failed_at=failed_at, pk__gte=key)


# --- By cause --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CauseOfFailures:
    """The failures of one cause, over all jobs of a filter."""

    cause: str
    words: Explanation
    number: int
    hosts: list[str]
    jobs: list[tuple[ImportJob, int]]  # those with the most
    job_count: int
    first_at: datetime
    last_at: datetime
    evidence: JSONObject | None = None

    @property
    def code(self) -> str:
        return self.cause or UNRECORDED


def causes(chosen: FailureFilter) -> list[CauseOfFailures]:
    """The causes of the failures, the most frequent first: four queries, however many failures there are."""
    groups: dict[str, list[FailureGroup]] = defaultdict(list)
    for group in chosen.groups()[:MAX_GROUPS]:
        groups[group.cause].append(group)
    numbers = _counted(chosen) if chosen.is_narrow else {}
    answers = _answers(groups.values())
    found = [
        _cause(cause, members, chosen, numbers.get(cause, 0) if chosen.is_narrow else None, answers)
        for cause, members in groups.items()
    ]
    return sorted((one for one in found if one.number), key=lambda one: (-one.number, one.cause))


def _counted(chosen: FailureFilter) -> dict[str, int]:
    return dict(chosen.items().order_by().values_list("cause").annotate(Count("pk")))


def _answers(causes: Iterable[list[FailureGroup]]) -> dict[int, JSONObject]:
    """One exact answer of each cause, of the group with the most failures that has one."""
    keys = [group.pk for groups in causes for group in sorted(groups, key=lambda one: -one.failed)[:MAX_NAMED]]
    answered = FailureGroup.objects.filter(pk__in=keys, evidence__isnull=False).only("pk", "evidence")
    return {group.pk: group.evidence for group in answered}


def _cause(
    cause: str, groups: list[FailureGroup], chosen: FailureFilter, number: int | None, answers: dict[int, JSONObject]
) -> CauseOfFailures:
    by_job: Counter[ImportJob] = Counter()
    for group in groups:
        by_job[group.job] += chosen.number(group)
    most = sorted(groups, key=lambda group: -group.failed)
    return CauseOfFailures(
        cause=cause,
        words=explanation(cause),
        number=sum(by_job.values()) if number is None else number,
        hosts=list(dict.fromkeys(group.host for group in most if group.host)),
        jobs=by_job.most_common(MAX_NAMED),
        job_count=len(by_job),
        first_at=min(group.first_at for group in groups),
        last_at=max(group.last_at for group in groups),
        evidence=next((answers[group.pk] for group in most if group.pk in answers), None),
    )


def open_count() -> int:
    """How many failures are open, over all jobs."""
    groups = FailureGroup.objects.filter(failed__gt=F("resolved"))
    return sum(failed - resolved for failed, resolved in groups.values_list("failed", "resolved"))


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
