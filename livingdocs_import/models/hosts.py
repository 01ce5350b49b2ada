"""What all worker processes share about external hosts: which do not answer, and which have a rate limit."""

from django.db import models
from django.db.models import Q


class HostCircuit(models.Model):
    """A host (`host:port`) that did not answer lately. While the circuit is open only probes are sent to it.

    A row is created by the first request without an answer. Any answer, to any process, clears `failing_since` and
    closes the circuit. Times are by the database's clock.
    """

    host = models.CharField(max_length=300, unique=True)
    key = models.BigIntegerField(unique=True)  # see egress/host_limits.host_key
    failing_since = models.DateTimeField(null=True)  # the first request without an answer; null: it answers
    failures = models.PositiveIntegerField(default=0)  # requests without an answer since then
    opened_at = models.DateTimeField(null=True)  # null: closed
    probe_at = models.DateTimeField(null=True)  # when the next probe may go out; null: closed
    probed_for = models.BigIntegerField(null=True)  # the project of the last probe, so that projects take turns
    last_answer_at = models.DateTimeField(null=True)  # null: none is known
    last_silence_at = models.DateTimeField(null=True)  # old circuits are ignored, then deleted

    class Meta:
        verbose_name = "host that does not answer"
        verbose_name_plural = "hosts that do not answer"
        constraints = [
            models.CheckConstraint(
                name="open_circuits_fail_and_are_probed",
                condition=Q(opened_at__isnull=True, probe_at__isnull=True)
                | Q(opened_at__isnull=False, probe_at__isnull=False, failing_since__isnull=False),
            )
        ]
        indexes = [
            # every worker, once a second: the few that fail
            models.Index(fields=["failing_since"], name="circuit_failing", condition=Q(failing_since__isnull=False)),
            # purge
            models.Index(fields=["last_silence_at"], name="circuit_age"),
        ]

    def __str__(self) -> str:
        return self.host


class HostBrake(models.Model):
    """An operator's limit for a host: requests per second over all projects, or hours of the day."""

    host = models.CharField(max_length=300, unique=True)
    key = models.BigIntegerField(unique=True)
    per_second = models.FloatField(null=True)  # null: unlimited
    open_from = models.TimeField(null=True)  # in the project's time zone; null: at all hours
    open_until = models.TimeField(null=True)  # before `open_from`: over midnight
    next_at = models.DateTimeField(null=True)  # when the next request may begin; null: at once
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="brakes_have_both_hours_or_none",
                condition=Q(open_from__isnull=True, open_until__isnull=True)
                | Q(open_from__isnull=False, open_until__isnull=False),
            ),
            models.CheckConstraint(
                name="brakes_brake",
                condition=Q(per_second__gt=0) | Q(per_second__isnull=True, open_from__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.host


class ServiceOutage(models.Model):
    """A dependency of our own that is down: its work waits, and one item at a time probes it."""

    class Part(models.TextChoices):
        STORAGE = "storage"
        NETWORK = "network"

    part = models.CharField(max_length=10, choices=Part, unique=True)
    since = models.DateTimeField()
    probe_at = models.DateTimeField()  # when the next item may try
    detail = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"{self.part} away since {self.since:%Y-%m-%d %H:%M:%S}"
