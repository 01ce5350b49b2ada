"""The failures of a job by cause and host: counted with the outcomes, instead of counting items (ADR 0033).

Dry runs have no groups: what fails there is no failure of an import.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass

import orjson
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from imports.cause_explanations import is_of_host
from imports.handlers.base import ItemOutcome
from imports.models import FailureGroup, ImportItem, ImportItemQuerySet, ImportJob
from livingdocs_import.db.clock import from_now
from livingdocs_import.egress.endpoints import endpoint_of

# Groups of a job with a host of their own. There are fewer causes than that: with a group of "other hosts" for each of
# them, and one for each cause without a host, a job has at most 200.
MAX_HOSTS = 100

# All transactions lock rows in this order, so that workers cannot deadlock here.
_WRITE = """
    WITH given (job_id, cause, host_key, host, failed, resolved, evidence) AS (VALUES {rows}),
    placed AS (
        SELECT given.*, given.host_key <= 0 OR known.id IS NOT NULL OR {max_hosts} >= (
            ROW_NUMBER() OVER (
                PARTITION BY given.job_id, known.id IS NULL
                ORDER BY given.host_key <= 0, given.cause, given.host_key
            )
            + (SELECT COUNT(*) FROM {groups} AS counted WHERE counted.job_id = given.job_id AND counted.host_key > 0)
        ) AS fits
        FROM given LEFT JOIN {groups} AS known
            ON known.job_id = given.job_id AND known.cause = given.cause AND known.host_key = given.host_key
    ),
    named AS (
        SELECT job_id, cause, CASE WHEN fits THEN host_key ELSE {other} END AS host_key,
               CASE WHEN fits THEN host ELSE '' END AS host, failed, resolved, evidence
        FROM placed
    )
    INSERT INTO {groups} (job_id, cause, host_key, host, failed, resolved, evidence, first_at, last_at)
    SELECT job_id, cause, host_key, host, SUM(failed), SUM(resolved), MIN(evidence), %s, %s FROM named WHERE true
    GROUP BY job_id, cause, host_key, host ORDER BY job_id, cause, host_key
    ON CONFLICT (job_id, cause, host_key) DO UPDATE SET
        failed = {groups}.failed + excluded.failed,
        resolved = {groups}.resolved + excluded.resolved,
        evidence = COALESCE({groups}.evidence, excluded.evidence),
        last_at = CASE WHEN excluded.failed > 0 THEN excluded.last_at ELSE {groups}.last_at END
"""


@dataclass(frozen=True)
class GroupChange:
    """The changes of one transaction to the counts of a group; either may be negative. `evidence` is JSON as text."""

    job: int
    cause: str
    host_key: int
    host: str = ""
    failed: int = 0
    resolved: int = 0
    evidence: str | None = None

    @property
    def key(self) -> tuple[int, str, int]:
        return self.job, self.cause, self.host_key


def failures(job: ImportJob, outcomes: Sequence[ItemOutcome]) -> Iterator[GroupChange]:
    """Those among these outcomes of a job."""
    for outcome in outcomes:
        if outcome.outcome == ImportItem.Outcome.FAILED and not job.dry_run:
            item, key = outcome.item, host_of(outcome.cause, outcome.item.host_key)
            host = endpoint_of(str(item.payload.get("url", ""))) if key else ""
            yield GroupChange(job.pk, outcome.cause, key, host, failed=1, evidence=_evidence(outcome))


def host_of(cause: str, host_key: int) -> int:
    """The host by which a failure is grouped."""
    return host_key if is_of_host(cause) else FailureGroup.NO_HOST


def _evidence(outcome: ItemOutcome) -> str | None:
    if outcome.evidence is None or not is_of_host(outcome.cause):
        return None
    known = {"item": outcome.item.external_id, "at": timezone.now()}
    return orjson.dumps(known | asdict(outcome.evidence)).decode()


def resolve(items: ImportItemQuerySet, *, by: str = "") -> list[GroupChange]:
    """Mark those of these failures that are still open as resolved; returns the changes of their groups.

    `by`: the operator, if one did it. Inside a transaction; the caller writes the changes at its end.
    """
    return _move(items.open_failures(), resolved_by=by)


def retry(items: ImportItemQuerySet, retried_by: ImportJob) -> list[GroupChange]:
    """Let a job take over those of these failures that may be retried."""
    return _move(items.retriable(), retried_by=retried_by)


def reopen(items: ImportItemQuerySet) -> list[GroupChange]:
    """The reverse, for resolved failures."""
    return _move(items.filter(outcome=ImportItem.Outcome.FAILED, resolved_at__isnull=False), resolved=False)


def _move(
    items: ImportItemQuerySet, *, resolved: bool = True, resolved_by: str = "", retried_by: ImportJob | None = None
) -> list[GroupChange]:
    rows = items.order_by("pk").select_for_update(of=("self",))
    locked = list(rows.values_list("pk", "job", "job__dry_run", "cause", "host_key", "resolved_at"))
    ImportItem.objects.filter(pk__in=[pk for pk, *_ in locked]).update(
        resolved_at=from_now() if resolved else None, resolved_by=resolved_by, retried_by=retried_by
    )
    counts: Counter[tuple[int, str, int]] = Counter()
    for _, job, dry_run, cause, key, before in locked:
        if not dry_run:
            counts[job, cause, host_of(cause, key)] += int(resolved) - int(before is not None)
    return [GroupChange(*group, resolved=number) for group, number in counts.items() if number]


def write(changes: Iterable[GroupChange]) -> None:
    """Change the counts: one statement, and none without changes. The caller has locked the job of new failures."""
    if not (sums := _sums(changes)):
        return
    rows = [
        value
        for key in sorted(sums)
        for value in (*key, sums[key].host, sums[key].failed, sums[key].resolved, sums[key].evidence)
    ]
    statement = _WRITE.format(
        rows=", ".join(["(%s, %s, %s, %s, %s, %s, %s)"] * len(sums)),
        groups=FailureGroup._meta.db_table,
        max_hosts=MAX_HOSTS,
        other=FailureGroup.OTHER_HOSTS,
    )
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(statement, [*rows, now, now])


def _sums(changes: Iterable[GroupChange]) -> dict[tuple[int, str, int], GroupChange]:
    sums: dict[tuple[int, str, int], GroupChange] = {}
    for change in changes:
        if (known := sums.get(change.key)) is None:
            sums[change.key] = change
        else:
            sums[change.key] = GroupChange(
                *change.key,
                known.host or change.host,
                known.failed + change.failed,
                known.resolved + change.resolved,
                known.evidence or change.evidence,
            )
    return sums


def items_of(group: FailureGroup) -> Q:
    """The condition for the items that the group counts."""
    chosen = Q(job=group.job_id, cause=group.cause)
    if not is_of_host(group.cause):
        return chosen
    if group.host_key != FailureGroup.OTHER_HOSTS:
        return chosen & Q(host_key=group.host_key)
    named = FailureGroup.objects.filter(job=group.job_id, cause=group.cause, host_key__gt=0)
    return chosen & ~Q(host_key__in=named.values("host_key"))
