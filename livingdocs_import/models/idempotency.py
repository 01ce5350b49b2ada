"""Responses to requests with an `Idempotency-Key` (spec 2.9)."""

from django.db import models
from django.utils import timezone

from livingdocs_import.db.json_field import CompactJSON
from livingdocs_import.models.project import Project


class IdempotentAnswer(models.Model):
    """The response to a request with an `Idempotency-Key` (spec 2.9); valid for seven days."""

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
        # purge: the few that are older than a week
        indexes = [models.Index(fields=["created_at"], name="idempotent_answer_age")]

    def __str__(self) -> str:
        return self.key
