"""The input: a file or standard input, its format, and its rows, which can be read more than once."""

import codecs
import hashlib
import io
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import IO, Protocol, Self, cast

import re2

from imports.bulk.reading import xlsx
from imports.bulk.reading.delimited import DelimitedRows
from imports.bulk.reading.encodings import utf_8
from imports.bulk.reading.ndjson import NDJSONRows
from imports.bulk.rows import InputError, Row

CSV, TSV, NDJSON, XLSX = "csv", "tsv", "ndjson", "xlsx"
FORMATS = (CSV, TSV, NDJSON, XLSX)
SUFFIXES = {".csv": CSV, ".txt": CSV, ".tsv": TSV, ".tab": TSV, ".ndjson": NDJSON, ".jsonl": NDJSON, ".xlsx": XLSX}
STANDARD_INPUT = "-"
BUFFER = 256 * 1024
ZIP = b"PK\x03\x04"
NO_TABLES = {  # what a file begins with that is no table, and what to do
    re2.compile(rb"\s*\[\s*\{"): "this is one JSON array; expected an object in each line (NDJSON), "
    "such as `jq -c '.[]' FILE` makes of it",
    re2.compile(rb"(?i)\s*<(?:!doctype|html)\b"): "this is a web page (HTML), no table",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """How the input is read. "" where it is to be found out."""

    format: str = ""
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""


class Rows(Protocol):
    """The rows of one reading. `empty`: how many lines had nothing in them so far."""

    empty: int

    def __iter__(self) -> Iterator[Row]: ...


class Source:
    """An input that is open; `with` closes it. Standard input is copied to a temporary file while it is read."""

    def __init__(self, name: str, reading: Reading) -> None:
        """`name`: a path, or `-`. InputError: there is no such file, or its format is another one."""
        self.path = None if name == STANDARD_INPUT else Path(name)
        self.name = "standard input" if self.path is None else self.path.name
        self.reading = reading
        self._stack = ExitStack()
        self._file = self._opened()
        self._copy: IO[bytes] | None = None
        self._stream: io.BufferedReader | None = None  # from which rows are read
        self._size = self.path.stat().st_size if self.path is not None and self.path.is_file() else 0
        self.format = self._found(self._from_the_beginning().peek(len(ZIP)))
        self._is_converted = False

    def _opened(self) -> IO[bytes]:
        if self.path is None:
            return sys.stdin.buffer
        try:
            return self._stack.enter_context(self.path.open("rb"))
        except OSError as error:
            raise InputError(f"{self.path}: {error.strerror}") from None

    def _found(self, beginning: bytes) -> str:
        """The format: named, by the suffix, or by the beginning. InputError: it is none of them."""
        for begins, problem in NO_TABLES.items():
            if begins.match(beginning.removeprefix(codecs.BOM_UTF8)):
                raise InputError(f"{self.name}: {problem}")
        beginning = beginning[: len(ZIP)]
        named = self.reading.format or SUFFIXES.get(self.path.suffix.lower() if self.path else "", "")
        if beginning == ZIP and named not in ("", XLSX):
            raise InputError(f"{self.name}: this is a workbook or an archive, no {named.upper()}: --format xlsx")
        if beginning != ZIP and named == XLSX:
            raise InputError(f"{self.name}: this is no workbook (XLSX): name what it is with --format")
        return named or (XLSX if beginning == ZIP else NDJSON if beginning[:1] == b"{" else CSV)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of a file; "" of what can be read only once."""
        if self.path is None or not self.path.is_file():
            return ""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    @property
    def is_at_hand(self) -> bool:
        """Whether reading never waits for another program."""
        return self._file.seekable()

    @property
    def share(self) -> float:
        """How much of a text file was handed out as rows, from 0 to 1; 0 if its size is not known.

        What is not UTF-8 is recoded in pieces of 64 KiB, which count as a whole.
        """
        if self._stream is None or not self._size or self._is_converted:
            return 0.0
        return min(self._stream.tell() / self._size, 1.0)

    # --- Reading

    def rows(self) -> DelimitedRows | NDJSONRows:
        """The rows, from the first one on. InputError: the head is not understood."""
        stream = self._from_the_beginning()
        if self.format == XLSX and not self._is_converted:
            stream = self._converted(stream)
        self._stream = stream
        encoding = "utf-8" if self._is_converted else self.reading.encoding
        text = utf_8(stream, self.name, encoding)
        if self.format == NDJSON:
            return NDJSONRows(text, self.name)
        delimiter = {TSV: "\t", XLSX: ","}.get(self.format, "")
        return DelimitedRows(text, self.name, self.reading.delimiter or delimiter)

    def _from_the_beginning(self) -> io.BufferedReader:
        if self._file.seekable():
            self._file.seek(0)
            return io.BufferedReader(_Unclosed(self._file), BUFFER)
        self._copy = self._copy or self._temporary()
        return io.BufferedReader(_Copied(self._file, self._copy), BUFFER)

    def _temporary(self) -> IO[bytes]:
        return self._stack.enter_context(cast(IO[bytes], tempfile.TemporaryFile()))

    def _converted(self, stream: io.BufferedReader) -> io.BufferedReader:
        """A sheet of the workbook as CSV, in a temporary file."""
        while not self._file.seekable() and stream.read(BUFFER):
            pass  # a workbook is read from its end
        table = self._temporary()
        xlsx.convert(self._copy or self._file, table, self.name, self.reading.sheet)
        self._file, self._copy, self._is_converted = table, None, True
        return self._from_the_beginning()


class _Unclosed(io.RawIOBase):
    """Reads a file, and leaves it open when the buffer around it is gone."""

    def __init__(self, file: IO[bytes]) -> None:
        self._input = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        piece = self._read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def tell(self) -> int:
        """How much of the file was read; the buffer around it subtracts what it has not handed out."""
        return self._input.tell()

    def _read(self, size: int) -> bytes:
        return self._input.read(size)


class _Copied(_Unclosed):
    """Reads a stream that can be read only once, and copies it: what was read before comes from the copy."""

    def __init__(self, stream: IO[bytes], copy: IO[bytes]) -> None:
        super().__init__(stream)
        self._copy = copy
        self._at = 0

    def tell(self) -> int:
        return self._at

    def _read(self, size: int) -> bytes:
        self._copy.seek(self._at)
        piece = self._copy.read(size)
        if not piece:
            # Whatever there is now: a slow program may be at the other end.
            piece = self._input.read1(size) if isinstance(self._input, io.BufferedReader) else self._input.read(size)
            self._copy.write(piece)
        self._at += len(piece)
        return piece
