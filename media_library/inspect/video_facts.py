"""The properties of a video that the headers of its container give, and the budget for reading them."""

from dataclasses import dataclass
from typing import BinaryIO

from media_library.inspect.limits import VIDEO_BYTES, VIDEO_PARTS


@dataclass(frozen=True, slots=True)
class Streams:
    """Displayed width and height in pixels, and seconds; 0 if the headers do not have them.

    `audio_only`: there are tracks, but none is video.
    """

    width: int = 0
    height: int = 0
    seconds: float = 0.0
    audio_only: bool = False


class Exhausted(Exception):
    """Reading on would exceed the budget."""


class FileWindow:
    """A file with a budget of reads and bytes."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self.size = size
        self._parts = VIDEO_PARTS
        self._bytes = VIDEO_BYTES

    def head(self, at: int, length: int) -> bytes:
        """The start of one part; shorter at the end of the file. Raises Exhausted after too many parts."""
        self._parts -= 1
        if self._parts < 0:
            raise Exhausted
        self._file.seek(at)
        return self._file.read(length)

    def read(self, start: int, end: int, most: int) -> bytes:
        """The bytes from start to end (exclusive), at most `most` of them."""
        length = max(0, min(end - start, most))
        self._bytes -= length
        if self._bytes < 0:
            raise Exhausted
        self._file.seek(start)
        return self._file.read(length)
