"""ISO base media files (MP4, MOV, M4V, 3GP): size and duration, from the `moov` box at any position.

A video may be one piece or many fragments; for the latter the header may have the total duration, else they are read
one by one.
"""

from dataclasses import dataclass
from typing import BinaryIO

from media_library.inspect.iso_boxes import Box, boxes, child, unpack
from media_library.inspect.iso_fragments import Fragments
from media_library.inspect.limits import VIDEO_TRACKS
from media_library.inspect.video_facts import Exhausted, FileWindow, Streams

HEADER_BYTES = 256  # maximum size of boxes with a few numbers
UNKNOWN = {0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF}  # values for unknown durations
FILM, SOUND = b"vide", b"soun"


@dataclass
class _Track:
    handler: bytes
    width: int = 0
    height: int = 0
    seconds: float = 0.0


def read(file: BinaryIO, size: int) -> Streams:
    """Read the headers. Never fails: unreadable values stay unknown."""
    film = _Film(FileWindow(file, size))
    try:
        film.read()
    except Exhausted:
        film.fragments.cut_short = True
    return film.streams()


class _Film:
    """The values found so far."""

    def __init__(self, window: FileWindow) -> None:
        self.window = window
        self.tracks: list[_Track] = []
        self.seconds = 0.0
        self.fragmented = False
        self.fragments = Fragments(window)

    def read(self) -> None:
        movie = None
        for box in boxes(self.window, 0, self.window.size):
            if box.kind == b"moov" and movie is None:
                movie = box
                self._read_movie(box)
                if not self.fragmented or self.fragments.are_announced:
                    return
            elif box.kind == b"sidx":
                self.fragments.read_index(box)
            elif box.kind == b"moof":
                self.fragments.read(box)

    def streams(self) -> Streams:
        films = [track for track in self.tracks if track.handler == FILM]
        shown = next((track for track in films if track.width and track.height), _Track(FILM))
        return Streams(
            width=shown.width,
            height=shown.height,
            seconds=self._duration(),
            audio_only=not films and any(track.handler == SOUND for track in self.tracks),
        )

    def _duration(self) -> float:
        if self.fragmented:  # the header's may be that of the first fragment
            return max(self.seconds, self.fragments.seconds())
        return self.seconds or max((track.seconds for track in self.tracks), default=0.0)

    def _read_movie(self, movie: Box) -> None:
        for box in boxes(self.window, movie.start, movie.end):
            if box.kind == b"mvhd":
                scale, self.seconds = self._time(box)
                self.fragments.movie_scale = scale
            elif box.kind == b"trak" and len(self.tracks) < VIDEO_TRACKS:
                self._read_track(box)
            elif box.kind == b"mvex":
                self.fragmented = True
                self.fragments.read_defaults(box)

    def _time(self, box: Box) -> tuple[int, float]:
        """The units of a second, and the seconds, of a movie or media header."""
        data = self.window.read(box.start, box.end, HEADER_BYTES)
        scale, units = unpack(">IQ", data, 20) if data[:1] == b"\1" else unpack(">II", data, 12)
        return scale, 0.0 if units in UNKNOWN or not scale else units / scale

    def _read_track(self, box: Box) -> None:
        media = child(self.window, box, b"mdia")
        if media is None:
            return
        handler = child(self.window, media, b"hdlr")
        kind = self.window.read(handler.start, handler.end, 12)[8:12] if handler else b""
        track = _Track(kind)
        self.tracks.append(track)
        header = child(self.window, media, b"mdhd")
        scale, track.seconds = self._time(header) if header else (0, 0.0)
        if own := child(self.window, box, b"tkhd"):
            self._read_head(track, own, scale)
        if kind == FILM and not (track.width and track.height):
            self._read_coded_size(track, media)

    def _read_head(self, track: _Track, box: Box, scale: int) -> None:
        """Number and size of a track; the size is rotated with the picture, as phones record it."""
        data = self.window.read(box.start, box.end, HEADER_BYTES)
        long = data[:1] == b"\1"
        (number,) = unpack(">I", data, 20 if long else 12)
        self.fragments.add_track(number, scale)
        at = 52 if long else 40
        across, _, _, _, down = unpack(">5i", data, at)
        width, height = (side >> 16 for side in unpack(">II", data, at + 36))
        turned = not across and not down
        track.width, track.height = (height, width) if turned else (width, height)

    def _read_coded_size(self, track: _Track, media: Box) -> None:
        """The size in the sample description, for tracks without one of their own."""
        if table := child(self.window, media, b"minf", b"stbl", b"stsd"):
            data = self.window.read(table.start, table.end, HEADER_BYTES)
            track.width, track.height = unpack(">HH", data, 8 + 8 + 24)
