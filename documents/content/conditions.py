"""When time alone changes what readers see of some content: where a component begins or ends to be shown."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from documents.content.walk import walk
from livingdocs_import.validation.value_types import instant


def next_change(content: Any, now: datetime) -> datetime | None:
    """The first moment after `now` at which a component begins or ends to be shown; None when none does."""
    return min((moment for moment in _bounds(content) if moment > now), default=None)


def _bounds(content: Any) -> Iterator[datetime]:
    for component in walk(content):
        conditions = component.get("conditions")
        period = (conditions.get("dateTime") or {}) if conditions else {}
        for bound in ("gte", "lt"):
            if (moment := instant(period.get(bound))) is not None:
                yield moment
