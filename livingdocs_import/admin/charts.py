"""The geometry of charts that the server draws as SVG: numbers between 0 and 100 for its attributes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

STEPS = (1, 2, 2.5, 5, 10)  # a scale counts in these times a power of ten
GAP = 0.24  # of a column's width


@dataclass(frozen=True)
class Segment:
    """A part of a column; `name` is its CSS class."""

    name: str
    y: str
    height: str


@dataclass(frozen=True)
class Column:
    """A column from left to right. `title` says in words what it shows."""

    title: str
    x: str
    width: str
    segments: list[Segment]


@dataclass(frozen=True)
class Line:
    """A line of the scale, and its number."""

    y: str
    number: int


@dataclass(frozen=True)
class Chart:
    """Stacked columns over a scale, whose lines go from the top down to 0."""

    columns: list[Column]
    lines: list[Line]


def stacked(columns: Sequence[tuple[str, Mapping[str, int]]]) -> Chart:
    """A column for each title with its parts, from below; the scale ends above the highest."""
    top, step = scale(max((sum(parts.values()) for _, parts in columns), default=0))
    width = 100 / max(len(columns), 1)
    return Chart(
        columns=[
            Column(title, _number(width * (place + GAP / 2)), _number(width * (1 - GAP)), _segments(parts, top))
            for place, (title, parts) in enumerate(columns)
        ],
        lines=[Line(_number(100 - 100 * number / top), number) for number in range(top, -1, -step)],
    )


def _segments(parts: Mapping[str, int], top: int) -> list[Segment]:
    segments, below = [], 0
    for name, number in parts.items():
        below += number
        if number:
            segments.append(Segment(name, _number(100 - 100 * below / top), _number(100 * number / top)))
    return segments


def scale(most: int) -> tuple[int, int]:
    """The top of a scale for this number and its step: whole numbers, three to five steps."""
    power = 1
    while True:
        for step in (int(power * step) for step in STEPS if power * step == int(power * step)):
            if most <= 4 * step:
                return max(3, -(-most // step)) * step, step
        power *= 10


def spark(numbers: Sequence[int]) -> str:
    """The points of a line for `viewBox="0 0 100 22"`; "" for fewer than two numbers."""
    if len(numbers) < 2:
        return ""
    top, last = max(numbers) or 1, len(numbers) - 1
    return " ".join(
        f"{_number(100 * place / last)},{_number(20 - 18 * number / top)}" for place, number in enumerate(numbers)
    )


def _number(value: float) -> str:
    return f"{value:.2f}"
