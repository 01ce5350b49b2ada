"""Lines of code with their numbers, for the admin: around problems, and of differences."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

AROUND = 1  # lines before and after a problem
MAX_LINE = 400  # characters of a line that are shown
MAX_LINES = 30  # lines of one side of one change


@dataclass(frozen=True)
class CodeLine:
    """A line. `kind`: line, wrong, gap, plus, minus or problem; `about`: what a problem's line shows."""

    kind: str
    number: int | None = None
    text: str = ""
    about: Any = None


def around(lines: Sequence[str], about: Mapping[int, Sequence[Any]]) -> Iterator[CodeLine]:
    """The lines with what there is to report about each, those next to them, and gaps."""
    shown = sorted({near for line in about for near in range(line - AROUND, line + AROUND + 1) if _is_in(near, lines)})
    before = 0
    for number in shown:
        if number > before + 1:
            yield gap(number - before - 1)
        yield CodeLine("wrong" if number in about else "line", number, cut(lines[number - 1]))
        yield from (CodeLine("problem", about=each) for each in about.get(number, ()))
        before = number
    if shown and before < len(lines):
        yield gap(len(lines) - before)


def _is_in(number: int, lines: Sequence[str]) -> bool:
    return 1 <= number <= len(lines)


def part(kind: str, lines: Sequence[str], first: int, last: int) -> Iterator[CodeLine]:
    """The lines from first to last, "plus" or "minus"; of many the beginning."""
    for number in range(first, min(last, first + MAX_LINES - 1) + 1):
        yield CodeLine(kind, number, cut(lines[number - 1]))
    if last - first >= MAX_LINES:
        yield gap(last - first + 1 - MAX_LINES)


def gap(lines: int) -> CodeLine:
    """For lines that are not shown."""
    return CodeLine("gap", text=f"… {lines:,} line{'' if lines == 1 else 's'}")


def cut(line: str) -> str:
    """A line, or its beginning."""
    return line if len(line) <= MAX_LINE else f"{line[:MAX_LINE]} …"


def numbers(lines: int, marked: Iterable[int]) -> Iterator[tuple[str, bool]]:
    """The numbers of an editor's lines as few texts: (numbers, whether they are marked)."""
    before = 0
    for number in sorted(marked):
        if number > before + 1:
            yield "\n".join(map(str, range(before + 1, number))), False
        yield str(number), True
        before = number
    if lines > before:
        yield "\n".join(map(str, range(before + 1, lines + 1))), False
