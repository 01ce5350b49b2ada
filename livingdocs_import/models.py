"""Projects, their configurations, the tokens that speak for them, and what is told to other systems."""

import hashlib
import hmac
import logging
import secrets
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import DEFAULT_DB_ALIAS, Error, models, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from livingdocs_import import ids
from livingdocs_import.db.encrypted_field import EncryptedText
from livingdocs_import.db.json_field import CompactJSON
from livingdocs_import.db.prepared import Prepared
from livingdocs_import.egress.models import HostBrake, HostCircuit, ServiceOutage
from livingdocs_import.security import encryption
from livingdocs_import.time_zones import validate_time_zone
from livingdocs_import.work_queue.lease import Work, WorkQuerySet

__all__ = [
    "AccessToken",
    "HostBrake",
    "HostCircuit",
    "IdempotentAnswer",
    "Project",
    "ProjectConfigRevision",
    "ServiceOutage",
    "WebhookAttempt",
    "WebhookDelivery",
]

log = logging.getLogger(__name__)
LAST_USED_STEP = timedelta(minutes=1)
PREFIX_LENGTH = 12


class Project(models.Model):
    """A tenant: owns configuration, documents, media and tokens. Every query starts with its project."""

    handle = models.SlugField(unique=True, max_length=50)
    label = models.CharField(max_length=200, blank=True)
    # Daily limits by kind, e.g. {"images": 5000}; "*" holds for every kind that is not named. {}: unlimited (QUO-08).
    daily_limits = CompactJSON(default=dict, blank=True)
    webhook_secret = EncryptedText(blank=True)  # signs import webhooks when set
    config_revision = models.PositiveIntegerField(
        default=0
    )  # the newest ProjectConfig; kept here so that reading is free
    # Its share of the workers beside other projects that have work at the same time.
    import_weight = models.SmallIntegerField(
        default=1, db_default=1, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    # of "only at night" (HostBrake)
    time_zone = models.CharField(max_length=50, default="UTC", db_default="UTC", validators=[validate_time_zone])
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="webhook_secrets_are_encrypted",
                condition=Q(webhook_secret="") | Q(webhook_secret__startswith=encryption.PREFIX),
            )
        ]

    def __str__(self) -> str:
        return self.handle

    @property
    def channel_id(self) -> int:
        """The project's one default channel. It carries the project's number: see docs/adr/0004."""
        return self.pk

    def daily_limit(self, kind: str) -> int | None:
        """Items of this kind that may be accepted in 24 hours; None: as many as you like."""
        limit = self.daily_limits.get(kind, self.daily_limits.get("*"))
        return None if limit is None else int(limit)


class ProjectConfigRevision(models.Model):
    """One version of a project's configuration, kept forever: old designs stay usable (CFG-05)."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="config_revisions")
    revision = models.PositiveIntegerField()
    config = CompactJSON()
    design_name = models.CharField(max_length=200)
    design_version = models.CharField(max_length=50)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = "configuration"
        constraints = [models.UniqueConstraint(fields=["project", "revision"], name="one_config_per_revision")]
        indexes = [
            # documents: a design is looked up by its name and version
            models.Index(fields=["project", "design_name", "design_version"], name="config_by_design"),
        ]
        ordering = ["project", "-revision"]

    def __str__(self) -> str:
        return f"{self.project} revision {self.revision}"


class AccessTokenQuerySet(QuerySet["AccessToken"]):
    def issue(self, project: Project, *, name: str, scopes: list[str], **fields: Any) -> "tuple[AccessToken, str]":
        """Make a token. The second part of the answer is its value, which nobody can ever read again."""
        value = f"ld_{secrets.token_urlsafe(32)}"
        token = self.create(
            project=project, name=name, scopes=scopes, prefix=value[:PREFIX_LENGTH], digest=_digest(value), **fields
        )
        return token, value


def _digest(value: str) -> str:
    # The value has 256 random bits: a slow hash would protect nothing and cost every request.
    return hashlib.sha256(value.encode()).hexdigest()


class AccessToken(models.Model):
    """An API client: a bearer credential of one project. A prefix finds it, a digest proves it (AUTH-16)."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    scopes = CompactJSON(default=list)
    prefix = models.CharField(max_length=PREFIX_LENGTH, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)  # null: never
    suspended_at = models.DateTimeField(null=True, blank=True)  # null: in use
    archived_at = models.DateTimeField(null=True, blank=True)  # null: shown
    last_used_at = models.DateTimeField(null=True, editable=False)  # null: never used
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[AccessTokenQuerySet] = AccessTokenQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "API client"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @classmethod
    def proven(cls, value: str) -> "AccessToken | None":
        """The token with this value, its project at hand; None when nobody has it. Compared in constant time."""
        if not value.isascii() or len(value) > 200 or "\0" in value:
            return None
        for row in _LOOK_UP.rows(value[:PREFIX_LENGTH]):
            token = cls.from_db(DEFAULT_DB_ALIAS, _OF_TOKEN, row[: len(_OF_TOKEN)])
            token.project = Project.from_db(DEFAULT_DB_ALIAS, _OF_PROJECT, row[len(_OF_TOKEN) :])
            return token if hmac.compare_digest(token.digest, _digest(value)) else None
        return None

    @property
    def usable(self) -> bool:
        return self.suspended_at is None and self.archived_at is None

    def expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    def seen(self, now: datetime) -> None:
        """Remember the use, at most once a minute: a busy token must not be a row that everybody writes.

        It is a nicety. Where the database takes no writes, or somebody has the row locked, it is left out (FLT-14).
        """
        if self.last_used_at is not None and now - self.last_used_at <= LAST_USED_STEP:
            return
        mine = type(self).objects.filter(pk=self.pk)
        try:
            with transaction.atomic():  # an error must not spoil a transaction that somebody else has begun
                if mine.select_for_update(skip_locked=True).values_list("pk"):
                    mine.update(last_used_at=now)
        except Error as error:
            log.info("the use of token %s was not noted: %s", self.pk, error)


