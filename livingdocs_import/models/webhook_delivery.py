"""Webhooks: messages to other systems, every attempt to deliver one, and the state of their receivers."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from livingdocs_import import ids
from livingdocs_import.models.project import Project
from livingdocs_import.work_queue.lease import Work, WorkQuerySet


class WebhookDeliveryQuerySet(WorkQuerySet["WebhookDelivery"]):
    """Deliveries as work."""


class WebhookDelivery(Work):
    """One message to one address, delivered at least once; every attempt is kept."""

    class State(models.TextChoices):
        PENDING = "pending"
        DELIVERED = "delivered"
        GIVEN_UP = "given up"

    delivery_id = models.CharField(max_length=24, unique=True, default=ids.delivery_id, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE)
    # The handle of the project's webhook; "": the webhook of a job.
    webhook = models.CharField(max_length=50, blank=True, default="", db_default="")
    # Project, receiver and webhook: messages of one lane are sent in turn, see webhooks/lanes.py.
    lane = models.CharField(max_length=400, blank=True, default="", db_default="")
    subject = models.CharField(max_length=64)  # the subject: "job 25bzj8j", "document.publish 12"
    url = models.TextField()
    body = models.TextField()  # the exact text that is signed and sent
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)  # null: pending

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "webhook deliveries"
        constraints = [
            models.CheckConstraint(
                name="pending_deliveries_are_due",
                condition=Q(state="pending", due_at__isnull=False) | (~Q(state="pending") & Q(due_at__isnull=True)),
            )
        ]
        indexes = [
            # the few open among the many finished: whether anything is due, and what is due in each lane
            models.Index(fields=["due_at"], name="delivery_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["lane", "due_at"], name="delivery_lane", condition=Q(due_at__isnull=False)),
            # admin of a job, purge
            models.Index(fields=["subject"], name="delivery_subject"),
            models.Index(fields=["created_at"], name="delivery_age"),
            # read by the admin's overview and navigation: the few that were given up
            models.Index(fields=["ended_at"], name="delivery_given_up", condition=Q(state="given up")),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.delivery_id}"


class ProjectWebhook(models.Model):
    """The state of a project's webhook by its deliveries; the row is created by the first one that fails.

    It is about one address: with another one in the configuration the state starts anew.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="webhooks", db_index=False)
    handle = models.CharField(max_length=50)
    url = models.TextField()
    failing_since = models.DateTimeField(null=True)  # the first failure after the last success; null: it works
    failures = models.PositiveIntegerField(default=0)  # attempts since then
    exhausted_at = models.DateTimeField(null=True)  # when the first of its deliveries was given up since then
    switched_off_at = models.DateTimeField(null=True)  # null: switched on

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "handle"], name="one_state_per_project_webhook")]

    def __str__(self) -> str:
        return f"{self.project}/{self.handle}"


class WebhookAttempt(models.Model):
    """One attempt: the receiver's response, and how long it took."""

    delivery = models.ForeignKey(WebhookDelivery, on_delete=models.CASCADE, related_name="tries")
    at = models.DateTimeField(default=timezone.now)
    status = models.PositiveSmallIntegerField(null=True)  # null: no answer
    milliseconds = models.PositiveIntegerField(default=0)
    answer = models.TextField(blank=True)  # the response's first kilobyte
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.status or self.error}"


class WebhookReceiver(models.Model):
    """A webhook receiver as all worker processes know it (webhooks/receiver_speeds.py)."""

    name = models.CharField(max_length=300, unique=True)  # canonical host:port, see concurrency.receiver_name
    quick = models.BooleanField()  # it answered or refused its last webhook within two seconds
    changed_at = models.DateTimeField()  # by the database's clock

    class Meta:
        # every sending process, once a second: changes; purge
        indexes = [models.Index(fields=["changed_at"], name="receiver_changed")]

    def __str__(self) -> str:
        return f"{self.name} ({'quick' if self.quick else 'slow'})"
