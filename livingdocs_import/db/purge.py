"""Delete old rows, a small batch at a time: short transactions, no long locks (spec 10.3)."""

from typing import Any

from django.db.models import QuerySet

BATCH = 200  # rows of each kind per round


def purge(*old: QuerySet[Any]) -> int:
    """Delete the first rows of each queryset; returns the number of deleted rows, including cascades."""
    removed = 0
    for queryset in old:
        if pks := list(queryset.values_list("pk", flat=True)[:BATCH]):
            removed += queryset.model._default_manager.filter(pk__in=pks).delete()[0]
    return removed
