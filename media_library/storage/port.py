"""The port: seven operations on stored files, what they return and how they fail."""

import time
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError
from urllib3.exceptions import HTTPError

from livingdocs_import.errors import TransientFailure

PIECE = 1 << 17  # bytes read at once when a file is streamed out
PATIENCE = 5.0  # seconds that a storage may keep a request waiting, besides what the slowest bearable pace needs
SLOWEST = 1 << 16  # bytes per second
MAX_SLOW = 2  # slow waits in one process, of the few that its web server can have


class NotStored(Exception):
    """There is no file under this key."""


class StorageFailed(TransientFailure):
    """The storage did not take or give a file; it usually does a little later (FLT-16)."""

    cause = "storage"


@dataclass(frozen=True)
class StoredFile:
    """What the storage knows of a file. `etag` is quoted and changes with the bytes."""

    size: int
    modified_at: datetime
    etag: str


class AssetStore(Protocol):
    """Seven operations; keys are relative, without a leading slash. Each may raise StorageFailed."""

    def put(self, path: Path, key: str, content_type: str) -> None:
        """Store the file at `path` under the key, replacing what was there. The file at `path` may be moved away."""

    def stat(self, key: str) -> StoredFile:
        """Facts about the stored file; NotStored when there is none."""

    def read(self, key: str, start: int, end: int) -> Iterator[bytes]:
        """Exactly the bytes start..end (exclusive), in pieces. NotStored and the first StorageFailed come at once."""

    def delete(self, key: str) -> None:
        """Delete; nothing happens when there is nothing."""

    def having(self, stem: str, extensions: Collection[str]) -> list[str]:
        """Those of the keys `stem.extension` under which there is a file."""

    def below(self, folder: str) -> list[str]:
        """All keys under a folder, sorted."""

    def check(self) -> None:
        """Raise when the storage cannot be used at all."""


# --- Waiting for a storage -------------------------------------------------------------------------------------------

_slow_at: dict[
    object, float
] = {}  # every wait of this process, and when it begins to count as slow (monotonic seconds)


@contextmanager
def waiting(patience: float) -> Iterator[None]:
    """Around each wait for the storage."""
    wait = object()
    _slow_at[wait] = time.monotonic() + patience / 2
    try:
        yield
    finally:
        del _slow_at[wait]


def refuse_when_stuck() -> None:
    """StorageFailed when so many waits are slow that the storage must be ill.

    Without this, a storage that hangs takes every thread of the web server with it (FLT-18).
    """
    now = time.monotonic()
    if sum(slow_at < now for slow_at in list(_slow_at.values())) >= MAX_SLOW:
        raise StorageFailed("the storage is too slow")


def exactly(source: Any, length: int, patience: float = PATIENCE) -> Iterator[bytes]:
    """`length` bytes of an open file or S3 body, which is closed at the end; StorageFailed when they do not come.

    Only the time spent waiting for the storage counts: a slow client is no failure.
    """
    with closing(source):
        left, waited = length, 0.0
        while left > 0:
            began = time.monotonic()
            try:
                with waiting(patience):
                    piece = source.read(min(PIECE, left))
            except (OSError, BotoCoreError, HTTPError) as error:
                raise StorageFailed("the storage broke off") from error
            waited += time.monotonic() - began
            left -= len(piece)
            if not piece or waited > patience + (length - left) / SLOWEST:
                raise StorageFailed("the storage broke off" if not piece else "the storage is too slow")
            yield piece
