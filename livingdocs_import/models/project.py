"""Projects, and the revisions of their configurations."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from livingdocs_import.db.encrypted_field import EncryptedText
from livingdocs_import.db.json_field import CompactJSON
from livingdocs_import.security import encryption
from livingdocs_import.time_zones import validate_time_zone

MAX_DAILY_LIMIT = 1_000_000_000  # items: more than any project imports


class Project(models.Model):
    """A tenant: owns configuration, documents, media and tokens. Every query starts with its project."""

    handle = models.SlugField(unique=True, max_length=50)
    label = models.CharField(max_length=200, blank=True)
    # Daily limits by kind, e.g. {"images": 5000}; "*" applies to every kind that is not named. {}: unlimited (QUO-08).
    daily_limits = CompactJSON(default=dict, blank=True)
    webhook_secret = EncryptedText(blank=True)  # used if the configuration has none: project_config/webhook_secrets.py
    config_revision = models.PositiveIntegerField(default=0)  # the newest ProjectConfig; kept here to save a query
    # Its share of the workers among projects that have work at the same time.
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
        """The project's one default channel. It has the project's number: see docs/adr/0004."""
        return self.pk

    def daily_limit(self, kind: str) -> int | None:
        """Items of this kind that may be accepted in 24 hours; None: unlimited."""
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
