"""The audit log of changes: actor, time, version and operations. The scheduler purges it by its retention."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

import orjson
from django.db.models import OuterRef, QuerySet, Subquery

from livingdocs_import.db import bulk_copy
from media_library.entries.actors import Actor
from media_library.entries.differences import Difference
from media_library.models import EntryChange, MediaEntry

BY_HAND = (EntryChange.Actor.USER, EntryChange.Actor.API_CLIENT)
MAX_NOTE = 200  # characters
NONE: Mapping[int, Sequence[Difference]] = MappingProxyType({})
MAX_OPERATIONS = 50  # logged per change, however many patches it had
_COLUMNS = ("entry", "version", "at", "actor", "actor_name", "operations", "job")


def touched(entries: QuerySet[MediaEntry]) -> QuerySet[MediaEntry]:
    """Those of the entries that a user or an API client has changed since their last import.

    As far as the log goes back: older changes are purged, and count as none.
    """
    return entries.alias(last_actor=_newest("actor")).filter(last_actor__in=BY_HAND)


def _newest(column: str) -> Subquery:
    """A column of the newest change of an entry. Validity that changes by time is no change by hand, and hides none."""
    changes = EntryChange.objects.filter(entry=OuterRef("pk")).exclude(actor=EntryChange.Actor.SCHEDULER)
    return Subquery(changes.order_by("-pk").values(column)[:1])


def changes_by_hand(keys: Collection[int]) -> dict[int, EntryChange]:
    """The last change of each of these entries that `touched` would find, by their primary keys: two queries."""
    newest = MediaEntry.objects.filter(pk__in=keys).annotate(change=_newest("pk")).values_list("change", flat=True)
    changes = EntryChange.objects.filter(pk__in=list(newest), actor__in=BY_HAND)
    return {change.entry_id: change for change in changes}


def touched_keys(entries: Iterable[MediaEntry]) -> set[int]:
    """The same of entries that are at hand, by their primary keys: one query."""
    keys = [entry.pk for entry in entries]
    return set(touched(MediaEntry.objects.filter(pk__in=keys)).values_list("pk", flat=True)) if keys else set()


def write(
    changes: Iterable[tuple[int, int, Sequence[str]]],
    *,
    at: datetime,
    actor: Actor,
    job: str = "",
    differences: Mapping[int, Sequence[Difference]] = NONE,
    note: str = "",
) -> None:
    """Log changes, given as (key of the entry, its new version, operations); in the transaction that made them.

    `differences` are those of their metadata, by key of the entry; `note` is why it was done.
    """
    rows: list[tuple[Any, ...]] = [
        (entry, version, at, actor.kind, actor.name, orjson.dumps(list(operations[:MAX_OPERATIONS])).decode(), job)
        for entry, version, operations in changes
    ]
    if not differences and not note:  # as of most imports
        bulk_copy.insert(EntryChange, _COLUMNS, rows, in_json={"operations"})
        return
    whole = [(*row, _as_json(differences.get(row[0])), note[:MAX_NOTE] or None) for row in rows]
    bulk_copy.insert(EntryChange, (*_COLUMNS, "differences", "note"), whole, in_json={"operations", "differences"})


def _as_json(differences: Sequence[Difference] | None) -> str | None:
    return orjson.dumps(differences).decode() if differences else None
