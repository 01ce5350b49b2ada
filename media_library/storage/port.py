"""The storage interface: nine operations on stored files, their results and their errors."""

import time
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from livingdocs_import.errors import TransientFailure

PIECE = 1 << 17  # bytes per read when a file is streamed
PATIENCE = 5.0  # seconds that a storage may delay a request, in addition to the time at the minimum speed
SLOWEST = 1 << 16  # bytes per second
MAX_PAGES = 10  # of a bucket's list, each of up to 1,000 files and folders, while a user waits
MAX_SLOW = 2  # slow waits in one process, which share the few threads of its web server


class NotStored(Exception):
    """There is no file under this key."""


class StorageFailed(TransientFailure):
    """The storage did not store or return a file; usually temporary (FLT-16)."""

    cause = "storage"


@dataclass(frozen=True)
class StoredFile:
    """The storage's facts about a file. `etag` is quoted and changes with the bytes."""

    size: int
    modified_at: datetime
    etag: str


@dataclass(frozen=True)
class Space:
    """The size of a storage, and what is left of it, in bytes."""

    free: int
    total: int


class AssetStore(Protocol):
    """Nine operations; keys are relative, without a leading slash. Each may raise StorageFailed."""

    def put(self, path: Path, key: str, content_type: str) -> None:
        """Store the file at `path` under the key, replacing what was there. The file at `path` may be moved away."""

    def stat(self, key: str) -> StoredFile:
        """Facts about the stored file; raises NotStored."""

    def read(self, key: str, start: int, end: int) -> Iterator[bytes]:
        """Exactly the bytes start..end (exclusive), in pieces. NotStored and the first StorageFailed come at once."""

    def delete(self, key: str) -> None:
        """Delete; no error if there is no such file."""

    def having(self, stem: str, extensions: Collection[str]) -> list[str]:
        """Those of the keys `stem.extension` under which there is a file."""

    def below(self, folder: str) -> list[str]:
        """All keys under a folder, sorted."""

    def directly_in(self, folder: str, most: int, *, after: str = "", patient: bool = False) -> dict[str, StoredFile]:
        """Facts about the first `most` files of a folder, by key, sorted, without those in folders of it.

        `after`: only files whose names are greater. For users who wait it fails as early as `stat`, in a bucket also if
        MAX_PAGES were listed; `patient`: for workers, which list all that is there.
        """

    def check(self) -> None:
        """Raise if the storage cannot be used at all."""

    def space(self) -> Space | None:
        """The space that is left; None if the storage does not report it, as buckets do."""


# --- Waiting for a storage -------------------------------------------------------------------------------------------

_slow_at: dict[
    object, float
] = {}  # every wait of this process, and when it begins to count as slow (monotonic seconds)


@contextmanager
def waiting(patience: float) -> Iterator[None]:
    """Wraps each wait for the storage."""
    wait = object()
    _slow_at[wait] = time.monotonic() + patience / 2
    try:
        yield
    finally:
        del _slow_at[wait]


def refuse_when_stuck() -> None:
    """Raise StorageFailed if many waits are slow: the storage hangs.

    Otherwise a hanging storage would block every thread of the web server (FLT-18).
    """
    now = time.monotonic()
    if sum(slow_at < now for slow_at in list(_slow_at.values())) >= MAX_SLOW:
        raise StorageFailed("the storage is too slow")


def exactly(
    source: Any, length: int, patience: float = PATIENCE, errors: tuple[type[Exception], ...] = (OSError,)
) -> Iterator[bytes]:
    """`length` bytes of an open file or S3 body, which is closed at the end; raises StorageFailed if there are fewer.

    Only the time spent waiting for the storage counts: a slow client is not a failure. `errors`: that `source` raises.
    """
    with closing(source):
        left, waited = length, 0.0
        while left > 0:
            began = time.monotonic()
            try:
                with waiting(patience):
                    piece = source.read(min(PIECE, left))
            except errors as error:
                raise StorageFailed("the storage broke off") from error
            waited += time.monotonic() - began
            left -= len(piece)
            if not piece or waited > patience + (length - left) / SLOWEST:
                raise StorageFailed("the storage broke off" if not piece else "the storage is too slow")
            yield piece
