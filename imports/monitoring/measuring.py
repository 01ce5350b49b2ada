"""Sample the queues and count what has ended, once a minute: the import itself writes nothing for it (ADR 0038).

The counts of each job are compared with those of the last time, which its JobTally has. Under the lock of one row: a
second process, or a second call within the minute, finds nothing to do.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from imports.models import FailureGroup, ImportJob, JobTally, LastSweep, QueueSample, Throughput
from imports.monitoring import deliveries, job_progress, processes, queues
from imports.monitoring.day import hour_of
from imports.monitoring.facts import Queue
from livingdocs_import.db import clock

EVERY = timedelta(seconds=60)
LATE = timedelta(minutes=10)  # after its end a job may still be counted: transactions commit later than their times say
LOOKED_BACK = timedelta(days=1)  # after a pause: no chart shows what ended before
NEVER = datetime(2000, 1, 1, tzinfo=UTC)
COUNTED = ("success", "skipped", "failed", "bytes")


def measure() -> int:
    """Measure if it is time to; returns the number of jobs of which items have ended since the last time."""
    if not _is_due(_last(), clock.now()):
        return 0
    with transaction.atomic():
        last = LastSweep.objects.select_for_update().get(pk=LastSweep.MEASURING).at
        now = clock.now()
        if not _is_due(last, now):
            return 0
        counted = _count(min(last, now), now)
        _sample(now)
        LastSweep.objects.filter(pk=LastSweep.MEASURING).update(at=now)
    return counted


def _last() -> datetime:
    """When it was last done; creates the row that is locked."""
    at = LastSweep.objects.filter(pk=LastSweep.MEASURING).values_list("at", flat=True).first()
    if at is None:
        LastSweep.objects.bulk_create([LastSweep(pk=LastSweep.MEASURING, at=NEVER)], ignore_conflicts=True)
    return at or NEVER


def _is_due(last: datetime, now: datetime) -> bool:
    """A time in the future was written by a clock that was set back since."""
    return not now - EVERY < last <= now


# --- The queues ------------------------------------------------------------------------------------------------------


def _sample(now: datetime) -> None:
    moments = processes.moments(now)
    left = job_progress.open_jobs(now).items_left
    imports = queues.imports_queue(now, left, is_away=bool(moments.away))
    webhooks = deliveries.deliveries(now, moments.last_attempt).queue
    samples = [_row(QueueSample.Queue.IMPORTS, imports, now), _row(QueueSample.Queue.WEBHOOKS, webhooks, now)]
    QueueSample.objects.bulk_create(samples, ignore_conflicts=True)


def _row(name: str, queue: Queue, now: datetime) -> QueueSample:
    oldest = None if queue.waits is None else int(queue.waits.total_seconds())
    return QueueSample(queue=name, at=now.replace(second=0, microsecond=0), depth=queue.depth, oldest=oldest)


# --- What has ended --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Change:
    """What has ended of a job since the last time. `tally`: its counts now."""

    project: int
    kind: str
    ended: Counter[str]
    tally: JobTally


def _count(last: datetime, now: datetime) -> int:
    since = max(last, now - LOOKED_BACK) if last > NEVER else now  # not all jobs that are kept
    changes = list(_changes(since - LATE, now))
    if last > NEVER:  # the first time it is not known when these items ended
        _add(changes, hour_of(now))
    tallies = [change.tally for change in changes]
    JobTally.objects.bulk_create(
        tallies, update_conflicts=True, unique_fields=["job"], update_fields=["at", "pace", *COUNTED]
    )
    # No job that ended before is looked at again.
    JobTally.objects.filter(job__finished_at__lt=last - LATE).delete()
    return len(changes)


def _changes(since: datetime, now: datetime) -> Iterator[_Change]:
    """Of the jobs that run, and of those that ended since."""
    begun = ImportJob.objects.filter(state=ImportJob.State.STARTED)
    ended = ImportJob.objects.filter(finished_at__gte=since)
    for found in (begun, ended):
        for job in _changed(found):
            yield _change(job, now)


def _changed(found: QuerySet[ImportJob]) -> QuerySet[ImportJob]:
    """Those of which items have ended since their counts were noted; dry runs import nothing."""
    done = F("success") + F("skipped") + F("failed")
    known = F("tally__success") + F("tally__skipped") + F("tally__failed")
    new = Q(tally__isnull=True) & (Q(success__gt=0) | Q(skipped__gt=0) | Q(failed__gt=0))
    cancelled = FailureGroup.objects.filter(job=OuterRef("pk"), cause="cancelled").values("failed")[:1]
    changed = found.annotate(done_now=done, known=known).filter(new | ~Q(done_now=F("known")), dry_run=False)
    return changed.select_related("tally").annotate(cancelled=Subquery(cancelled))


def _change(job: ImportJob, now: datetime) -> _Change:
    known = getattr(job, "tally", None)
    ended = Counter({name: getattr(job, name) - (getattr(known, name) if known else 0) for name in COUNTED})
    ended["failed"] = max(ended["failed"] - (job.cancelled or 0), 0)  # type: ignore[attr-defined]
    seconds = max((now - (known.at if known else job.started_at)).total_seconds(), 1.0)
    pace = sum(ended[name] for name in ("success", "skipped", "failed")) / seconds
    counts = {name: getattr(job, name) for name in COUNTED}
    return _Change(job.project_id, job.kind, ended, JobTally(job=job, at=now, pace=pace, **counts))


def _add(changes: Sequence[_Change], hour: datetime) -> None:
    """Add to the rows of the hour; no other transaction writes any meanwhile."""
    sums: dict[tuple[int, str], Counter[str]] = {}
    for change in changes:
        sums.setdefault((change.project, change.kind), Counter()).update(change.ended)
    for row in Throughput.objects.filter(hour=hour):
        if (row.project_id, row.kind) in sums:
            sums[row.project_id, row.kind].update({name: getattr(row, name) for name in COUNTED})
    Throughput.objects.bulk_create(
        _rows(sums.items(), hour),
        update_conflicts=True,
        unique_fields=["hour", "project", "kind"],
        update_fields=list(COUNTED),
    )


def _rows(sums: Iterable[tuple[tuple[int, str], Counter[str]]], hour: datetime) -> list[Throughput]:
    return [
        Throughput(hour=hour, project_id=project, kind=kind, **{name: ended[name] for name in COUNTED})
        for (project, kind), ended in sums
    ]
