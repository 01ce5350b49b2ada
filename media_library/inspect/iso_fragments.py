"""The fragments of an ISO base media file: their total duration, from an index or one by one."""

from dataclasses import dataclass, field

from media_library.inspect.iso_boxes import Box, boxes, unpack
from media_library.inspect.video_facts import FileWindow

DURATION, SIZE, FLAGS, OFFSET = 0x100, 0x200, 0x400, 0x800  # fields of each sample
HEAD_BYTES = 64
INDEX_STEP = 12
TABLE_BYTES = 1 << 20


@dataclass
class _Line:
    """The timeline of one track, in its own units; the first fragment of a recording may start anywhere."""

    scale: int
    default: int = 0  # units of a sample without a duration of its own
    begins: int | None = None
    ends: int = 0


@dataclass
class Fragments:
    """The fragments found so far; `cut_short`: there may be more."""

    window: FileWindow
    movie_scale: int = 0
    cut_short: bool = False
    _announced: float = 0.0  # seconds, by the header
    _indexed: float = 0.0  # seconds, by an index
    _begins: float | None = None  # seconds, where the first index begins
    _lines: dict[int, _Line] = field(default_factory=dict)  # by track

    def seconds(self) -> float:
        """The duration; 0: not known."""
        if self._announced or self._indexed or self.cut_short:
            return self._announced or self._indexed
        lines = self._lines.values()
        return max(((line.ends - (line.begins or 0)) / line.scale for line in lines if line.scale), default=0.0)

    @property
    def are_announced(self) -> bool:
        """Whether the header has the total duration, so that fragments need not be read."""
        return self._announced > 0

    def add_track(self, number: int, scale: int) -> None:
        """A track that fragments may continue."""
        self._lines.setdefault(number, _Line(0)).scale = scale

    def read_defaults(self, extends: Box) -> None:
        """Read the header's defaults for all fragments."""
        for box in boxes(self.window, extends.start, extends.end):
            data = self.window.read(box.start, box.end, HEAD_BYTES)
            if box.kind == b"mehd" and self.movie_scale:
                (units,) = unpack(">Q", data, 4) if data[:1] == b"\1" else unpack(">I", data, 4)
                self._announced = units / self.movie_scale
            elif box.kind == b"trex":
                number, _, default = unpack(">III", data, 4)
                self._lines.setdefault(number, _Line(0)).default = default

    def read_index(self, box: Box) -> None:
        """Read an index of fragments; of several, which may be nested, the one that reaches farthest counts."""
        data = self.window.read(box.start, box.end, TABLE_BYTES)
        long = data[:1] == b"\1"
        (scale,) = unpack(">I", data, 8)
        (first,) = unpack(">Q", data, 12) if long else unpack(">I", data, 12)
        table = 32 if long else 24
        (count,) = unpack(">H", data, table - 2)
        ends = min(len(data), table + INDEX_STEP * count) - INDEX_STEP + 1
        units = sum(int.from_bytes(data[at + 4 : at + 8]) for at in range(table, ends, INDEX_STEP))
        if scale:
            self._begins = first / scale if self._begins is None else min(self._begins, first / scale)
            self._indexed = max(self._indexed, (first + units) / scale - self._begins)

    def read(self, fragment: Box) -> None:
        """Read one fragment."""
        for box in boxes(self.window, fragment.start, fragment.end):
            if box.kind == b"traf":
                self._read_track(box)

    def _read_track(self, part: Box) -> None:
        line, default, units = None, 0, 0
        for box in boxes(self.window, part.start, part.end):
            if box.kind == b"tfhd":
                line, default = self._head(box)
            elif box.kind == b"tfdt" and line is not None:
                data = self.window.read(box.start, box.end, HEAD_BYTES)
                (line.ends,) = unpack(">Q", data, 4) if data[:1] == b"\1" else unpack(">I", data, 4)
            elif box.kind == b"trun":
                units += self._run(box, default)
        if line is not None:
            line.begins = line.ends if line.begins is None else min(line.begins, line.ends)
            line.ends += units

    def _head(self, box: Box) -> tuple[_Line | None, int]:
        """The timeline of a fragment's track, and the units of a sample without a duration."""
        data = self.window.read(box.start, box.end, HEAD_BYTES)
        flags, number = unpack(">II", data)
        line = self._lines.get(number)
        if line is None or not flags & 0x8:
            return line, line.default if line else 0
        at = 8 + (8 if flags & 0x1 else 0) + (4 if flags & 0x2 else 0)
        return line, unpack(">I", data, at)[0]

    def _run(self, box: Box, default: int) -> int:
        """The units of the samples of a run."""
        (flags, count) = unpack(">II", self.window.read(box.start, box.end, 8))
        if not flags & DURATION:
            return count * default
        at = 8 + (4 if flags & 0x1 else 0) + (4 if flags & 0x4 else 0)
        step = 4 * sum(bool(flags & field) for field in (DURATION, SIZE, FLAGS, OFFSET))
        data = self.window.read(box.start + at, box.end, min(TABLE_BYTES, count * step))
        return sum(int.from_bytes(data[place : place + 4]) for place in range(0, len(data) - step + 1, step))
