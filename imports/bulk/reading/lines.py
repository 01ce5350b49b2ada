"""The lines of a text: numbered, bounded in length, and read again if they turn out to be several rows."""

from collections import deque
from collections.abc import Iterator
from typing import BinaryIO

from imports.bulk.rows import MAX_ROW_BYTES


class RowTooLong(Exception):
    """The row is longer than a row may be."""


class Lines(Iterator[str]):
    """Iterates over lines, with their ends. Bytes that are not UTF-8 become lone surrogates, so nothing is lost.

    A row begins with `mark`, and may have several lines. RowTooLong: it has more than MAX_ROW_BYTES.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._again: deque[str] = deque()  # to be read again
        self._row: list[str] = []
        self._size = 0
        self._number = 0  # of the last line

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._read()
        if not line:
            raise StopIteration
        self._number += 1
        self._row.append(line)
        self._size += len(line)
        if self._size > MAX_ROW_BYTES:
            raise RowTooLong
        return line

    def _read(self) -> str:
        return self._stream.readline(MAX_ROW_BYTES + 1).decode("utf-8", "surrogateescape")

    def peek(self) -> str:
        """The next line, which is read again; "" at the end."""
        line = next(self, "")
        if line:
            self._again.appendleft(line)
            self._number -= 1
        return line

    def mark(self) -> int:
        """A row begins; the number of its first line."""
        self._row, self._size = [], 0
        return self._number + 1

    @property
    def text(self) -> str:
        """The lines of the row so far."""
        return "".join(self._row)

    @property
    def first_line(self) -> str:
        """The first of these lines, without its end."""
        return self._row[0].rstrip("\r\n") if self._row else ""

    def keep_first_line(self) -> None:
        """Only the first line belongs to the row: the others are read again."""
        read_again = self._row[1:]
        self._again.extendleft(reversed(read_again))
        self._number -= len(read_again)
        self._row = self._row[:1]

    def skip_rest_of_line(self) -> None:
        """Pass over the rest of a line that is longer than it may be."""
        if self._row and not self._row[-1].endswith("\n"):
            while (piece := self._stream.readline(MAX_ROW_BYTES)) and not piece.endswith(b"\n"):
                pass
