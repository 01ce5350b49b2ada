"""Remove old rows, a small batch at a time: short transactions, no long locks (spec 10.3)."""

from typing import Any

from django.db.models import QuerySet

BATCH = 200  # rows that one round removes of each kind


def purge(*old: QuerySet[Any]) -> int:
    """Remove the first rows of each queryset; how many went, those that they take with them included."""
    removed = 0
    for queryset in old:
        if pks := list(queryset.values_list("pk", flat=True)[:BATCH]):
            removed += queryset.model._default_manager.filter(pk__in=pks).delete()[0]
    return removed
