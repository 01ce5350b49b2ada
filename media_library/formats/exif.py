"""EXIF: the orientation and the texts of a TIFF structure inside an image.

Only the first directory and the Exif directory it points to are read, each entry once: loops, huge counts and
pointers into nowhere cost nothing. Values that cannot be read are left out. Entries may point at the same bytes: a
value is decoded once for its tag, and all values together have a limit.
"""

import struct
from collections.abc import Container, Iterator
from dataclasses import dataclass, field

from media_library.formats.texts import decode, tidy
from media_library.inspect.limits import EXIF_ENTRIES, EXIF_OVERLAP, EXIF_PARTS

ORIENTATION = 0x0112
EXIF_DIRECTORY = 0x8769

NAMES = {
    0x010E: "ImageDescription",
    0x010F: "Make",
    0x0110: "Model",
    0x0131: "Software",
    0x0132: "ModifyDate",
    0x013B: "Artist",
    0x8298: "Copyright",
    0x9003: "DateTimeOriginal",
    0x9004: "CreateDate",
    0x9011: "OffsetTimeOriginal",
    0x9286: "UserComment",
    0x9C9B: "XPTitle",
    0x9C9C: "XPComment",
    0x9C9D: "XPAuthor",
    0x9C9E: "XPKeywords",
    0x9C9F: "XPSubject",
    0xA420: "ImageUniqueID",
    0xA434: "LensModel",
}
# Sizes of the TIFF types we read: BYTE, ASCII, SHORT, LONG, UNDEFINED, UTF-8.
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 7: 1, 129: 1}
COMMENT_ENCODINGS = {b"ASCII\0\0\0": "", b"UNICODE\0": "utf-16", b"\0" * 8: ""}


def orientation(block: bytes) -> int:
    """How the image is to be turned: 1 to 8, and 1 for anything else (5 and above swap width and height)."""
    order, start = _header(block)
    for tag, offset, size in _entries(block, order, start):
        if tag == ORIENTATION and size == 2:
            (value,) = struct.unpack_from(order + "H", block, offset)
            return value if 1 <= value <= 8 else 1
    return 1


def texts(block: bytes, wanted: Container[str]) -> dict[str, str]:
    """The wanted texts by their EXIF names, e.g. {"DateTimeOriginal": "2014:05:06 12:30:00"}."""
    order, start = _header(block)
    found = _Texts(block, order, wanted)
    inner = 0
    for tag, offset, size in _entries(block, order, start):
        if tag == EXIF_DIRECTORY and size == 4:
            inner = inner or struct.unpack_from(order + "I", block, offset)[0]
        found.note(tag, offset, size)
    for entry in _entries(block, order, inner):
        found.note(*entry)
    return found.by_name


@dataclass
class _Texts:
    """What has been decoded so far; of several entries with one tag the first that has content wins."""

    block: bytes
    order: str
    wanted: Container[str]
    by_name: dict[str, str] = field(default_factory=dict)
    tried: set[tuple[int, int, int]] = field(default_factory=set)
    decoded_bytes: int = 0

    def note(self, tag: int, offset: int, size: int) -> None:
        name = NAMES.get(tag)
        if name is None or name not in self.wanted or name in self.by_name or (tag, offset, size) in self.tried:
            return
        self.tried.add((tag, offset, size))
        self.decoded_bytes += size
        if self.decoded_bytes > EXIF_OVERLAP * len(self.block):
            return
        if text := _text(name, self.order, self.block[offset : offset + size]):
            self.by_name[name] = text


def _text(name: str, order: str, raw: bytes) -> str:
    if name.startswith("XP"):
        return tidy(raw.decode("utf-16-le", "ignore"))
    if name == "UserComment":
        encoding = COMMENT_ENCODINGS.get(raw[:8])
        if encoding == "utf-16":
            return tidy(raw[8:].decode("utf-16-le" if order == "<" else "utf-16-be", "ignore"))
        return "" if encoding is None else decode(raw[8:])
    # Copyright holds the photographer's and the editor's line, parted by NUL.
    parts = [part for part in raw.split(b"\0") if part]
    return ", ".join(text for text in map(decode, parts) if text) if len(parts) <= EXIF_PARTS else ""


def _header(block: bytes) -> tuple[str, int]:
    """The struct module's sign for the byte order, and the offset of the first directory (0: there is none)."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(block[:4], "")
    if not order or len(block) < 8:
        return "<", 0
    return order, struct.unpack_from(order + "I", block, 4)[0]


def _entries(block: bytes, order: str, start: int) -> Iterator[tuple[int, int, int]]:
    """The tags of one directory with offset and length of their values."""
    if start < 8 or start + 2 > len(block):
        return
    (count,) = struct.unpack_from(order + "H", block, start)
    for number in range(min(count, EXIF_ENTRIES)):
        at = start + 2 + 12 * number
        if at + 12 > len(block):
            return
        tag, kind, length = struct.unpack_from(order + "HHI", block, at)
        size = SIZES.get(kind, 0) * length
        if size > 4:
            (offset,) = struct.unpack_from(order + "I", block, at + 8)
        else:
            offset = at + 8
        if 0 < size <= len(block) - offset:
            yield tag, offset, size
