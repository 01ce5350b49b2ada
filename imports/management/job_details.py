"""Everything about one job, as a fact and as lines; and its progress while it runs."""

from collections.abc import Callable, Iterator
from typing import Any

from django.utils import timezone

from imports import monitoring
from imports.claiming.waiting import waiting_for
from imports.management.jobs import KEYS, condition, job_fact
from imports.models import ImportItem, ImportJob
from livingdocs_import.admin import readable
from livingdocs_import.management.report import Fact
from livingdocs_import.models import WebhookDelivery

DETAIL_KEYS = (
    f"{KEYS}, would (of a dry run: items by outcome), waitingFor, inWork {{claimed, retrying, untouched}}, reasons "
    "[{outcome, reason, count}], failures [{position, externalId, cause, reason, message}], webhooks [{delivery, "
    "state, attempts [{at, status, error}]}]"
)
MOMENT = "%Y-%m-%d %H:%M:%S UTC"


def details(job: ImportJob, *, failed: int) -> dict[str, Any]:
    """A job with its reasons, its webhook, and `failed` of its failed items."""
    waiting = waiting_for(job)
    failures = job.items.filter(outcome=ImportItem.Outcome.FAILED).order_by("position")
    return job_fact(job) | {
        "would": job.outcomes if job.dry_run else None,
        "waitingFor": None if waiting is None else str(waiting),
        "inWork": None if job.finished else _in_work(job),
        "reasons": [
            {"outcome": each.outcome, "reason": each.reason, "count": each.count}
            for each in monitoring.reasons(job.items.all(), limit=job.total)
        ],
        "failures": list(map(_failure, failures[: min(max(failed, 0), job.total)])),
        "webhooks": list(map(_webhook, _deliveries(job))),
    }


def _in_work(job: ImportJob) -> Fact:
    left = monitoring.in_work(job)
    return {"claimed": left.begun, "retrying": left.again, "untouched": left.untouched}


def _failure(item: ImportItem) -> Fact:
    return {
        "position": item.position,
        "externalId": item.external_id,
        "cause": item.cause,
        "reason": item.reason,
        "message": readable.redacted(str((item.details or {}).get("message", ""))),
    }


def _deliveries(job: ImportJob) -> Any:
    about = WebhookDelivery.objects.filter(subject=f"job {job.public_id}", project=job.project_id)
    return about.order_by("created_at").prefetch_related("tries")


def _webhook(delivery: WebhookDelivery) -> Fact:
    attempts = [
        {"at": attempt.at, "status": attempt.status, "error": readable.redacted(attempt.error)}
        for attempt in delivery.tries.all()
    ]
    return {"delivery": delivery.delivery_id, "state": delivery.state, "attempts": attempts}


# --- For people ------------------------------------------------------------------------------------------------------


def lines(fact: Fact) -> Iterator[str]:
    """The same for people."""
    dry_run = "dry run of " if fact["dryRun"] else ""
    about = f"(project {fact['project']}, system {fact['systemName']})"
    yield f"{dry_run}{fact['kind']} {fact['job']}: {condition(fact)}  {about}"
    finished = f"{fact['finishedAt']:{MOMENT}}" if fact["finishedAt"] else "not yet"
    yield f"started {fact['startedAt']:{MOMENT}}, finished {finished}"
    if fact["note"]:
        yield fact["note"]
    yield progress_line(fact)
    if fact["inWork"] is not None:
        left = fact["inWork"]
        claimed, retrying = left["claimed"], left["retrying"]
        yield f"{fact['total'] - fact['done']} open: {claimed} in work, {retrying} waiting for another try"
    if fact["waitingFor"]:
        yield f"waits for {fact['waitingFor']}"
    if fact["would"]:
        yield "would " + ", ".join(f"{what} {count}" for what, count in fact["would"].items())
    yield from _lines_of_failures(fact)
    for webhook in fact["webhooks"]:
        yield f"webhook {webhook['delivery']}: {webhook['state']}"
        for attempt in webhook["attempts"]:
            yield f"  {attempt['at']:{MOMENT}} {attempt['status'] or attempt['error']}"


def progress_line(fact: Fact) -> str:
    """`4 of 10 done: 3 success, 0 skipped, 1 failed`."""
    counts = f"{fact['success']} success, {fact['skipped']} skipped, {fact['failed']} failed"
    return f"{fact['done']} of {fact['total']} done: {counts}"


def _lines_of_failures(fact: Fact) -> Iterator[str]:
    for reason in fact["reasons"]:
        if reason["outcome"] == ImportItem.Outcome.FAILED:
            yield f"  {reason['count']} x {reason['reason']}"
    for failure in fact["failures"]:
        message = f" ({failure['message']})" if failure["message"] else ""
        yield f"  #{failure['position']} {failure['externalId']}: {failure['reason']}{message}"


# --- While it runs ---------------------------------------------------------------------------------------------------


def changes(job: ImportJob, pause: Callable[[], object]) -> Iterator[ImportJob]:
    """The job each time when its counts or its state have changed, until it has ended; `pause` between two looks."""
    seen: tuple[object, ...] = ()
    while True:
        job.refresh_from_db()
        now = (job.state, job.paused_at, job.done, str(waiting_for(job)))
        if now != seen:
            yield job
        if job.finished:
            return
        seen = now
        pause()


def progress(job: ImportJob) -> str:
    """`4 of 10 done: …, about 3 min left; waits for the storage, which is away`."""
    waiting = waiting_for(job)
    return f"{progress_line(job_fact(job))}{_time_left(job)}{f'; waits for {waiting}' if waiting else ''}"


def _time_left(job: ImportJob) -> str:
    """At the pace so far; "" while that is unknown."""
    if not job.done or job.paused_at is not None:
        return ""
    spent = timezone.now() - job.started_at
    return f", about {readable.duration(spent * (job.total - job.done) / job.done)} left"
