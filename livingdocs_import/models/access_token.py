"""API clients: access tokens of a project, looked up by a prefix and verified by a digest."""

import hashlib
import hmac
import logging
import secrets
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import DEFAULT_DB_ALIAS, Error, models, transaction
from django.db.models import QuerySet

from livingdocs_import.db.json_field import CompactJSON
from livingdocs_import.db.prepared import Prepared
from livingdocs_import.models.project import Project

log = logging.getLogger(__name__)
LAST_USED_STEP = timedelta(minutes=1)
PREFIX_LENGTH = 12


class AccessTokenQuerySet(QuerySet["AccessToken"]):
    def issue(self, project: Project, *, name: str, scopes: list[str], **fields: Any) -> "tuple[AccessToken, str]":
        """Make a token; returns it and its value, which is not stored."""
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
    def authenticate(cls, value: str) -> "AccessToken | None":
        """The token with this value, with its project; None when there is none. Compared in constant time."""
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

    def touch(self, now: datetime) -> None:
        """Note the use, at most once a minute: a busy token's row must not become a bottleneck.

        Left out where the database takes no writes, or the row is locked (FLT-14).
        """
        if self.last_used_at is not None and now - self.last_used_at <= LAST_USED_STEP:
            return
        mine = type(self).objects.filter(pk=self.pk)
        try:
            with transaction.atomic():  # an error must not break the caller's transaction
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
    1,
)
