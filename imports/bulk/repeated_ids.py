"""Ids that come twice: found on disk, however many there are."""

import hashlib
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

CACHE_KB = 16 * 1024


@dataclass(frozen=True, slots=True)
class Repeated:
    """An id that an earlier row has, too."""

    external_id: str
    first_row: int
    row: int

    def __str__(self) -> str:
        return f'id "{self.external_id}" of row {self.first_row:,} comes again in row {self.row:,}'


class SeenIds:
    """The ids of all rows so far, in a database file that is removed when it is closed.

    Ids are kept as digests: a database of ten million of them is half a gigabyte, whatever the ids are.
    """

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)  # "": a temporary file
        self._database.execute(f"PRAGMA cache_size = -{CACHE_KB}")
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute("CREATE TABLE seen (id BLOB PRIMARY KEY, row INTEGER NOT NULL) WITHOUT ROWID")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def add(self, ids: Iterable[tuple[str, int]]) -> list[Repeated]:
        """Remember ids with the numbers of their rows; those that were seen before."""
        repeated, execute = [], self._database.execute
        execute("BEGIN")
        for external_id, row in ids:
            digest = _digest(external_id)
            if not execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (digest, row)).rowcount:
                (first,) = execute("SELECT row FROM seen WHERE id = ?", (digest,)).fetchone()
                repeated.append(Repeated(external_id, first, row))
        execute("COMMIT")
        return repeated

    def __contains__(self, external_id: str) -> bool:
        return self._database.execute("SELECT 1 FROM seen WHERE id = ?", (_digest(external_id),)).fetchone() is not None


def _digest(external_id: str) -> bytes:
    return hashlib.blake2b(external_id.encode("utf-8", "surrogatepass"), digest_size=16).digest()
