"""The audit log of changes: actor, time, version and operations. The scheduler purges it by its retention."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import orjson

from livingdocs_import.db import bulk_copy
from media_library.entries.actors import Actor
from media_library.models import EntryChange

MAX_OPERATIONS = 50  # logged per change, however many patches it had
_COLUMNS = ("entry", "version", "at", "actor", "actor_name", "operations", "job")


def write(changes: Iterable[tuple[int, int, Sequence[str]]], *, at: datetime, actor: Actor, job: str = "") -> None:
    """Log changes, given as (key of the entry, its new version, operations); in the transaction that made them."""
    rows = [
        (entry, version, at, actor.kind, actor.name, orjson.dumps(list(operations[:MAX_OPERATIONS])).decode(), job)
        for entry, version, operations in changes
    ]
    bulk_copy.insert(EntryChange, _COLUMNS, rows, in_json={"operations"})
