"""Renditions of stored images: made on first request, then stored beside the originals (`v/<key>/<variant>`).

Requests neither wait long nor fail for lack of a rendition: the original is served instead. An empty file under a
rendition's key means that the original is served permanently: it is animated, or cannot be decoded.
"""

import hashlib
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import BoundedSemaphore

from django.conf import settings
from django.utils import timezone

from livingdocs_import import errors
from media_library.delivery.binary import Binary
from media_library.delivery.ownership import Deliverable, deliverable
from media_library.delivery.render import NotRenderable, RenderingInterrupted, RenderingLimits, Rendition, render
from media_library.delivery.variants import NAMES_AFTER, Variant
from media_library.storage import RENDITIONS, NotStored, StorageFailed, StoredFile, assets

log = logging.getLogger(__name__)

MAX_RENDITIONS = 100  # kept per image, whatever sizes clients request; further ones are made but not kept
PATIENCE = 10.0  # seconds for which a request waits for its turn to render


class RenderingQueue:
    """One rendering per process at a time, and one request that waits for it; further ones get the original at once.

    A rendering may need a processor and a gigabyte, and holds one of the few threads of the web server
    (config/gunicorn.py).
    """

    def __init__(self) -> None:
        self._working, self._waiting = BoundedSemaphore(1), BoundedSemaphore(1)

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Wait for the slot, briefly and in a short queue, and render inside the block; raises RenderingInterrupted."""
        with self.waiting_place():
            if not self._working.acquire(timeout=PATIENCE):
                raise RenderingInterrupted("too many renditions are being made")
        try:
            yield
        finally:
            self._working.release()

    @contextmanager
    def waiting_place(self) -> Iterator[None]:
        """The one queue position; raises RenderingInterrupted if it is taken."""
        if not self._waiting.acquire(blocking=False):
            raise RenderingInterrupted("too many renditions are being made")
        try:
            yield
        finally:
            self._waiting.release()


queue = RenderingQueue()


def original(file: Deliverable) -> Binary:
    """The stored bytes; raises NotStored or StorageFailed."""
    store = assets()
    return Binary(store.stat(file.key), file.mime_type, partial(store.read, file.key))


def rendition(file: Deliverable, variant: Variant) -> Binary:
    """The variant of a JPEG, PNG or GIF, or the original if there is none; raises NotStored or StorageFailed."""
    if variant.changes_nothing:
        return original(file)
    try:
        return _stored(file, variant)
    except NotStored:
        return _made(file, variant)


def keys_of(key: str) -> list[str]:
    """The keys of an image's stored renditions, sorted (KEY-01); raises StorageFailed."""
    return [_key(key, variant) for variant in _stored_variants(key)]


def kept(file: Deliverable) -> dict[Variant, StoredFile]:
    """The renditions of an image that are stored; raises StorageFailed."""
    return _stored_variants(file.key)


def forget(key: str) -> None:
    """Delete an image's renditions; raises StorageFailed if some are left. For workers and for single images."""
    before: set[Variant] = set()
    while found := set(_stored_variants(key, patient=True)):
        if found == before:
            raise StorageFailed("the storage lists what was deleted")
        for variant in found:
            assets().delete(_key(key, variant))
        before = found


def _stored_variants(key: str, *, patient: bool = False) -> dict[Variant, StoredFile]:
    """What is stored of this key, and of no other one: it may be a folder of other keys, such as `2026`."""
    folder = f"{RENDITIONS}/{key}"
    files = assets().directly_in(folder, MAX_RENDITIONS, after=NAMES_AFTER, patient=patient)
    named = ((path, Variant.named(path.removeprefix(f"{folder}/")), facts) for path, facts in files.items())
    return {variant: facts for path, variant, facts in named if variant is not None and _key(key, variant) == path}


def _key(key: str, variant: Variant) -> str:
    return f"{RENDITIONS}/{key}/{variant.name}"


def _mime_type(file: Deliverable, variant: Variant) -> str:
    if variant.format != "original":
        return f"image/{variant.format}"
    return "image/png" if file.mime_type == "image/gif" else file.mime_type


def _stored(file: Deliverable, variant: Variant) -> Binary:
    store, key = assets(), _key(file.key, variant)
    facts = store.stat(key)
    return Binary(facts, _mime_type(file, variant), partial(store.read, key)) if facts.size else original(file)


def _made(file: Deliverable, variant: Variant) -> Binary:
    whole = original(file)
    if whole.facts.size > settings.IMAGE_MAX_BYTES:
        return whole
    limits = RenderingLimits(max_pixels=settings.IMAGE_MAX_PIXELS)
    try:
        with queue.slot(), tempfile.TemporaryFile(dir=_folder()) as source:
            source.writelines(whole.read(0, whole.facts.size))
            with render(source, mime_type=file.mime_type, variant=variant, limits=limits, folder=_folder()) as made:
                moves = made.mime_type == file.mime_type and made.path.stat().st_size == whole.facts.size
                if not moves:  # animations are returned unchanged
                    return _kept_or_not(file, variant, made)
    except NotRenderable as error:
        log.info("no %s of %s: %s", variant.name, file.key, error)
    except (RenderingInterrupted, OSError) as error:
        log.warning("the original of %s is served for now: %s", file.key, error)
        return replace(whole, lasting=False)
    with tempfile.TemporaryDirectory(prefix="rendition-", dir=_folder()) as place:
        empty = Path(place, "empty")
        empty.touch()
        _keep(file, variant, empty)
    return whole


def _folder() -> Path:
    """Temporary files are on the same file system as stored ones, so that storing is a rename."""
    folder: Path = settings.DATA_DIR / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _kept_or_not(file: Deliverable, variant: Variant, made: Rendition) -> Binary:
    content = made.path.read_bytes()
    if _keep(file, variant, made.path):
        return _stored(file, variant)
    facts = StoredFile(len(content), timezone.now(), f'"{hashlib.sha256(content).hexdigest()}"')
    return Binary(facts, made.mime_type, lambda start, end: iter([content[start:end]]))


def _keep(file: Deliverable, variant: Variant, path: Path) -> bool:
    """Store it; False without room or if the storage fails. Raises AssetRevoked or NotStored if the image is gone."""
    key = _key(file.key, variant)
    try:
        if len(keys_of(file.key)) >= MAX_RENDITIONS:
            return False
        assets().put(path, key, _mime_type(file, variant))
    except StorageFailed as error:
        log.warning("%s of %s is not kept: %s", variant.name, file.key, error)
        return False
    try:
        # The image may have been deleted, with its renditions, during the rendering.
        deliverable(file.project_id, file.key)
    except (NotStored, errors.AssetRevoked):
        assets().delete(key)
        raise
    return True
