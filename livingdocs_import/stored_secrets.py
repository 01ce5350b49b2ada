"""All secrets in the database: encrypt them with the first key, and name those that no key can decrypt."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet, TextField
from django.db.models.functions import Cast

from livingdocs_import.db.encrypted_field import StoredSecret
from livingdocs_import.errors import UnreadableSecret
from livingdocs_import.models import Project, ProjectConfigRevision
from livingdocs_import.project_config import secret_places
from livingdocs_import.security import encryption

SAMPLE = 20  # secrets that are tried to see whether the keys match at all
AT_ONCE = 100  # rows that are read, and locked, together


def renew(projects: Any = Project, revisions: Any = ProjectConfigRevision, at_once: int = AT_ONCE) -> Iterator[str]:
    """Encrypt all other secrets with the first key; yields the place of each secret that cannot be decrypted.

    It can be interrupted and repeated at any time, while the service runs. The models may be a migration's.
    """
    return _rewrite(projects, revisions, at_once, encryption.renewed)


def disclose(projects: Any, revisions: Any, at_once: int = AT_ONCE) -> Iterator[str]:
    """The reverse, for a version without encryption: plain texts again."""
    return _rewrite(projects, revisions, at_once, encryption.decrypt)


def _rewrite(projects: Any, revisions: Any, at_once: int, change: Callable[[str], str]) -> Iterator[str]:
    def changed(stored: str) -> str:
        return change(stored) if _is_readable(stored) else stored

    for keys in _batches(projects.objects.exclude(webhook_secret=""), at_once):
        with transaction.atomic():
            rows = list(projects.objects.select_for_update().filter(pk__in=keys).only("handle", "webhook_secret"))
            for row in rows:
                new = StoredSecret(changed(row.webhook_secret.stored))
                if new != row.webhook_secret:
                    projects.objects.filter(pk=row.pk).update(webhook_secret=new)
        yield from (
            f"project {row.handle}: webhook secret" for row in rows if not _is_readable(row.webhook_secret.stored)
        )
    for keys in _batches(_with_secrets(revisions), at_once):
        for row in revisions.objects.filter(pk__in=keys).select_related("project").order_by("pk"):
            config = secret_places.with_secrets(row.config, changed)
            if config != row.config:  # never changed by others
                revisions.objects.filter(pk=row.pk).update(config=config)
            yield from (f"project {row.project.handle}, revision {row.revision}: {at}" for at in _unreadable_in(config))


def keys_fit() -> bool:
    """Whether one of a few projects' webhook secrets can be decrypted, or none is set. One small query."""
    stored = (
        Project.objects.exclude(webhook_secret="").order_by("-pk").values_list("webhook_secret", flat=True)[:SAMPLE]
    )
    secrets = [secret.stored for secret in stored]
    return not secrets or any(map(_is_readable, secrets))


def unreadable() -> list[str]:
    """The place of each secret in use (without older revisions) that no key can decrypt. A few queries."""
    places = [
        f"project {handle}: webhook secret"
        for handle, secret in Project.objects.exclude(webhook_secret="").values_list("handle", "webhook_secret")
        if not _is_readable(secret.stored)
    ]
    newest = _with_secrets(ProjectConfigRevision).filter(revision=F("project__config_revision"))
    for handle, revision, config in newest.order_by("pk").values_list("project__handle", "revision", "config"):
        places += [f"project {handle}, revision {revision}: {place}" for place in _unreadable_in(config)]
    return places


def _unreadable_in(config: Mapping[str, Any]) -> list[str]:
    return [place for place, stored in secret_places.secrets_of(config) if not _is_readable(stored)]


def _is_readable(stored: str) -> bool:
    try:
        encryption.decrypt(stored)
    except UnreadableSecret:
        return False
    return True


def _with_secrets(revisions: Any) -> QuerySet[Any]:
    """Revisions that may contain a secret; the others, which may be large, are not read."""
    text = revisions.objects.annotate(text=Cast("config", TextField()))
    rows: QuerySet[Any] = text.filter(text__iregex=secret_places.KEYS_IN_JSON)
    return rows


def _batches(rows: QuerySet[Any], at_once: int) -> Iterator[list[int]]:
    """The keys of the rows in batches, in order; including rows that are added behind them meanwhile."""
    last = 0
    while keys := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:at_once]):
        yield keys
        last = keys[-1]
