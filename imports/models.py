"""Import jobs and their items. The counts on the job make its status a single row, whatever its size."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from livingdocs_import import ids
from livingdocs_import.db.json_field import CompactJSON
from livingdocs_import.models import AccessToken, Project
from livingdocs_import.work_queue.lease import Work, WorkQuerySet


class ImportJob(models.Model):
    """One accepted batch. It ends once, and its result is never rewritten."""

    class Kind(models.TextChoices):
        IMAGES = "images"
        VIDEOS = "videos"
        FILES = "files"
        DOCUMENTS = "documents"

    class State(models.TextChoices):
        STARTED = "started"
        SUCCESS = "success"
        FAILED = "failed"

    public_id = models.CharField(max_length=10, unique=True, default=ids.job_id, editable=False)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="jobs")
    token = models.ForeignKey(
        AccessToken, on_delete=models.SET_NULL, null=True
    )  # null: started in the admin or a shell
    kind = models.CharField(max_length=10, choices=Kind)
    system_name = models.CharField(max_length=200)
    webhook = models.TextField(blank=True)
    context = CompactJSON(null=True)  # null: not sent
    state = models.CharField(max_length=10, choices=State, default=State.STARTED)
    # null: sent by a client. A replay by an operator costs the project nothing of its quota; so the purge leaves the
    # original alone while a replay of it could be counted.
    replay_of = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="replays")
    # The dry run whose items it imports (services.carry_out_plan). It counts like a job that a client sent.
    carries_out = models.OneToOneField("self", on_delete=models.SET_NULL, null=True, related_name="carried_out_by")
    note = models.CharField(max_length=200, blank=True)  # for operators: "cancelled by …"
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)  # null: not yet
    last_claimed_at = models.DateTimeField(null=True)  # when a worker last claimed items of it; null: never
    paused_at = models.DateTimeField(null=True)  # null: not paused
    # Among the open jobs of its project: higher goes first.
    priority = models.SmallIntegerField(default=0, db_default=0)
    # Its items are planned, and nothing is imported (docs/adr/0030). `probe`: of how many the file is looked at.
    dry_run = models.BooleanField(default=False, db_default=False)
    probe = models.PositiveSmallIntegerField(default=0, db_default=0)
    # Of a cancelled retry: the failures that it had taken over are open again, in the job that they come from.
    failures_reopened = models.BooleanField(default=False, db_default=False)
    # Two items of one job with the same id keep their order; most jobs have none and skip that step.
    has_repeats = models.BooleanField(default=False)

    total = models.PositiveIntegerField(default=0)
    success = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    bytes = models.PositiveBigIntegerField(default=0, db_default=0)  # of the files that were downloaded for it
    # The outcomes of successful documents, for the webhook's overview: {"imported": 3, "published": 2}. Of a dry run,
    # the number of items for each planned outcome: {"create": 3, "fail": 1}.
    outcomes = CompactJSON(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(name="only_dry_runs_probe", condition=Q(dry_run=True) | Q(probe=0)),
            models.CheckConstraint(
                name="only_imports_carry_out_plans", condition=Q(carries_out__isnull=True) | Q(dry_run=False)
            ),
            models.CheckConstraint(
                name="finished_jobs_have_a_time",
                condition=Q(state="started", finished_at__isnull=True)
                | (~Q(state="started") & Q(finished_at__isnull=False)),
            ),
        ]
        indexes = [
            # the workers: open jobs, least recently claimed first
            models.Index(fields=["last_claimed_at", "id"], name="job_open", condition=Q(state="started")),
            # quotas: a project's jobs of a kind in the last 24 hours
            models.Index(fields=["project", "kind", "started_at"], name="job_quota"),
            # purge
            models.Index(fields=["finished_at"], name="job_age"),
            # the admin's list of dry runs, newest first
            models.Index(fields=["-id"], name="job_dry_run", condition=Q(dry_run=True)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.public_id}"

    @property
    def finished(self) -> bool:
        return self.state != self.State.STARTED

    @property
    def done(self) -> int:
        return self.success + self.skipped + self.failed


class ImportItemQuerySet(WorkQuerySet["ImportItem"]):
    """Items as work, and as failures."""

    def open_failures(self) -> Self:
        """Unresolved failures."""
        return self.filter(outcome=ImportItem.Outcome.FAILED, resolved_at__isnull=True)

    def retriable(self) -> Self:
        """Open failures, and what was cancelled; no other job may have taken them over.

        What a cancelled retry left is retried in the job whose failures it had taken over, or it would come twice.
        """
        left = Q(resolved_at__isnull=True) | Q(cause="cancelled", job__failures_reopened=False)
        return self.filter(left, outcome=ImportItem.Outcome.FAILED, retried_by__isnull=True)


class ImportItem(Work):
    """One element of a job's request and its outcome."""

    class Outcome(models.TextChoices):
        OPEN = "open"
        SUCCESS = "success"
        SKIPPED = "skipped"
        FAILED = "failed"

    # The constraint below begins with it: an index of its own would be redundant.
    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, related_name="items", db_index=False)
    position = models.PositiveIntegerField()
    external_id = models.CharField(max_length=400)
    title = models.TextField(blank=True)
    payload = CompactJSON()
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.OPEN, db_default=Outcome.OPEN)
    reason = models.CharField(max_length=500, blank=True, default="", db_default="")
    details = CompactJSON(null=True)  # null: no details besides the reason
    result = CompactJSON(null=True)  # the row's own part, frozen; null: open or failed
    # The cause of a failure, also of a planned one (docs/specification/causes.md); "": none, or from before causes were
    # stored.
    cause = models.CharField(max_length=40, blank=True, default="", db_default="")
    failed_at = models.DateTimeField(null=True)  # by the worker's clock, for people; null: it did not fail
    # When the failure was dealt with: a later item with the same system and id succeeded, a retry took it over, an
    # operator marked it or cancelled the job; null: not, or it did not fail.
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.CharField(max_length=150, blank=True, default="", db_default="")  # "": not by an operator
    # The job that tries it again (services.retry_job); null: none, or that one was purged.
    retried_by = models.ForeignKey(
        ImportJob, on_delete=models.SET_NULL, null=True, related_name="retried_items", db_index=False
    )
    # The server that it is fetched from (egress/host_limits.host_key); 0: nothing is fetched, as of most of a dry run.
    host_key = models.BigIntegerField(default=0, db_default=0)
    # When a worker's disk first had no room for its file (outcomes/disk_full.py); null: not in the last attempt.
    no_room_since = models.DateTimeField(null=True)
    # Of a dry run: what becomes of it (livingdocs_import/dry_runs.py), and the version of the entry or document that it
    # was compared with; "" and null: not planned, and nothing was there.
    would = models.CharField(max_length=20, blank=True, default="", db_default="")
    compared_version = models.PositiveIntegerField(null=True)
    # The position of the earlier item with the same external id, while that one is open.
    blocked_by = models.PositiveIntegerField(null=True)  # null: claimable

    objects = ImportItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "position"], name="one_item_per_position"),
            models.CheckConstraint(
                name="open_items_are_due",
                condition=Q(outcome="open", due_at__isnull=False) | (~Q(outcome="open") & Q(due_at__isnull=True)),
            ),
            models.CheckConstraint(name="failed_items_have_a_reason", condition=~Q(outcome="failed") | ~Q(reason="")),
        ]
        indexes = [
            # claim of documents, and the search for jobs with work: items that are not due cost nothing
            models.Index(
                fields=["job", "due_at", "position"],
                name="item_due",
                condition=Q(due_at__isnull=False, blocked_by__isnull=True),
            ),
            # claim of downloads: skipping busy and silent hosts
            models.Index(
                fields=["job", "host_key", "due_at"],
                name="item_by_host",
                condition=Q(due_at__isnull=False, blocked_by__isnull=True) & ~Q(host_key=0),
            ),
            # claim of items whose worker was lost, and whether items are in work
            models.Index(fields=["due_at"], name="item_claimed", condition=Q(claimed=True)),
            # read by the admin's search for an external id, or the beginning of one, over all jobs
            models.Index(fields=["external_id"], name="item_external_id", opclasses=["varchar_pattern_ops"]),
            # a later success resolves earlier failures
            models.Index(
                fields=["external_id"], name="item_unresolved", condition=Q(outcome="failed", resolved_at__isnull=True)
            ),
            # read by the admin's page of failures: the newest first …
            models.Index(
                fields=["-failed_at", "-id"],
                name="item_open_failure",
                condition=Q(outcome="failed", resolved_at__isnull=True),
            ),
            # … what was dealt with last …
            models.Index(
                fields=["-resolved_at", "-id"],
                name="item_resolved_failure",
                condition=Q(outcome="failed", resolved_at__isnull=False),
            ),
            # … and those of a group (outcomes/failure_groups.py), also by what retries them
            models.Index(
                fields=["job", "cause", "host_key"],
                name="item_failure_of_group",
                condition=Q(outcome="failed", resolved_at__isnull=True),
            ),
            # read by the chore that counts failures of the previous version (outcomes/failure_recounts.py)
            models.Index(
                fields=["job"], name="item_uncounted_failure", condition=Q(outcome="failed", failed_at__isnull=True)
            ),
            # read by the cancellation of a retry, and when its job is purged
            models.Index(fields=["retried_by"], name="item_retried", condition=Q(retried_by__isnull=False)),
            # the admin's page of a plan
            models.Index(fields=["job", "would", "position"], name="item_plan", condition=~Q(would="")),
            # "failed, by reason" in the admin
            models.Index(fields=["job", "outcome"], name="item_outcome", condition=~Q(outcome__in=["open", "success"])),
        ]

    def __str__(self) -> str:
        return f"{self.external_id} ({self.outcome})"


