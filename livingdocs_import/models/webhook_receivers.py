"""The receivers of webhooks: whether they answer, whether they are switched off, and how quick they are."""

from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from livingdocs_import.models.project import Project

REMEMBERED_ATTEMPTS = 12


class ProjectReceiver(models.Model):
    """A host and port to which a project sends: for one of its webhooks, or for the webhooks of jobs.

    The row is written by the process that sends, with the first attempt. What it records about failures is about one
    address: with another one in the configuration that starts anew.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="receivers")
    lane = models.CharField(max_length=400)  # of its deliveries, see webhooks/lanes.py
    name = models.CharField(max_length=300)  # canonical host:port, see webhooks/concurrency.py
    webhook = models.CharField(max_length=50, blank=True)  # the handle of the project's webhook; "": of jobs
    url = models.TextField()  # of the webhook as configured at the last attempt; of jobs: of the last attempt
    recent = models.CharField(max_length=60, blank=True)  # statuses of the last attempts, oldest first; 0: no answer
    last_attempt_at = models.DateTimeField(default=timezone.now)  # or when it was switched on after that
    failing_since = models.DateTimeField(null=True)  # the first failure after the last success; null: it works
    failures = models.PositiveIntegerField(default=0)  # attempts since then
    exhausted_at = models.DateTimeField(null=True)  # when the first of its deliveries was given up since then
    switched_off_at = models.DateTimeField(null=True)  # null: switched on
    switched_off_by = models.CharField(max_length=150, blank=True)  # "": by the service, after days of failures

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lane"], name="one_receiver_per_lane")]
        indexes = [
            # the overview, and each claim: the few that are switched off or exhausted
            models.Index(
                fields=["project"],
                name="receiver_in_trouble",
                condition=Q(switched_off_at__isnull=False) | Q(exhausted_at__isnull=False),
            ),
            models.Index(fields=["last_attempt_at"], name="project_receiver_age"),  # purge
        ]

    def __str__(self) -> str:
        return f"{self.project}/{self.webhook or self.host}"

    @property
    def host(self) -> str:
        """The name for people: the port of HTTPS is left out."""
        return self.name.removesuffix(":443")

    @property
    def is_switched_off(self) -> bool:
        return self.switched_off_at is not None

    def is_off_for(self, delivery: Any) -> bool:
        """Whether a delivery is held back. What only failed is switched off by its address."""
        return self.switched_off_at is not None and (bool(self.switched_off_by) or self.url == delivery.url)

    @property
    def statuses(self) -> list[int]:
        """Of the last attempts, oldest first; 0: no answer."""
        return [int(status) for status in self.recent.split()]

    def remember(self, status: int | None) -> None:
        """Add the status of an attempt to the last ones."""
        self.recent = " ".join(map(str, [*self.statuses, status or 0][-REMEMBERED_ATTEMPTS:]))


class ReceiverDay(models.Model):
    """What became of the deliveries to a receiver on one day (UTC), for its rate of success."""

    KEPT_FOR = timedelta(days=30)

    receiver = models.ForeignKey(ProjectReceiver, on_delete=models.CASCADE, related_name="days", db_index=False)
    day = models.DateField()
    delivered = models.PositiveIntegerField(default=0)
    given_up = models.PositiveIntegerField(default=0)
    answered = models.PositiveIntegerField(default=0)  # attempts
    milliseconds = models.PositiveBigIntegerField(default=0)  # of those, in all

    class Meta:
        constraints = [models.UniqueConstraint(fields=["receiver", "day"], name="one_row_per_receiver_and_day")]
        indexes = [models.Index(fields=["day"], name="receiver_day_age")]  # purge

    def __str__(self) -> str:
        return f"{self.receiver_id} on {self.day}"


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
