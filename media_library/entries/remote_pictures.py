"""Small pictures of entries whose file is stored elsewhere: requested, made, withdrawn.

The browser of a user never loads such a file: its server would learn who looks. The first display of an entry requests
a picture, a worker fetches the file and keeps a small one (imports/remote_pictures.py), later displays show it. What
fails is not requested again before a while.

    no row ─► due ─► made            (`key`)
               │ ▲
               ▼ │ shown again after `retry_at`
             failed                  (`failure`)
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from livingdocs_import.db.clock import from_now
from media_library import storage_cleanup
from media_library.models import MediaEntry, RemotePicture
from media_library.storage import REMOTE_PICTURES, NotStored, StorageFailed, assets

KEPT_FOR = timedelta(days=90)  # since a picture was last shown
SHOWN_EVERY = timedelta(days=1)  # that a picture was shown is noted so often
LEASE = timedelta(minutes=3)  # a worker that is gone by then has lost the picture
PAUSES = (timedelta(minutes=10), timedelta(hours=2), timedelta(days=1), timedelta(days=7))  # after failures in a row
PERMANENT_PAUSE = timedelta(days=7)
MIME_TYPE = "image/jpeg"
MAX_BYTES = 4 << 20  # of a picture: one of 640 x 640 pixels has some hundred thousand


def address(entry: MediaEntry) -> str:
    """The address of an image that is stored elsewhere; "" for other entries."""
    url = entry.asset.get("url")
    is_remote = entry.base_type == MediaEntry.BaseType.IMAGE and isinstance(url, str) and _is_web_address(url)
    return url if is_remote and entry.servable and not entry.asset_deleted else ""


def _is_web_address(url: str) -> bool:
    try:
        return urlsplit(url).scheme in {"http", "https"}
    except ValueError:
        return False


def digest(url: str) -> str:
    """Hexadecimal; a row has no copy of the address, which may be secret."""
    return hashlib.sha256(url.encode(errors="surrogatepass")).hexdigest()


def key_of(row: RemotePicture) -> str:
    """The key of its picture, the same for every attempt."""
    return f"{REMOTE_PICTURES}/{row.entry_id}/{row.address_digest[:32]}.jpeg"


# --- Requests: when entries are shown --------------------------------------------------------------------------------


def shown(entries: Iterable[MediaEntry]) -> Mapping[int, RemotePicture]:
    """The rows of those of the entries whose file is elsewhere, by primary key; those that are missing are requested.

    A page costs one query, and at most one statement more for each kind of change.
    """
    wanted = {entry.pk: digest(url) for entry in entries if (url := address(entry))}
    if not wanted:
        return {}
    rows = RemotePicture.objects.in_bulk(wanted)
    now = timezone.now()
    new = [RemotePicture(entry_id=pk, address_digest=of) for pk, of in wanted.items() if pk not in rows]
    RemotePicture.objects.bulk_create(new, ignore_conflicts=True)
    _renew([row for pk, row in rows.items() if row.address_digest != wanted[pk]], wanted)
    current = {pk: row for pk, row in rows.items() if row.address_digest == wanted[pk]}
    _request_again([row for row in current.values() if row.retry_at is not None and row.retry_at <= now])
    _note_shown([row for row in current.values() if row.shown_at <= now - SHOWN_EVERY], now)
    return current


def _renew(rows: Sequence[RemotePicture], wanted: Mapping[int, str]) -> None:
    """Request pictures of new addresses; those of the former ones are deleted."""
    for row in rows:
        with transaction.atomic():
            _discard([row])
            RemotePicture.objects.filter(pk=row.pk, address_digest=row.address_digest).update(
                address_digest=wanted[row.pk], key="", due_at=from_now(), attempts=0, failure="", retry_at=None
            )


def _request_again(rows: Sequence[RemotePicture]) -> None:
    if rows:
        failed = RemotePicture.objects.filter(pk__in=[row.pk for row in rows], due_at=None, key="")
        failed.update(due_at=from_now(), retry_at=None)


def _note_shown(rows: Sequence[RemotePicture], now: datetime) -> None:
    if rows:
        RemotePicture.objects.filter(pk__in=[row.pk for row in rows]).update(shown_at=now)


def stored(entry: MediaEntry) -> bytes | None:
    """The picture of the entry; None if there is none. One that the storage has lost is requested again."""
    url = address(entry)
    row = RemotePicture.objects.filter(pk=entry.pk, address_digest=digest(url)).exclude(key="").first() if url else None
    if row is None:
        return None
    try:
        size = assets().stat(row.key).size
        return b"".join(assets().read(row.key, 0, min(size, MAX_BYTES)))
    except NotStored:
        RemotePicture.objects.filter(pk=row.pk, key=row.key).update(key="", due_at=from_now())
    except StorageFailed:
        pass
    return None


# --- Work: by a worker -----------------------------------------------------------------------------------------------


def claim() -> RemotePicture | None:
    """The picture that has been due for longest, with its entry; another worker gets it only after LEASE."""
    due = RemotePicture.objects.filter(due_at__lte=from_now()).order_by("due_at").select_related("entry__project")
    for row in due[:5]:  # others may claim the first ones at the same time
        if RemotePicture.objects.filter(pk=row.pk, due_at=row.due_at).update(due_at=from_now(LEASE)):
            return row
    return None


def made(row: RemotePicture) -> bool:
    """Record the stored picture; False if it is not wanted any more, and stays to be deleted."""
    done = _unchanged(row).update(key=key_of(row), due_at=None, attempts=0, failure="", retry_at=None)
    return bool(done)


def failed(row: RemotePicture, why: str, *, permanent: bool) -> None:
    """Record a failure: the picture is requested again when it is shown after a pause."""
    pause = PERMANENT_PAUSE if permanent else PAUSES[min(row.attempts, len(PAUSES) - 1)]
    attempts = min(row.attempts + 1, len(PAUSES))
    _unchanged(row).update(due_at=None, failure=why[:300], retry_at=from_now(pause), attempts=attempts)


def _unchanged(row: RemotePicture) -> QuerySet[RemotePicture]:
    """The row, if the entry has not got another address meanwhile."""
    return RemotePicture.objects.filter(pk=row.pk, address_digest=row.address_digest)


# --- Withdrawal ------------------------------------------------------------------------------------------------------


def forget(entries: Sequence[int]) -> int:
    """Delete the pictures of these entries, given by primary keys; inside the transaction that changes them."""
    rows = list(RemotePicture.objects.filter(pk__in=entries))
    _discard(rows)
    return RemotePicture.objects.filter(pk__in=[row.pk for row in rows]).delete()[0] if rows else 0


def forget_former(row: RemotePicture) -> None:
    """Delete the row of an address that its entry has no longer, unless it was renewed for another one meanwhile."""
    with transaction.atomic():
        if _unchanged(row).select_for_update().first() is not None:
            forget([row.pk])


def outdated() -> QuerySet[RemotePicture]:
    """Pictures that were not shown for long, also those of entries whose file is ours by now."""
    return RemotePicture.objects.filter(shown_at__lt=timezone.now() - KEPT_FOR)


def purge(limit: int) -> int:
    """Delete some of these with their files; returns their number."""
    with transaction.atomic():
        return forget(list(outdated().order_by("shown_at").values_list("pk", flat=True)[:limit]))


def _discard(rows: Sequence[RemotePicture]) -> None:
    """Schedule their files for deletion."""
    if keys := {row.key for row in rows if row.key}:
        storage_cleanup.keys_later(keys)