class FailureGroup(models.Model):
    """How many items of a job failed of one cause at one host, and one exact answer of that host.

    Written with each chunk of outcomes that has failures, under the lock of the job (outcomes/failure_groups.py).
    """

    NO_HOST = 0  # the cause has nothing to do with where the item came from
    OTHER_HOSTS = -1  # a job has groups for some hosts; the failures at all others are counted together

    # The constraint below begins with it.
    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, related_name="failure_groups", db_index=False)
    cause = models.CharField(max_length=40, blank=True)
    host_key = models.BigIntegerField(default=NO_HOST)
    host = models.CharField(max_length=300, blank=True)  # `host:port`; "" without one
    # Their difference is what is still open. Not constrained: what is inserted first is a difference as well.
    failed = models.IntegerField(default=0)
    resolved = models.IntegerField(default=0)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    evidence = CompactJSON(null=True)  # {item, at, request, status, headers, body}; null: no origin was asked

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "cause", "host_key"], name="one_group_per_cause_and_host")
        ]
        indexes = [
            # read by the admin: what is open
            models.Index(fields=["job"], name="failure_group_open", condition=Q(failed__gt=F("resolved"))),
            # read by the admin's overview: the day's
            models.Index(fields=["last_at"], name="failure_group_day"),
        ]

    def __str__(self) -> str:
        return f"{self.cause or 'unrecorded'} at {self.host}" if self.host else self.cause or "unrecorded"

    @property
    def open(self) -> int:
        """The failures that are not dealt with."""
        return max(self.failed - self.resolved, 0)


