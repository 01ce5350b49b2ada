"""API clients: access tokens of a project, found by their `jti` and verified by a digest (docs/adr/0023)."""

import hashlib
import hmac
import logging
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import uuid4

from django.db import DEFAULT_DB_ALIAS, Error, models, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from livingdocs_import.db.json_field import CompactJSON
from livingdocs_import.db.prepared import Prepared
from livingdocs_import.models import token_claims
from livingdocs_import.models.project import Project
from livingdocs_import.security import signed_tokens

log = logging.getLogger(__name__)
LAST_USED_STEP = timedelta(minutes=1)
PREFIX_LENGTH = 12
MAX_LENGTH = 4096  # of a value; ours stay below it with the longest name and the longest signature


class CannotRotate(Exception):
    """The token has a successor already, is archived or has ended; the message says which."""


class AccessTokenQuerySet(QuerySet["AccessToken"]):
    def issue(
        self, project: Project, *, name: str, scopes: list[str], expires_at: datetime | None = None, **fields: Any
    ) -> "tuple[AccessToken, str]":
        """Create a token; returns it and its value, which is not stored. `jti` is a UUID, a random one by default."""
        jti, key = str(fields.pop("jti", None) or uuid4()), signed_tokens.keys()[0]
        value = signed_tokens.sign(token_claims.of(project, jti, name, scopes, expires_at), key)
        token = self.create(
            project=project,
            name=name,
            scopes=scopes,
            expires_at=expires_at,
            jti=jti,
            kid=key.kid,
            digest=_digest(value),
            **fields,
        )
        return token, value

    @transaction.atomic
    def rotate(
        self, token: "AccessToken", *, old_ends_at: datetime, expires_at: datetime | None = None
    ) -> "tuple[AccessToken, str]":
        """Create the successor of a token, with the same name and scopes; the old one ends at the given moment.

        `expires_at`: the end of the new one; None: that of the old one, or never if it had none.

        Returns the new token and its value. Raises CannotRotate; a token has one successor, so that rotating twice
        makes no second one.
        """
        old = self.select_for_update(of=("self",)).select_related("project").get(pk=token.pk)
        if old.archived_at is not None:
            raise CannotRotate("is archived")
        if (successor := self.filter(replaces=old).first()) is not None:
            raise CannotRotate(f"was rotated already: {successor.public_id} has replaced it")
        if old.expired(timezone.now()):
            raise CannotRotate("has ended: issue a new one")
        new, value = self.issue(
            old.project,
            name=old.name,
            scopes=old.scopes,
            expires_at=expires_at or old.expires_at,
            description=old.description,
            replaces=old,
        )
        if old.expires_at is None or old.expires_at > old_ends_at:
            self.filter(pk=old.pk).update(expires_at=old_ends_at)
        return new, value

    def suspend(self, token: "AccessToken") -> bool:
        """Refuse the token from the next request on; False if it was suspended already."""
        return bool(self.filter(pk=token.pk, suspended_at=None).update(suspended_at=timezone.now()))

    def resume(self, token: "AccessToken") -> bool:
        """Accept a token again that was suspended or archived; False if it was neither."""
        refused = Q(suspended_at__isnull=False) | Q(archived_at__isnull=False)
        return bool(self.filter(refused, pk=token.pk).update(suspended_at=None, archived_at=None))


def _digest(value: str) -> str:
    # The value has 128 random bits or more: a slow hash would protect nothing and cost every request.
    return hashlib.sha256(value.encode()).hexdigest()


class AccessToken(models.Model):
    """An API client: a bearer credential of one project. Its jti finds it, a digest verifies it (AUTH-16).

    Earlier releases issued opaque tokens, which are found by their first characters, and stay valid (TOK-04).
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    scopes = CompactJSON(default=list)
    jti = models.CharField(max_length=36, unique=True, null=True, editable=False)  # null: an opaque token
    kid = models.CharField(max_length=43, blank=True, db_default="", editable=False)  # of the key that signed it
    prefix = models.CharField(max_length=PREFIX_LENGTH, unique=True, null=True, editable=False)  # null: a JWT
    digest = models.CharField(max_length=64, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)  # null: never
    suspended_at = models.DateTimeField(null=True, blank=True)  # null: in use
    archived_at = models.DateTimeField(null=True, blank=True)  # null: shown
    last_used_at = models.DateTimeField(null=True, editable=False)  # null: never used
    replaces = models.OneToOneField(
        "self", on_delete=models.SET_NULL, null=True, editable=False, related_name="replaced_by"
    )  # the token that was rotated; null: none was
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[AccessTokenQuerySet] = AccessTokenQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "API client"
        constraints = [
            models.CheckConstraint(
                name="token_is_found_by_jti_or_prefix",
                condition=Q(jti__isnull=False, prefix__isnull=True) | Q(jti__isnull=True, prefix__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.public_id})"

    @classmethod
    def authenticate(cls, value: str) -> "AccessToken | None":
        """The token with this value, with its project; None if there is none. Compared in constant time."""
        if not value.isascii() or len(value) > MAX_LENGTH or "\0" in value:
            return None
        jti = signed_tokens.claimed_jti(value)
        for row in _BY_JTI.rows(jti) if jti else _BY_PREFIX.rows(value[:PREFIX_LENGTH]):
            token = cls.from_db(DEFAULT_DB_ALIAS, _OF_TOKEN, row[: len(_OF_TOKEN)])
            token.project = Project.from_db(DEFAULT_DB_ALIAS, _OF_PROJECT, row[len(_OF_TOKEN) :])
            return token if hmac.compare_digest(token.digest, _digest(value)) else None
        return None

    @property
    def public_id(self) -> str:
        """The public identifier of the token: its jti, or the first characters of an opaque one."""
        return self.jti or f"{self.prefix}…"

    @property
    def usable(self) -> bool:
        return self.suspended_at is None and self.archived_at is None

    def expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    def state(self, now: datetime) -> str:
        """The state for operators."""
        if self.archived_at is not None:
            return "archived"
        if self.suspended_at is not None:
            return "suspended"
        return "expired" if self.expired(now) else "in use"

    def touch(self, now: datetime) -> None:
        """Record the use, at most once a minute: a busy token's row must not become a bottleneck.

        Skipped if the database is read-only, or the row is locked (FLT-14).
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


# Every request begins with this query; other columns are loaded on access.
_OF_TOKEN = (
    "id", "project_id", "name", "scopes", "digest", "expires_at", "suspended_at", "archived_at", "last_used_at",
)  # fmt: skip
_OF_PROJECT = ("id", "config_revision")
_COLUMNS = (*_OF_TOKEN, *(f"project__{name}" for name in _OF_PROJECT))
_BY_JTI = Prepared(_COLUMNS, lambda jti: AccessToken.objects.filter(jti=jti), 1)
_BY_PREFIX = Prepared(_COLUMNS, lambda prefix: AccessToken.objects.filter(prefix=prefix), 1)
