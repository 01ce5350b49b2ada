"""Orphaned files: recorded in a transaction, deleted after it, never while an entry owns them."""

from collections.abc import Iterable
from datetime import timedelta

from django.utils import timezone

from livingdocs_import.work_queue import shutdown
from media_library.delivery import rendition_cache
from media_library.inspect import any_file
from media_library.models import Discard, FormerAsset, MediaEntry, RemotePicture, TranslatedAssetKey
from media_library.storage import FILES, VIDEOS, StorageFailed, assets

# A worker that was cancelled during an upload may still finish it.
GRACE = timedelta(minutes=10)
IMAGE_EXTENSIONS = ("jpeg", "png", "gif", "svg")
EXTENSIONS = frozenset({*any_file.EXTENSIONS.values(), any_file.OTHER_EXTENSION})  # of videos and files
PAUSE = timedelta(minutes=5)  # before a failed deletion is retried


def later(stems: Iterable[str], *, after: timedelta = GRACE) -> None:
    """Schedule keys, with or without extension, for deletion; inside the transaction that orphans them.

    They are deleted at once, and again after that time, in case a worker that seemed lost has stored them meanwhile.
    """
    now = timezone.now()
    moments = {now, now + after}
    Discard.objects.bulk_create(Discard(stem=stem, due_at=due_at) for stem in stems for due_at in sorted(moments))


def keys_later(keys: Iterable[str]) -> None:
    """The same for keys of assets: the file itself and its renditions, and nothing else."""
    due_at = timezone.now() + GRACE
    Discard.objects.bulk_create(Discard(stem=key, is_key=True, due_at=due_at) for key in sorted(keys))


def sweep(limit: int = 200) -> int:
    """Delete what is due; returns the number of rows processed. Parallel runs do no harm."""
    done = 0
    for discard in Discard.objects.filter(due_at__lte=timezone.now()).order_by("due_at")[:limit]:
        if shutdown.asked():
            break
        try:
            for key in _keys(discard):
                if not owned(key):
                    rendition_cache.forget(key)
                    assets().delete(key)
                    if discard.is_key:
                        rendition_cache.forget(key)
        except StorageFailed:
            Discard.objects.filter(pk=discard.pk).update(due_at=timezone.now() + PAUSE)
            continue
        discard.delete()
        done += 1
    return done


def _keys(discard: Discard) -> list[str]:
    """The keys of the row: one file, or an item's files with any extension."""
    stem = discard.stem
    if discard.is_key or "." in stem.rsplit("/", 1)[-1]:
        return [stem]
    return assets().having(stem, EXTENSIONS if stem.startswith((VIDEOS, FILES)) else IMAGE_EXTENSIONS)


def owned(key: str) -> bool:
    """Whether any entry, of any project, has or had this file as its asset, or has it as its picture."""
    return (
        MediaEntry.objects.filter(asset_key=key, asset_deleted=False).exists()
        or TranslatedAssetKey.objects.filter(asset_key=key, entry__asset_deleted=False).exists()
        or FormerAsset.objects.filter(asset_key=key, entry__asset_deleted=False).exists()
        or RemotePicture.objects.filter(key=key).exclude(key="").exists()
    )
