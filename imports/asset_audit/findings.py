"""Compare the storage with the rows, day by day: orphaned files, and missing files.

Only generated keys are checked (`YYYY/MM/DD/<uuid>.<ext>`, also below `videos/` and `files/`): files that clients
upload under keys of their own may wait for an entry that does not exist yet.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Max, Min
from django.utils import timezone

from imports.handlers.item_keys import item_key_stem
from imports.models import ImportJob
from media_library.models import FormerAsset, MediaEntry, RemotePicture, TranslatedAssetKey
from media_library.storage import FILES, FOLDERS, REMOTE_PICTURES, VIDEOS, NotStored, assets, is_generated_key
from media_library.storage_cleanup import owned

OLD_ENOUGH = timedelta(days=7)  # younger files may belong to an unfinished import
BATCH = 500
DAY_DEPTH = 3  # folders from the year's to the file


@dataclass
class DayAudit:
    """One day's folders, or that of small pictures.

    `orphans` belong to no entry; this service may delete those that are also `removable`.
    """

    day: date
    stored: int = 0
    orphans: list[str] = field(default_factory=list)
    removable: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def days(since: date | None = None) -> Iterator[date]:
    """The days on which files can have been stored, the oldest first."""
    jobs = ImportJob.objects.aggregate(first=Min("started_at"), last=Max("started_at"))
    entries = MediaEntry.objects.aggregate(first=Min("created_at"))
    firsts = [moment.date() for moment in (jobs["first"], entries["first"]) if moment is not None]
    if not firsts:
        return
    day, today = since or min(firsts), timezone.now().date()
    while day <= today:
        yield day
        day += timedelta(days=1)


def audit(day: date) -> DayAudit:
    """Check the folders of one day. Raises StorageFailed."""
    day_audit = DayAudit(day)
    folders = [f"{folder}{day:%Y/%m/%d}" for folder in FOLDERS]
    stored = [key for folder in folders for key in assets().below(folder) if _is_checked(key)]
    day_audit.stored = len(stored)
    for start in range(0, len(stored), BATCH):
        batch = stored[start : start + BATCH]
        belonging = _owned(batch)
        day_audit.orphans += [key for key in batch if key not in belonging]
    if day_audit.orphans:
        import_stems = _stems_of_items(day, {_stem(key) for key in day_audit.orphans})
        day_audit.removable = [key for key in day_audit.orphans if _stem(key) in import_stems and _is_old(key)]
    present = set(stored)
    for folder in folders:
        keys = MediaEntry.objects.filter(asset_key__startswith=f"{folder}/", asset_deleted=False)
        named = keys.values_list("asset_key", flat=True).iterator()
        day_audit.missing += [key for key in named if _is_missing(key, present)]
    return day_audit


def audit_pictures() -> DayAudit:
    """Check the pictures of files that are stored elsewhere; a missing one is made anew when it is next shown."""
    found = DayAudit(timezone.now().date())
    stored = assets().below(REMOTE_PICTURES)
    found.stored = len(stored)
    for start in range(0, len(stored), BATCH):
        batch = stored[start : start + BATCH]
        belonging = set(RemotePicture.objects.filter(key__in=batch).values_list("key", flat=True))
        found.orphans += [key for key in batch if key not in belonging]
    found.removable = [key for key in found.orphans if _is_old(key)]
    return found


def remove(key: str) -> bool:
    """Delete an orphan; False if it has got an owner meanwhile."""
    if owned(key):
        return False
    assets().delete(key)
    return True


def _owned(keys: list[str]) -> set[str]:
    """Those of the keys that an entry of any project has or had."""
    kept = set(MediaEntry.objects.filter(asset_key__in=keys).values_list("asset_key", flat=True))
    kept |= set(TranslatedAssetKey.objects.filter(asset_key__in=keys).values_list("asset_key", flat=True))
    return kept | set(FormerAsset.objects.filter(asset_key__in=keys).values_list("asset_key", flat=True))


def _stems_of_items(day: date, stems: set[str]) -> set[str]:
    """Those of the stems that belong to items of the jobs of that day: other files were not stored by this service."""
    jobs = ImportJob.objects.filter(started_at__date=day).only("public_id", "started_at", "total")
    # in sequence: a day may have a million items
    every = (item_key_stem(job, place) for job in jobs.iterator(chunk_size=BATCH) for place in range(job.total))
    return stems.intersection(every)


def _stem(key: str) -> str:
    return key.rpartition(".")[0]


def _is_old(key: str) -> bool:
    try:
        return timezone.now() - assets().stat(key).modified_at > OLD_ENOUGH
    except NotStored:
        return False


def _is_missing(key: str, present: set[str]) -> bool:
    return _is_checked(key) and key not in present


def _is_checked(key: str) -> bool:
    """Whether an import may have stored the file: directly in a day's folder, not in one that a client made there."""
    return is_generated_key(key) and key.removeprefix(VIDEOS).removeprefix(FILES).count("/") == DAY_DEPTH
