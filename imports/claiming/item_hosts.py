"""Add missing host keys to items that a previous version accepted."""

from django.db import transaction
from django.db.models import QuerySet

from imports.models import ImportItem
from livingdocs_import.egress.endpoints import host_key_of

BATCH = 1_000  # items per statement


def name_hosts(items: QuerySet[ImportItem]) -> None:
    """Set missing keys of these items: a query and a statement for each batch."""
    nameless = items.filter(host_key=0).order_by("pk").only("pk", "payload")
    last: int | None = 0
    while last is not None:
        last = _name_some(nameless.filter(pk__gt=last)[:BATCH])


@transaction.atomic
def _name_some(nameless: QuerySet[ImportItem]) -> int | None:
    """The last key of the batch; None at the end. Locked in the order in which all code locks items."""
    batch = list(nameless.select_for_update())
    for item in batch:
        item.host_key = host_key_of(item.payload)
    ImportItem.objects.bulk_update(batch, ["host_key"])
    return batch[-1].pk if batch else None
