"""When time alone changes what readers see: the times at which components appear or disappear."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from documents.content.walk import walk
from livingdocs_import.validation.value_types import instant


def next_change(content: Any, now: datetime) -> datetime | None:
    """The first time after `now` at which a component appears or disappears; None if none does."""
    return min((moment for moment in _bounds(content) if moment > now), default=None)


def _bounds(content: Any) -> Iterator[datetime]:
    for component in walk(content):
        conditions = component.get("conditions")
        period = (conditions.get("dateTime") or {}) if conditions else {}
        for bound in ("gte", "lt"):
            if (moment := instant(period.get(bound))) is not None:
                yield moment
