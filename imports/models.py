"""Import jobs and their items. The counts on the job make its status a single row, whatever its size."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from livingdocs_import import ids
from livingdocs_import.db.json_field import CompactJSON
from livingdocs_import.models import AccessToken, Project
from livingdocs_import.work_queue.lease import Work, WorkQuerySet


class ImportJob(models.Model):
    """One accepted batch. It ends once, and what it says then is never rewritten."""

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
    context = CompactJSON(null=True)  # null: none was sent
    state = models.CharField(max_length=10, choices=State, default=State.STARTED)
    # null: sent by a client. A replay is the operator's doing and costs the project nothing of its quota;
    # so the purge leaves the original alone while a replay of it could be counted.
    replay_of = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="replays")
    note = models.CharField(max_length=200, blank=True)  # for operators: "cancelled by …"
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)  # null: not yet
    last_claimed_at = models.DateTimeField(null=True)  # when a worker last claimed items of it; null: never
    paused_at = models.DateTimeField(null=True)  # null: it goes on
    # Among the open jobs of its project: the higher goes first.
    priority = models.SmallIntegerField(default=0, db_default=0)
    # Two items of one job with the same id keep their order; most jobs have none and skip that step.
    has_repeats = models.BooleanField(default=False)

    total = models.PositiveIntegerField(default=0)
    success = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    # How the documents among the successes ended, for the webhook's overview: {"imported": 3, "published": 2}.
    outcomes = CompactJSON(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="finished_jobs_have_a_time",
                condition=Q(state="started", finished_at__isnull=True)
                | (~Q(state="started") & Q(finished_at__isnull=False)),
            )
        ]
        indexes = [
            # the workers: open jobs, the one that waited longest first
            models.Index(fields=["last_claimed_at", "id"], name="job_open", condition=Q(state="started")),
            # quotas: what a project started of a kind in the last 24 hours
            models.Index(fields=["project", "kind", "started_at"], name="job_quota"),
            # purge
            models.Index(fields=["finished_at"], name="job_age"),
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
    """Items as work."""


class ImportItem(Work):
    """One element of a job's request and what became of it."""

    class Outcome(models.TextChoices):
        OPEN = "open"
        SUCCESS = "success"
        SKIPPED = "skipped"
        FAILED = "failed"

    # The constraint below begins with it: an index of its own would only have to be kept up to date.
    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, related_name="items", db_index=False)
    position = models.PositiveIntegerField()
    external_id = models.CharField(max_length=400)
    title = models.TextField(blank=True)
    payload = CompactJSON()
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.OPEN, db_default=Outcome.OPEN)
    reason = models.CharField(max_length=500, blank=True, default="", db_default="")
    details = CompactJSON(null=True)  # null: nothing to add to the reason
    result = CompactJSON(null=True)  # the row's own part, frozen; null: open or failed
    # Why it failed, as a code (docs/specification/causes.md); "": it did not, or did so before codes were kept.
    cause = models.CharField(max_length=40, blank=True, default="", db_default="")
    # When a later item with the same system and id succeeded; null: not, or it did not fail.
    resolved_at = models.DateTimeField(null=True)
    # The server that it is fetched from (egress/host_limits.host_key); 0: nothing is fetched.
    host_key = models.BigIntegerField(default=0, db_default=0)
    # When a worker's disk first had no room for its file (outcomes/no_room.py); null: not in the last try.
    no_room_since = models.DateTimeField(null=True)
    # The position of the earlier item with the same external id, while that one is open.
    blocked_by = models.PositiveIntegerField(null=True)  # null: may be claimed

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
            # claim of documents, and which jobs have work: what is not due yet costs nothing
            models.Index(
                fields=["job", "due_at", "position"],
                name="item_due",
                condition=Q(due_at__isnull=False, blocked_by__isnull=True),
            ),
            # claim of downloads: past the hosts that are busy or silent
            models.Index(
                fields=["job", "host_key", "due_at"],
                name="item_by_host",
                condition=Q(due_at__isnull=False, blocked_by__isnull=True) & ~Q(host_key=0),
            ),
            # claim of items whose worker was lost, and whether items are being worked on
            models.Index(fields=["due_at"], name="item_claimed", condition=Q(claimed=True)),
            # a later success resolves earlier failures
            models.Index(
                fields=["external_id"], name="item_unresolved", condition=Q(outcome="failed", resolved_at__isnull=True)
            ),
            # "failed, by reason" in the admin
            models.Index(fields=["job", "outcome"], name="item_outcome", condition=~Q(outcome__in=["open", "success"])),
        ]

    def __str__(self) -> str:
        return f"{self.external_id} ({self.outcome})"


class HostRequest(models.Model):
    """When a job first asked a host that does not answer: its items there wait or fail by this."""

    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, related_name="host_requests", db_index=False)
    host_key = models.BigIntegerField()
    asked_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "host_key"], name="one_first_request_per_host")]

    def __str__(self) -> str:
        return f"{self.job} asked host {self.host_key}"


class LastSweep(models.Model):
    """When housekeeping last ran: one row for each kind of round, so that a missing one is noticed (FLT-28)."""

    THE_ONE = 1

    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"swept at {self.at:%Y-%m-%d %H:%M:%S}"
