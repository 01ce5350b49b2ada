"""What the headers of a container say of the film in it, and the budget for looking."""

from dataclasses import dataclass
from typing import BinaryIO

from media_library.inspect.limits import VIDEO_BYTES, VIDEO_PARTS


@dataclass(frozen=True, slots=True)
class Streams:
    """Width and height as they are shown, in pixels, and seconds; 0 where the headers do not say.

    `audio_only`: there are tracks, and none of them is a film.
    """

    width: int = 0
    height: int = 0
    seconds: float = 0.0
    audio_only: bool = False


class Exhausted(Exception):
    """Looking on would cost more than is granted."""


class Window:
    """A file that is read here and there: so many parts, and so many bytes, and no more."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self.size = size
        self._parts = VIDEO_PARTS
        self._bytes = VIDEO_BYTES

    def head(self, at: int, length: int) -> bytes:
        """The head of one part; shorter where the file ends. Raises Exhausted with one part too many."""
        self._parts -= 1
        if self._parts < 0:
            raise Exhausted
        self._file.seek(at)
        return self._file.read(length)

    def read(self, start: int, end: int, most: int) -> bytes:
        """The bytes from start to end (exclusive), `most` of them at most."""
        length = max(0, min(end - start, most))
        self._bytes -= length
        if self._bytes < 0:
            raise Exhausted
        self._file.seek(start)
        return self._file.read(length)
