"""Delete old rows, a small batch at a time: short transactions, no long locks (spec 10.3)."""

from datetime import timedelta
from typing import Any, NamedTuple

from django.db.models import QuerySet

BATCH = 200  # rows of each kind per round


class Outdated(NamedTuple):
    """Rows that are older than their retention; `setting`: what it is set by."""

    rows: QuerySet[Any]
    kept_for: timedelta
    setting: str = ""


def purge(*old: QuerySet[Any]) -> int:
    """Delete the first rows of each queryset; returns the number of deleted rows, including cascades."""
    removed = 0
    for queryset in old:
        if pks := list(queryset.values_list("pk", flat=True)[:BATCH]):
            removed += queryset.model._default_manager.filter(pk__in=pks).delete()[0]
    return removed
