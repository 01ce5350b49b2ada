"""EXIF: the orientation and the texts of a TIFF structure inside an image.

Only the first directory and the Exif directory it points to are read, each entry once: loops, huge counts and
pointers into nowhere cost nothing. Values that cannot be read are left out.
"""

import struct
from collections.abc import Iterator

from media_library.formats.texts import decode, tidy

ORIENTATION = 0x0112
EXIF_DIRECTORY = 0x8769
MAX_ENTRIES = 1_000

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
    for tag, raw in _entries(block, order, start):
        if tag == ORIENTATION and len(raw) == 2:
            (value,) = struct.unpack(order + "H", raw)
            return value if 1 <= value <= 8 else 1
    return 1


def texts(block: bytes) -> dict[str, str]:
    """The texts by their EXIF names, e.g. {"ImageDescription": "...", "DateTimeOriginal": "2014:05:06 12:30:00"}."""
    order, start = _header(block)
    found: dict[str, str] = {}
    inner = 0
    for tag, raw in _entries(block, order, start):
        if tag == EXIF_DIRECTORY and len(raw) == 4:
            inner = inner or struct.unpack(order + "I", raw)[0]
        _note(found, order, tag, raw)
    for tag, raw in _entries(block, order, inner):
        _note(found, order, tag, raw)
    return found


def _note(found: dict[str, str], order: str, tag: int, raw: bytes) -> None:
    name = NAMES.get(tag)
    if name is not None and (text := _text(name, order, raw)):
        found.setdefault(name, text)


def _text(name: str, order: str, raw: bytes) -> str:
    if name.startswith("XP"):
        return tidy(raw.decode("utf-16-le", "ignore"))
    if name == "UserComment":
        encoding = COMMENT_ENCODINGS.get(raw[:8])
        if encoding == "utf-16":
            return tidy(raw[8:].decode("utf-16-le" if order == "<" else "utf-16-be", "ignore"))
        return "" if encoding is None else decode(raw[8:])
    # Copyright holds the photographer's and the editor's line, parted by NUL.
    return ", ".join(part for part in map(decode, raw.split(b"\0")) if part)


def _header(block: bytes) -> tuple[str, int]:
    """The struct module's sign for the byte order, and the offset of the first directory (0: there is none)."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(block[:4], "")
    if not order or len(block) < 8:
        return "<", 0
    return order, struct.unpack_from(order + "I", block, 4)[0]


def _entries(block: bytes, order: str, start: int) -> Iterator[tuple[int, bytes]]:
    """The tags of one directory with the bytes of their values."""
    if start < 8 or start + 2 > len(block):
        return
    (count,) = struct.unpack_from(order + "H", block, start)
    for number in range(min(count, MAX_ENTRIES)):
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
            yield tag, block[offset : offset + size]
