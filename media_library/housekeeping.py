"""Chores for media: update validity on time, delete orphaned files, purge old changes, update the search."""

import time
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from livingdocs_import.db import purge
from livingdocs_import.db.purge import Outdated
from livingdocs_import.work_queue.chores import chores
from media_library import storage_cleanup
from media_library.entries import remote_pictures, validity
from media_library.models import EntryChange
from media_library.search import following

DISCARD_SECONDS = 5.0  # for deleting files in one round: the next one continues
INDEX_SECONDS = 1.0  # per round of three: a backlog leaves most of the time to imports

chores.chore("entries_flipped")(validity.refresh_expired)


@chores.chore("files_discarded", needs_files=True)
def discard() -> int:
    """Delete orphaned files, for a few seconds."""
    until, done = time.monotonic() + DISCARD_SECONDS, 0
    while time.monotonic() < until and (more := storage_cleanup.sweep(limit=20)):
        done += more
    return done


@chores.chore("rows_purged")
def purge_changes() -> int:
    """Purge the audit log by its retention."""
    return purge.purge(*(each.rows for each in outdated().values()))


def outdated() -> dict[str, Outdated]:
    """What is older than its retention, by its name for operators."""
    kept_for = timedelta(days=settings.CHANGE_RETENTION_DAYS)
    old = EntryChange.objects.filter(at__lt=timezone.now() - kept_for)
    return {"changes of entries": Outdated(old, kept_for, "CHANGE_RETENTION_DAYS")}


@chores.chore("rows_purged")
def purge_pictures() -> int:
    """Delete pictures of files elsewhere that were not shown for long."""
    return remote_pictures.purge(purge.BATCH)


@chores.chore("entries_indexed", prompt=True)
def follow_entries() -> int:
    return following.follow(INDEX_SECONDS)