# Every request begins with this query; other columns are fetched should anybody ask for them.
_OF_TOKEN = (
    "id", "project_id", "name", "scopes", "digest", "expires_at", "suspended_at", "archived_at", "last_used_at",
)  # fmt: skip
_OF_PROJECT = ("id", "config_revision")
_LOOK_UP = Prepared(
    (*_OF_TOKEN, *(f"project__{name}" for name in _OF_PROJECT)),
    lambda prefix: AccessToken.objects.filter(prefix=prefix),
    "?",
)


class IdempotentAnswer(models.Model):
    """What an `Idempotency-Key` was answered with (spec 2.9); valid for 24 hours."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE)
    key = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)  # SHA-256 of path and body
    answer = CompactJSON()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            # Two equal requests at once: the second waits here for the first to commit, then reads its answer.
            models.UniqueConstraint(fields=["project", "key"], name="one_answer_per_idempotency_key"),
        ]
        # purge: the few that are older than a day
        indexes = [models.Index(fields=["created_at"], name="idempotent_answer_age")]

    def __str__(self) -> str:
        return self.key


class WebhookDeliveryQuerySet(WorkQuerySet["WebhookDelivery"]):
    """Deliveries as work."""


class WebhookDelivery(Work):
    """One message to one address, delivered at least once, every attempt kept."""

    class State(models.TextChoices):
        PENDING = "pending"
        DELIVERED = "delivered"
        GIVEN_UP = "given up"

    delivery_id = models.CharField(max_length=24, unique=True, default=ids.delivery_id, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE)
    subject = models.CharField(max_length=64)  # what it is about, e.g. "job 25bzj8j"
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
            # the courier: the open few among the finished many
            models.Index(fields=["due_at"], name="delivery_due", condition=Q(due_at__isnull=False)),
            # admin of a job, purge
            models.Index(fields=["subject"], name="delivery_subject"),
            models.Index(fields=["created_at"], name="delivery_age"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.delivery_id}"


class WebhookAttempt(models.Model):
    """One try: what the receiver said, and how long it took."""

    delivery = models.ForeignKey(WebhookDelivery, on_delete=models.CASCADE, related_name="tries")
    at = models.DateTimeField(default=timezone.now)
    status = models.PositiveSmallIntegerField(null=True)  # null: no answer
    milliseconds = models.PositiveIntegerField(default=0)
    answer = models.TextField(blank=True)  # its first kilobyte
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.status or self.error}"


class WebhookReceiver(models.Model):
    """A server that webhooks are sent to, as all worker processes know it (webhooks/known_receivers.py)."""

    name = models.CharField(max_length=300, unique=True)  # canonical host:port, see concurrency.receiver_name
    quick = models.BooleanField()  # it answered its last webhook within two seconds, or refused it
    changed_at = models.DateTimeField()  # by the database's clock

    class Meta:
        # every sending process, once a second: what has changed; purge
        indexes = [models.Index(fields=["changed_at"], name="receiver_changed")]

    def __str__(self) -> str:
        return f"{self.name} ({'quick' if self.quick else 'slow'})"


class WorkerProcess(models.Model):
    """A process that carries out imports, webhooks or both, and its latest sign of life (by the database's clock)."""

    host = models.CharField(max_length=200)
    pid = models.PositiveIntegerField()
    imports = models.BooleanField()
    webhooks = models.BooleanField()
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.host} {self.pid}"
