"""Operations on many rows at once: what an operator chose and confirmed, and how far workers are with it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from livingdocs_import.db.json_field import CompactJSON
from livingdocs_import.models.project import Project
from livingdocs_import.work_queue.lease import Work, WorkQuerySet


class OperationQuerySet(WorkQuerySet["Operation"]):
    """Operations as work."""


class Operation(Work):
    """An action on the rows of a frozen selection, carried out in batches by workers (docs/adr/0040).

    It is one of several million rows at most; `total` is their number, and `done`, `skipped` and `failed` are those
    that were dealt with.
    """

    class State(models.TextChoices):
        ASKED = "asked", "To be confirmed"
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        CANCELLED = "cancelled"

    # null: the rows are of several projects, or of none
    project = models.ForeignKey(Project, on_delete=models.CASCADE, null=True, related_name="operations")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    by = models.CharField(max_length=150)  # the user's name; kept when the user is deleted
    kind = models.CharField(max_length=100)  # a name in operations/kinds.py: "media_library.mediaentry.archive"
    label = models.CharField(max_length=200)  # "Archive media entries"
    inputs = CompactJSON(default=dict)  # what was filled in when it was confirmed, by field
    state = models.CharField(max_length=10, choices=State, default=State.ASKED)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)  # there was nothing to do, or the row does not exist any more
    failed = models.PositiveIntegerField(default=0)
    last_batch = models.BigIntegerField(default=0)  # the last one that was carried out
    note = models.CharField(max_length=200, blank=True)  # who cancelled it, or why it was stopped
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)  # null: not confirmed yet, or ended

    objects = OperationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="open_operations_are_due",
                condition=Q(state__in=["waiting", "running"], due_at__isnull=False)
                | (~Q(state__in=["waiting", "running"]) & Q(due_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="no_row_of_an_operation_counts_twice",
                condition=Q(total__gte=models.F("done") + models.F("skipped") + models.F("failed")),
            ),
        ]
        indexes = [
            # workers, every two seconds; the admin's overview: the few that are open
            models.Index(fields=["due_at"], name="operation_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["created_at"], name="operation_age"),  # purge
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.total:,}"

    @property
    def dealt_with(self) -> int:
        """How many rows were carried out, whatever the result."""
        return self.done + self.skipped + self.failed

    @property
    def is_open(self) -> bool:
        """Whether workers still have to do with it."""
        return self.state in (self.State.WAITING, self.State.RUNNING)


class SelectedRow(models.Model):
    """A row of the frozen selection of an operation. The rows of a batch are carried out in one transaction."""

    pk = models.CompositePrimaryKey("operation_id", "batch", "key")
    # Without a constraint: to check it a million times takes longer than to store the rows.
    operation = models.ForeignKey(
        Operation, on_delete=models.CASCADE, related_name="rows", db_index=False, db_constraint=False
    )
    batch = models.BigIntegerField()
    key = models.BigIntegerField()  # the row's primary key

    def __str__(self) -> str:
        return f"{self.key} in batch {self.batch}"


class OperationFailure(models.Model):
    """A row on which an operation failed, and why."""

    operation = models.ForeignKey(Operation, on_delete=models.CASCADE, related_name="failures")
    key = models.BigIntegerField()
    name = models.CharField(max_length=300)
    reason = models.CharField(max_length=1000)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}"
