"""Since when workers' disks have had no room for an item's file, by the database's clock."""

from django.db.models import F
from django.db.models.functions import Coalesce

from imports.models import ImportItem
from livingdocs_import.db import clock
from livingdocs_import.db.clock import from_now


def seconds_without_room(item: ImportItem) -> float:
    """As of the item's claim; 0 if the previous attempt did not meet a full disk."""
    return 0.0 if item.no_room_since is None else (clock.now() - item.no_room_since).total_seconds()


def remembered(*, no_room: bool) -> Coalesce | None:
    """The new `no_room_since` when an item is released: it begins, continues, or is over."""
    return Coalesce(F("no_room_since"), from_now()) if no_room else None
