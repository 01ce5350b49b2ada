"""The temporary files of downloads: their place, their use of the disk, and errors of a full disk."""

import errno
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from livingdocs_import.errors import TransientFailure

DISK_FULL = {errno.ENOSPC, errno.EDQUOT}
BUFFER = 16 * 1024  # bytes; type detection mostly reads within the first of them

_receiving: set[int] = set()  # descriptors of temporary files, whose sizes are the use of the disk
_changing = threading.Lock()


class DiskFull(TransientFailure):
    """There is no room for a temporary file on this machine; other workers may have some.

    `too_large`: the file alone took more than the space that must be free for a download to begin.
    """

    cause = "disk-full"

    def __init__(self, *, too_large: bool = False) -> None:
        super().__init__("there was no room for the file")
        self.too_large = too_large


@contextmanager
def temporary_file() -> Iterator[tuple[BinaryIO, Path]]:
    """An open file on the storage's file system, so that storing is a rename, and its path; always removed afterwards.

    Meanwhile it counts in `bytes_in_flight`. Raises DiskFull if it, or another file beside it, finds no more room.
    """
    handle, name = _create(settings.DATA_DIR / "tmp")
    path = Path(name)
    try:
        with _noticing_full_disk(path), open(handle, "wb+", BUFFER) as file, _counted(handle):
            yield file, path
    finally:
        path.unlink(missing_ok=True)


def _create(folder: Path) -> tuple[int, str]:
    try:
        return tempfile.mkstemp(dir=folder, prefix="fetch-")
    except FileNotFoundError:  # the first one
        folder.mkdir(parents=True, exist_ok=True)
        return tempfile.mkstemp(dir=folder, prefix="fetch-")


@contextmanager
def _counted(descriptor: int) -> Iterator[None]:
    with _changing:
        _receiving.add(descriptor)
    try:
        yield
    finally:
        with _changing:
            _receiving.discard(descriptor)


def bytes_in_flight() -> int:
    """The approximate use of the disk by downloads in flight."""
    with _changing:
        descriptors = list(_receiving)
    sizes = 0
    for descriptor in descriptors:
        try:
            sizes += os.fstat(descriptor).st_size
        except OSError:  # closed in the meantime
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
