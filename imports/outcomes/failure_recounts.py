"""Count the failures that a worker of the previous version has written, which knows neither their time nor groups.

Such a worker was not stopped for the migrations, which count what there was before them (ADR 0033).
"""

from collections import Counter
from collections.abc import Iterator
from functools import partial

from django.db import transaction
from django.db.models import Count, F, IntegerField, Value
from django.utils import timezone

from imports.models import FailureGroup, ImportItem, ImportItemQuerySet, ImportJob
from imports.outcomes import failure_groups
from imports.outcomes.failure_groups import GroupChange, host_of
from livingdocs_import.egress.endpoints import endpoint_of
from livingdocs_import.work_queue import retry_transaction

MAX_JOBS = 5  # of one round
MAX_ITEMS = 5_000  # uncounted failures of a job in one round

_ITEMS, _GROUPS = 0, 1  # where a row of the query comes from
Counts = Counter[tuple[str, int]]  # by cause and host


def recount_uncounted() -> int:
    """Recount the groups of a few jobs that have uncounted failures; how many these failures were."""
    jobs = _uncounted().order_by("job").values_list("job", flat=True).distinct()[:MAX_JOBS]
    return sum(retry_transaction.begun_again(partial(_recount, key)) for key in jobs)


def _uncounted() -> ImportItemQuerySet:
    return ImportItem.objects.filter(outcome=ImportItem.Outcome.FAILED, failed_at__isnull=True)


@transaction.atomic
def _recount(key: int) -> int:
    # items before the job: the order in which workers lock
    rows = _uncounted().filter(job=key).order_by("pk").select_for_update(of=("self",))
    found = ImportItem.objects.filter(pk__in=list(rows.values_list("pk", flat=True)[:MAX_ITEMS]))
    job = ImportJob.objects.select_for_update().get(pk=key)
    at = job.finished_at or timezone.now()
    found.filter(cause="cancelled", resolved_at__isnull=True).update(resolved_at=at)  # an operator has decided that
    number = found.update(failed_at=at)
    if not job.dry_run:
        failure_groups.write(_changes(job))
    return number


def _changes(job: ImportJob) -> Iterator[GroupChange]:
    """What is missing in the groups of a job, compared with its items."""
    (failed, resolved), (known_failed, known_resolved) = _counts(job)
    hosts = {key for key in known_failed if key[1] > 0}
    named = set(hosts)
    missing, missing_resolved = Counts(), Counts()
    for (cause, item_host), number in failed.most_common():  # where there is no room for all hosts: the most frequent
        host_key = host_of(cause, item_host)
        if host_key > 0 and (cause, host_key) not in hosts:
            if len(hosts) < failure_groups.MAX_HOSTS:
                hosts.add((cause, host_key))
            else:
                host_key = FailureGroup.OTHER_HOSTS
        missing[cause, host_key] += number
        missing_resolved[cause, host_key] += resolved[cause, item_host]
    missing.subtract(known_failed)
    missing_resolved.subtract(known_resolved)
    for cause, key in missing:
        if missing[cause, key] or missing_resolved[cause, key]:
            host = _host(job, cause, key) if key > 0 and (cause, key) not in named else ""
            number, done = missing[cause, key], missing_resolved[cause, key]
            yield GroupChange(job.pk, cause, key, host, failed=number, resolved=done)


def _counts(job: ImportJob) -> tuple[tuple[Counts, Counts], tuple[Counts, Counts]]:
    """Failed and resolved, as items and as groups have it: one statement, so both are of one moment."""
    items = (
        job.items.filter(outcome=ImportItem.Outcome.FAILED)
        .order_by()
        .values("cause", "host_key")
        .annotate(number=Count("pk"), done=Count("resolved_at"), source=Value(_ITEMS, IntegerField()))
        .values_list("cause", "host_key", "number", "done", "source")
    )
    groups = (
        job.failure_groups.annotate(number=F("failed"), done=F("resolved"), source=Value(_GROUPS, IntegerField()))
        .order_by()
        .values_list("cause", "host_key", "number", "done", "source")
    )
    counts: tuple[tuple[Counts, Counts], tuple[Counts, Counts]] = (Counter(), Counter()), (Counter(), Counter())
    for cause, host_key, number, done, source in items.union(groups, all=True):
        counts[source][0][cause, host_key] += number
        counts[source][1][cause, host_key] += done
    return counts


def _host(job: ImportJob, cause: str, host_key: int) -> str:
    item = job.items.filter(outcome=ImportItem.Outcome.FAILED, cause=cause, host_key=host_key).first()
    return endpoint_of(str(item.payload.get("url", ""))) if item else ""
