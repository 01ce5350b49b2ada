"""The encoding of a text file: UTF-8, another one by its byte order mark, or the one that the user names."""

import codecs
import io
from typing import BinaryIO

from imports.bulk.rows import InputError

PIECE = 64 * 1024  # bytes
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
ZEROS = 0.1  # the share of zero bytes in what is no text; UTF-16 has half of them, a damaged cell one
LIKELY = "cp1252"  # what Windows programs write if it is not UTF-8


def utf_8(stream: io.BufferedReader, name: str, encoding: str) -> BinaryIO:
    """The stream in UTF-8, without a byte order mark. `encoding`: "" if the user has named none.

    InputError: the beginning is in another encoding, which is suggested. A later line in another encoding is a problem
    of its row.
    """
    beginning = stream.peek(PIECE)[:PIECE]
    mark, marked = next((each for each in BYTE_ORDER_MARKS if beginning.startswith(each[0])), (b"", ""))
    named = _known(encoding) if encoding else marked or "utf-8"
    if named == "utf-8":
        stream.read(len(mark) if marked == "utf-8" else 0)
        _check(beginning[len(mark) if marked == "utf-8" else 0 :], name)
        return stream
    return io.BufferedReader(_Recoded(stream, named, name))


def _known(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        raise InputError(f"--encoding {encoding[:40]}: unknown; expected one like utf-8, cp1252 or utf-16") from None


def _check(beginning: bytes, name: str) -> None:
    """Refuse a beginning that is not UTF-8; its last character may be cut off."""
    if beginning.count(0) > ZEROS * len(beginning):
        found = "found as many zero bytes as text in UTF-16 has"
        raise InputError(f"{name}: expected UTF-8, {found}: try --encoding utf-16-le")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(beginning)
    except UnicodeDecodeError as error:
        if 0 in beginning:
            raise InputError(f"{name}: expected a text, found a file of another kind: it has zero bytes") from None
        line = beginning.count(b"\n", 0, error.start) + 1
        character = beginning[error.start : error.start + 1].decode(LIKELY, "replace")
        raise InputError(
            f"{name}, line {line:,}: expected UTF-8, found the byte 0x{beginning[error.start]:02x}, which is "
            f"“{character}” in Windows-1252: try --encoding {LIKELY}"
        ) from None


class _Recoded(io.RawIOBase):
    """A stream in another encoding, read as UTF-8."""

    def __init__(self, stream: BinaryIO, encoding: str, name: str) -> None:
        self._stream, self._encoding, self._name = stream, encoding, name
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._line = 1
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._rest:
            piece = self._stream.read(PIECE)
            self._rest = self._decoded(piece, is_last=not piece).encode("utf-8", "surrogatepass")
            if not piece and not self._rest:
                return 0
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._line += self._rest.count(b"\n", 0, size)
        self._rest = self._rest[size:]
        return size

    def _decoded(self, piece: bytes, *, is_last: bool) -> str:
        try:
            return self._decoder.decode(piece, is_last)
        except UnicodeDecodeError:
            raise InputError(f"{self._name}, after line {self._line:,}: it is not {self._encoding}") from None