class PlannedState(models.Model):
    """What the items of a dry run would have made so far, for those that come after them; gone when the job ends."""

    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, related_name="planned_states", db_index=False)
    key = models.CharField(max_length=64)  # the digest of what it is about: an external id, a number, a unique value
    state = CompactJSON(null=True)  # null: what the database has is gone

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "key"], name="one_planned_state_per_key")]

    def __str__(self) -> str:
        return f"{self.key[:8]} of {self.job}"


class HostRequest(models.Model):
    """When a job first requested a host that does not answer: its items there wait or fail by this."""

    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, related_name="host_requests", db_index=False)
    host_key = models.BigIntegerField()
    asked_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "host_key"], name="one_first_request_per_host")]

    def __str__(self) -> str:
        return f"{self.job} asked host {self.host_key}"


class LastSweep(models.Model):
    """When housekeeping last ran: one row for each kind of round, so that a missing one is noticed (FLT-28)."""

    NOTIFYING, TIDYING, DISCARDING, PROMPT, MEASURING, SLOW = (
        1,
        2,
        3,
        4,
        5,
        6,
    )  # primary keys of the kinds of rounds

    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"swept at {self.at:%Y-%m-%d %H:%M:%S}"


class JobTally(models.Model):
    """What of a job has been counted as throughput, and its pace; gone soon after its end (monitoring/measuring.py)."""

    job = models.OneToOneField(ImportJob, on_delete=models.CASCADE, primary_key=True, related_name="tally")
    at = models.DateTimeField()  # when the counts were noted
    success = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    bytes = models.PositiveBigIntegerField(default=0)
    pace = models.FloatField(default=0.0)  # items per second since the time before

    def __str__(self) -> str:
        return f"{self.job_id} at {self.at:%Y-%m-%d %H:%M:%S}"


class Throughput(models.Model):
    """The items of a project and kind that ended in an hour, without dry runs and what was cancelled."""

    hour = models.DateTimeField()  # its beginning
    # The constraint below begins with the hour; nothing looks for the rows of a project but its deletion.
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="throughput")
    kind = models.CharField(max_length=10, choices=ImportJob.Kind)
    success = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    bytes = models.PositiveBigIntegerField(default=0)  # of the files that were downloaded

    class Meta:
        constraints = [
            # also read by the admin's overview: the last hours
            models.UniqueConstraint(fields=["hour", "project", "kind"], name="one_throughput_per_hour_and_kind")
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.project_id} at {self.hour:%Y-%m-%d %H}:00"


class QueueSample(models.Model):
    """How long a queue was at a minute."""

    class Queue(models.TextChoices):
        IMPORTS = "imports"
        WEBHOOKS = "webhooks"

    queue = models.CharField(max_length=10, choices=Queue)
    at = models.DateTimeField()  # the minute
    depth = models.PositiveIntegerField()
    oldest = models.PositiveIntegerField(null=True)  # for how many seconds something has been due; null: nothing is

    class Meta:
        constraints = [
            # also read by the admin's overview: the last hours
            models.UniqueConstraint(fields=["at", "queue"], name="one_sample_per_minute_and_queue")
        ]

    def __str__(self) -> str:
        return f"{self.queue}: {self.depth} at {self.at:%Y-%m-%d %H:%M}"
