"""EXIF: the texts of a TIFF structure inside an image.

Only the first directory and its Exif directory are read, each entry once. Unreadable values are left out. Entries may
point to the same bytes: a value is decoded once for its tag, and all values together have a limit.
"""

import struct
from collections.abc import Container
from dataclasses import dataclass, field

from media_library.embedded_metadata.text import decode, tidy
from media_library.inspect import tiff
from media_library.inspect.limits import EXIF_OVERLAP, EXIF_PARTS

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
COMMENT_ENCODINGS = {b"ASCII\0\0\0": "", b"UNICODE\0": "utf-16", b"\0" * 8: ""}


def texts(block: bytes, wanted: Container[str]) -> dict[str, str]:
    """The wanted texts by their EXIF names, e.g. {"DateTimeOriginal": "2014:05:06 12:30:00"}."""
    order, start = tiff.header(block)
    collected = _Texts(block, order, wanted)
    inner = 0
    for tag, offset, size in tiff.entries(block, order, start):
        if tag == EXIF_DIRECTORY and size == 4:
            inner = inner or struct.unpack_from(order + "I", block, offset)[0]
        collected.note(tag, offset, size)
    for entry in tiff.entries(block, order, inner):
        collected.note(*entry)
    return collected.by_name


@dataclass
class _Texts:
    """The decoded values; of several entries with one tag the first with content wins."""

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
    # Copyright has the photographer's and the editor's line, separated by NUL.
    parts = [part for part in raw.split(b"\0") if part]
    return ", ".join(text for text in map(decode, parts) if text) if len(parts) <= EXIF_PARTS else ""
