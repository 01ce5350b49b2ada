"""The temporary files of downloads: where they are, what they take of the disk, and what happens when it is full."""

import errno
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from livingdocs_import.errors import TransientFailure

DISK_FULL = {errno.ENOSPC, errno.EDQUOT}

_receiving: set[int] = set()  # descriptors of temporary files: what a download has taken of the disk
_changing = threading.Lock()


class DiskFull(TransientFailure):
    """There is no room for a temporary file on this machine; other workers may have some.

    `too_large`: no other file was in the way, and this one took more than what has to be free for a download to begin.
    """

    cause = "disk-full"

    def __init__(self, *, too_large: bool = False) -> None:
        super().__init__("there was no room for the file")
        self.too_large = too_large


@contextmanager
def temporary_file() -> Iterator[Path]:
    """A path beside the stored files, so that storing is a move; removed afterwards, whatever happens.

    Raises DiskFull where the file, or another one beside it, finds no more room.
    """
    folder = settings.DATA_DIR / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix="fetch-")
    os.close(handle)
    path = Path(name)
    try:
        with _noticing_full_disk(path):
            yield path
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def counted(descriptor: int) -> Iterator[None]:
    """Count the file in `bytes_in_flight` while the block receives it."""
    with _changing:
        _receiving.add(descriptor)
    try:
        yield
    finally:
        with _changing:
            _receiving.discard(descriptor)


def bytes_in_flight() -> int:
    """What the downloads in flight take of the disk, about."""
    with _changing:
        descriptors = list(_receiving)
    sizes = 0
    for descriptor in descriptors:
        try:
            sizes += os.fstat(descriptor).st_size
        except OSError:  # closed meanwhile
            continue
    return sizes


@contextmanager
def _noticing_full_disk(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in DISK_FULL:
            raise
        others = sum(_size(other) for other in path.parent.glob("fetch-*") if other != path)
        raise DiskFull(too_large=others == 0 and _size(path) >= settings.IMPORT_MIN_FREE_BYTES) from error


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
