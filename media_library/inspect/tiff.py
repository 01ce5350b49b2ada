"""TIFF, the structure of EXIF blocks: the entries of a directory, and the orientation of the picture.

Loops, huge counts and invalid pointers cost nothing.
"""

import struct
from collections.abc import Iterator

from media_library.inspect.limits import EXIF_ENTRIES

ORIENTATION = 0x0112
# Sizes of the supported TIFF types: BYTE, ASCII, SHORT, LONG, UNDEFINED, UTF-8.
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 7: 1, 129: 1}


def orientation(block: bytes) -> int:
    """The orientation: 1 to 8, and 1 for anything else (5 and above swap width and height)."""
    order, start = header(block)
    for tag, offset, size in entries(block, order, start):
        if tag == ORIENTATION and size == 2:
            (value,) = struct.unpack_from(order + "H", block, offset)
            return value if 1 <= value <= 8 else 1
    return 1


def header(block: bytes) -> tuple[str, int]:
    """The struct module's sign for the byte order, and the offset of the first directory (0: there is none)."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(block[:4], "")
    if not order or len(block) < 8:
        return "<", 0
    return order, struct.unpack_from(order + "I", block, 4)[0]


def entries(block: bytes, order: str, start: int) -> Iterator[tuple[int, int, int]]:
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
