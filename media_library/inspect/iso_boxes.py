"""The boxes of ISO base media files (MP4, MOV, 3GP), as they are and whatever they claim.

A box that claims more than its parent has ends with it; one that claims less than its own head ends the walk. Nothing
is walked into but what a reader asks for by name, so that boxes within boxes cost nothing.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from media_library.inspect.streams import Window

SHORT_HEAD, LONG_HEAD = 8, 16
TO_THE_END, LARGE = 0, 1  # sizes with a meaning of their own


class Box(NamedTuple):
    """A box: its kind, and where what is in it begins and ends."""

    kind: bytes
    start: int
    end: int


def boxes(window: Window, start: int, end: int) -> Iterator[Box]:
    """The boxes that follow each other from start to end."""
    while start + SHORT_HEAD <= end:
        head = window.head(start, LONG_HEAD)
        if len(head) < SHORT_HEAD:
            return
        size, kind = struct.unpack_from(">I4s", head)
        length = SHORT_HEAD
        if size == TO_THE_END:
            size = end - start
        elif size == LARGE:
            if len(head) < LONG_HEAD:
                return
            (size,) = struct.unpack_from(">Q", head, SHORT_HEAD)
            length = LONG_HEAD
        if size < length:
            return
        yield Box(kind, start + length, min(start + size, end))
        start += size


def child(window: Window, box: Box, *path: bytes) -> Box | None:
    """The first box at the end of a path of kinds below this one."""
    found: Box | None = box
    for kind in path:
        if found is None:
            return None
        found = next((inner for inner in boxes(window, found.start, found.end) if inner.kind == kind), None)
    return found


def unpack(layout: str, data: bytes, at: int = 0) -> tuple[int, ...]:
    """The numbers at a place, as if zeros followed the data."""
    return struct.unpack_from(layout, data.ljust(at + struct.calcsize(layout), b"\0"), at)
