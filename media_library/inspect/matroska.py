"""Matroska and WebM: size and duration, from `Info` and `Tracks` of the first segment.

An unfinished recording has a segment and clusters of unknown length, and no duration: it stays unknown.
"""

import contextlib
import math
import struct
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO, NamedTuple

from media_library.inspect.limits import VIDEO_TRACKS
from media_library.inspect.video_facts import Exhausted, FileWindow, Streams

SEGMENT, INFO, TRACKS, CLUSTER = 0x18538067, 0x1549A966, 0x1654AE6B, 0x1F43B675
TIMESTAMP_SCALE, DURATION = 0x2AD7B1, 0x4489
TRACK_ENTRY, TRACK_TYPE, VIDEO = 0xAE, 0x83, 0xE0
PIXEL_WIDTH, PIXEL_HEIGHT, DISPLAY_WIDTH, DISPLAY_HEIGHT, DISPLAY_UNIT = 0xB0, 0xBA, 0x54B0, 0x54BA, 0x54B2
SIZES = {PIXEL_WIDTH, PIXEL_HEIGHT, DISPLAY_WIDTH, DISPLAY_HEIGHT, DISPLAY_UNIT}
FILM, SOUND = 1, 2
NANOSECONDS = 1_000_000_000
DEFAULT_SCALE = 1_000_000  # nanoseconds: durations are in milliseconds by default
MAX_HEAD = 12  # bytes: an id of four, a size of eight


class EBMLElement(NamedTuple):
    """An element: its id, and the range of its content. `known`: its length is given."""

    name: int
    start: int
    end: int
    known: bool


def read(file: BinaryIO, size: int) -> Streams:
    """Read the headers. Never fails: unreadable values stay unknown."""
    film = _Film(FileWindow(file, size))
    with contextlib.suppress(Exhausted):
        film.read()
    return Streams(film.width, film.height, film.seconds, audio_only=film.tracks == {SOUND})


class _Film:
    """The values found so far."""

    def __init__(self, window: FileWindow) -> None:
        self.window = window
        self.width = self.height = 0
        self.seconds = 0.0
        self.tracks: set[int] = set()  # kinds

    def read(self) -> None:
        segment = next((element for element in self._elements(0, self.window.size) if element.name == SEGMENT), None)
        if segment is None:
            return
        wanted = {INFO: self._read_info, TRACKS: self._read_tracks}
        for element in self._elements(segment.start, segment.end):
            if reader := wanted.pop(element.name, None):
                reader(element)
            if not wanted or (element.name == CLUSTER and not element.known):
                return

    def _read_info(self, info: EBMLElement) -> None:
        scale, units = DEFAULT_SCALE, 0.0
        for element in self._elements(info.start, info.end):
            if element.name == TIMESTAMP_SCALE:
                scale = self._number(element)
            elif element.name == DURATION:
                units = self._float(element)
        self.seconds = units * scale / NANOSECONDS

    def _read_tracks(self, tracks: EBMLElement) -> None:
        entries = (element for element in self._elements(tracks.start, tracks.end) if element.name == TRACK_ENTRY)
        for entry in islice(entries, VIDEO_TRACKS):
            self._read_track(entry)

    def _read_track(self, entry: EBMLElement) -> None:
        kind, video = 0, None
        for element in self._elements(entry.start, entry.end):
            if element.name == TRACK_TYPE:
                kind = self._number(element)
            elif element.name == VIDEO:
                video = element
        if kind in (FILM, SOUND):
            self.tracks.add(kind)
        if kind == FILM and video and not self.width:
            self._read_size(video)

    def _read_size(self, video: EBMLElement) -> None:
        """The display size, if it is given in pixels; else the stored size."""
        elements = self._elements(video.start, video.end)
        said = {element.name: self._number(element) for element in elements if element.name in SIZES}
        self.width, self.height = said.get(PIXEL_WIDTH, 0), said.get(PIXEL_HEIGHT, 0)
        if not said.get(DISPLAY_UNIT) and said.get(DISPLAY_WIDTH) and said.get(DISPLAY_HEIGHT):
            self.width, self.height = said[DISPLAY_WIDTH], said[DISPLAY_HEIGHT]

    # --- Elements

    def _elements(self, start: int, end: int) -> Iterator[EBMLElement]:
        """Consecutive elements from start to end; one of unknown length extends to the end."""
        while start < end:
            head = self.window.head(start, MAX_HEAD)
            length = _length(head[:1], 4)
            if not length or len(head) <= length:
                return
            name = int.from_bytes(head[:length])
            digits = _length(head[length : length + 1], 8)
            if not digits or len(head) < length + digits:
                return
            most = (1 << 7 * digits) - 1
            size = int.from_bytes(head[length : length + digits]) & most
            inside = start + length + digits
            known = size != most
            after = inside + size if known else end
            yield EBMLElement(name, inside, min(after, end), known)
            start = after

    def _number(self, element: EBMLElement) -> int:
        return int.from_bytes(self.window.read(element.start, element.end, 8))

    def _float(self, element: EBMLElement) -> float:
        data = self.window.read(element.start, element.end, 8)
        layout = {4: ">f", 8: ">d"}.get(len(data))
        value = struct.unpack(layout, data)[0] if layout else 0.0
        return value if math.isfinite(value) else 0.0


def _length(first: bytes, most: int) -> int:
    """The length of a number by the zeros at the start of its first byte; 0 if invalid."""
    if not first or not first[0]:
        return 0
    length = 9 - first[0].bit_length()
    return length if length <= most else 0
