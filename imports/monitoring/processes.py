"""Whether the service's own processes work: rounds of housekeeping, workers and what they do, outages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import CharField, F, Subquery, Value

from imports.models import LastSweep
from imports.monitoring.facts import WORKER_MISSING_AFTER, Away, Sweeps, Workers
from livingdocs_import.models import ServiceOutage, WebhookAttempt, WorkerProcess

MAX_PROCESSES = 200


@dataclass(frozen=True)
class Moments:
    """When housekeeping last ran, when a webhook was last attempted, and which dependencies are away."""

    sweeps: Sweeps
    last_attempt: datetime | None
    away: list[Away]


def moments(now: datetime) -> Moments:
    """One query."""

    def named(name: str) -> Value:
        return Value(name, output_field=CharField())

    sweep = LastSweep.objects.filter(pk=LastSweep.NOTIFYING).annotate(what=named("sweep")).values_list("what", "at")
    newest = WebhookAttempt.objects.order_by("-pk").values("pk")[:1]
    attempt = WebhookAttempt.objects.filter(pk=Subquery(newest)).order_by().annotate(what=named("attempt"))
    outages = ServiceOutage.objects.annotate(what=F("part")).values_list("what", "since")
    found = sorted(sweep.union(attempt.values_list("what", "at"), outages, all=True), key=lambda row: row[1])
    by_name = dict(found)
    return Moments(
        sweeps=Sweeps(since=now - by_name["sweep"] if "sweep" in by_name else None),
        last_attempt=by_name.get("attempt"),
        away=[Away(part, since, now - since) for part, since in found if part in ServiceOutage.Part.values],
    )


def processes() -> list[WorkerProcess]:
    """Those that were seen last come first."""
    return list(WorkerProcess.objects.order_by("-seen_at", "-pk")[:MAX_PROCESSES])


def workers(seen: Sequence[WorkerProcess], now: datetime, runs: Callable[[WorkerProcess], bool]) -> Workers:
    """Of these processes those that run imports, or webhooks."""
    ours = [process for process in seen if runs(process)]
    alive = [process for process in ours if is_alive(process, now)]
    return Workers(alive=len(alive), since=now - ours[0].seen_at if ours else None)


def is_alive(process: WorkerProcess, now: datetime) -> bool:
    """Whether it was seen lately."""
    return process.seen_at >= now - WORKER_MISSING_AFTER
