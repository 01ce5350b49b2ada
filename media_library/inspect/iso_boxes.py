"""The boxes of ISO base media files (MP4, MOV, 3GP), robust against any sizes they claim.

A box that claims more than its parent has is cut to it; one that claims less than its own header ends the walk. Only
boxes that a reader names are entered, so that deep nesting costs nothing.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from media_library.inspect.video_facts import FileWindow

SHORT_HEAD, LONG_HEAD = 8, 16
TO_THE_END, LARGE = 0, 1  # sizes with a special meaning


class Box(NamedTuple):
    """A box: its kind, and the range of its content."""

    kind: bytes
    start: int
    end: int


def boxes(window: FileWindow, start: int, end: int) -> Iterator[Box]:
    """Consecutive boxes from start to end."""
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


def child(window: FileWindow, box: Box, *path: bytes) -> Box | None:
    """The first box at the end of a path of kinds below this one."""
    found: Box | None = box
    for kind in path:
        if found is None:
            return None
        found = next((inner for inner in boxes(window, found.start, found.end) if inner.kind == kind), None)
    return found


def unpack(layout: str, data: bytes, at: int = 0) -> tuple[int, ...]:
    """The numbers at an offset, as if zeros followed the data."""
    return struct.unpack_from(layout, data.ljust(at + struct.calcsize(layout), b"\0"), at)
