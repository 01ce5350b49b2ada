"""Cut rows into batches. The same rows always give the same batches: a program that was killed finds its own again."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from imports.bulk.rows import Row

MAX_ITEMS = 2_500  # as many rows, as cells and as items, are some 10 MB
MAX_BYTES = 8 * 1024 * 1024  # of items; a request may have several times as many


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that go together, counted from 1. Those that are not imported are among them, so that all have a place."""

    number: int
    rows: Sequence[Row] = field(repr=False)
    posted: Sequence[Row] = field(repr=False)  # the rows that are imported; their order is that of the items of a job
    digest: str  # names what is posted

    @classmethod
    def of(cls, number: int, rows: Sequence[Row]) -> "Batch":
        """The batch of these rows."""
        posted, digest = [row for row in rows if row.goes_on], hashlib.sha256()
        for row in posted:
            digest.update(row.encoded + b"\n")
        return cls(number, rows, posted, digest.hexdigest())

    @property
    def first(self) -> int:
        """The number of its first row."""
        return self.rows[0].number

    @property
    def last(self) -> int:
        """The number of its last row."""
        return self.rows[-1].number


def cut(rows: Iterable[Row], max_items: int = MAX_ITEMS, max_bytes: int = MAX_BYTES) -> Iterator[Batch]:
    """So many rows each, or so many bytes; a row of more bytes goes alone."""
    number, waiting, size = 1, list[Row](), 0
    for row in rows:
        if waiting and (len(waiting) == max_items or size + row.weight > max_bytes):
            yield Batch.of(number, waiting)
            number, waiting, size = number + 1, [], 0
        waiting.append(row)
        size += row.weight
    if waiting:
        yield Batch.of(number, waiting)
