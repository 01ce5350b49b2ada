"""Webhooks: messages to other systems, and every attempt to deliver one."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from livingdocs_import import ids
from livingdocs_import.db.json_field import CompactJSON
from livingdocs_import.models.project import Project
from livingdocs_import.work_queue.lease import Work, WorkQuerySet


class WebhookDeliveryQuerySet(WorkQuerySet["WebhookDelivery"]):
    """Deliveries as work."""


class WebhookDelivery(Work):
    """One message to one address, delivered at least once; every attempt is kept.

    `held`: its receiver is switched off; an operator can send it. A delivery that is sent again keeps its attempts and
    its date: `resent_at` begins a new series of attempts, and those before it are `attempts_before`.
    """

    class State(models.TextChoices):
        PENDING = "pending"
        DELIVERED = "delivered"
        GIVEN_UP = "given up"
        HELD = "held"

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
    ended_at = models.DateTimeField(null=True)  # null: pending or held
    resent_at = models.DateTimeField(null=True)  # when it was sent again, the last time
    attempts_before = models.PositiveSmallIntegerField(default=0, db_default=0)
    dismissed_at = models.DateTimeField(null=True)  # by an operator, who needs no reminder that it was given up
    dismissed_by = models.CharField(max_length=150, blank=True, default="", db_default="")

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "webhook deliveries"
        constraints = [
            models.CheckConstraint(
                name="pending_deliveries_are_due",
                condition=Q(state="pending", due_at__isnull=False) | (~Q(state="pending") & Q(due_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="dismissed_ones_were_given_up", condition=Q(dismissed_at__isnull=True) | Q(state="given up")
            ),
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
            # read by the admin's list of one receiver; written when an attempt ends a delivery, not by an import
            models.Index(fields=["lane", "id"], name="delivery_ended", condition=Q(due_at__isnull=True)),
            # read by the admin's list of receivers, and when those of one receiver are sent
            models.Index(fields=["lane", "id"], name="delivery_held", condition=Q(state="held")),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.delivery_id}"


class WebhookAttempt(models.Model):
    """One attempt: the receiver's response, and how long it took."""

    delivery = models.ForeignKey(WebhookDelivery, on_delete=models.CASCADE, related_name="tries")
    at = models.DateTimeField(default=timezone.now)
    status = models.PositiveSmallIntegerField(null=True)  # null: no answer
    milliseconds = models.PositiveIntegerField(default=0)
    answer = models.TextField(blank=True)  # the response's first kilobyte
    error = models.CharField(max_length=500, blank=True)
    # Pairs of name and value, secrets masked (webhooks/request_headers.py); null: not kept, or there was no response.
    request_headers = CompactJSON(null=True)
    response_headers = CompactJSON(null=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.status or self.error}"
