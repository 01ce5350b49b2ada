"""The overview for operators: one snapshot of queues, processes, jobs, failures and the last 24 hours."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from imports.monitoring import day, deliveries, failing, job_progress, processes, queues
from imports.monitoring.day import Day, Hour
from imports.monitoring.deliveries import Deliveries
from imports.monitoring.facts import ENDS_SOON, EndingToken, Facts
from imports.monitoring.failing import Failures
from imports.monitoring.job_progress import RunningJob
from livingdocs_import.models import AccessToken, ProjectReceiver, WorkerProcess
from livingdocs_import.models.project_scope import EVERYTHING, ProjectScope
from media_library.storage.health import StorageState, storage_health

MAX_TOKENS = 3
# An error of the storage names buckets, addresses and folders.
WITHHELD = "users who see the jobs of all projects see why"


@dataclass(frozen=True)
class Scopes:
    """The projects of which a user may see each of these; the failures of items are facts about jobs."""

    jobs: ProjectScope = EVERYTHING
    projects: ProjectScope = EVERYTHING  # their quotas and webhooks
    deliveries: ProjectScope = EVERYTHING
    tokens: ProjectScope = EVERYTHING

    @property
    def see_all(self) -> bool:
        """Whether what belongs to no project is shown: samples of queues, what processes do, why the storage fails."""
        return self.jobs.is_everything


EVERYWHERE = Scopes()


@dataclass(frozen=True, kw_only=True)
class Overview(Facts):
    """The facts that decide whether a person is needed, and what is shown beside them.

    Lists hold a few rows, their counts include all.
    """

    open_jobs: list[RunningJob]
    open_count: int
    deliveries: Deliveries
    failures_of_day: Failures
    failing_receivers: list[ProjectReceiver]
    day: Day
    hours: list[Hour]
    samples: dict[str, list[int]] = field(default_factory=dict)
    processes: list[WorkerProcess] = field(default_factory=list)  # alive


def overview(now: datetime, may_see: Scopes = EVERYWHERE) -> Overview:
    """A dozen queries, each on an index or on the few rows that are open; of what a user may see, or of all."""
    projects = may_see.jobs
    moments, seen = processes.moments(now), processes.processes()
    open_jobs = job_progress.open_jobs(now, projects)
    sent = deliveries.deliveries(now, moments.last_attempt, may_see.deliveries)
    of_day, allowances = day.day(now, projects)
    hours, failed = day.hours(now, projects), failing.failures(now, projects)
    failing_receivers = deliveries.failing_receivers(may_see.projects)
    return Overview(
        imports=queues.imports_queue(now, open_jobs.items_left, is_away=bool(moments.away), projects=projects),
        webhooks=sent.queue,
        import_workers=processes.workers(seen, now, lambda process: process.imports),
        webhook_workers=processes.workers(seen, now, lambda process: process.webhooks),
        sweeps=moments.sweeps,
        away=moments.away,
        storage=_storage(may_see),
        allowances=[one for one in allowances if one.project_key in may_see.projects],
        receivers=sent.receivers,
        switched_off=[deliveries.switched_off(webhook, now) for webhook in failing_receivers],
        failures=failed.by_host,
        open_failures=failed.open,
        ended_in_hour=day.ended_lately(hours),
        ending_tokens=_ending_tokens(now, may_see.tokens),
        open_jobs=open_jobs.listed,
        open_count=open_jobs.number,
        deliveries=sent,
        failures_of_day=failed,
        failing_receivers=failing_receivers,
        day=of_day,
        hours=hours,
        samples=queues.samples(now) if may_see.see_all else {},
        processes=[process for process in seen if processes.is_alive(process, now)] if may_see.see_all else [],
    )


def _storage(may_see: Scopes) -> StorageState:
    state = storage_health().state()
    return replace(state, error=WITHHELD) if state.error and not may_see.see_all else state


def _ending_tokens(now: datetime, projects: ProjectScope) -> list[EndingToken]:
    """Those that nothing replaces: the soonest first."""
    ending = AccessToken.objects.filter(projects.within("project"), expires_at__gt=now, expires_at__lte=now + ENDS_SOON)
    used = ending.filter(suspended_at__isnull=True, archived_at__isnull=True, replaced_by__isnull=True)
    return [
        EndingToken(token.pk, token.name, token.project.label or token.project.handle, token.expires_at - now)
        for token in used.select_related("project").order_by("expires_at")[:MAX_TOKENS]
        if token.expires_at is not None
    ]
