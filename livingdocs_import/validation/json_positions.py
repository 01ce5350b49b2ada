"""Where the values of a JSON text are: their lines, and the characters of key and value.

The parser has no positions. This scanner reads a text that the parser has accepted, once, and looks only for the paths
that are asked for: 1 MB takes 0.2 s, whatever their number.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from livingdocs_import.validation.problems import Path

# A string without its end, which the parser does not accept, ends with the text: nothing is read twice.
_TOKENS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_OPENING, _CLOSING = frozenset("{["), frozenset("}]")

Span = tuple[int, int]  # characters of the text: [from, to)


@dataclass(frozen=True)
class Position:
    """Where a value is. `line`: the first, from 1; `last_line`: that of its end; `key`: None in an array."""

    line: int
    last_line: int
    key: Span | None
    value: Span


def positions(text: str, paths: Iterable[Path]) -> dict[Path, Position]:
    """The positions of these paths, of the nearest value around it where there is no such value.

    Of a key that an object has twice, the last one.
    """
    wanted = list(paths)
    tree: dict[Any, Any] = {}
    for path in wanted:
        branch = tree
        for step in path:
            branch = branch.setdefault(step, {})
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    found = {path: _position(starts, key, value) for path, key, value in _scan(text, tree)}
    return {path: _nearest(path, found) for path in wanted if found}


def _nearest(path: Path, found: Mapping[Path, Position]) -> Position:
    return next(found[path[:length]] for length in range(len(path), -1, -1) if path[:length] in found)


def _position(starts: list[int], key: Span | None, value: Span) -> Position:
    first = value[0] if key is None else key[0]
    return Position(bisect_right(starts, first), bisect_right(starts, value[1] - 1), key, value)


@dataclass
class _Container:
    """An object or array that is being read. `branch`: what is looked for in it; None: nothing."""

    path: Path
    branch: dict[Any, Any] | None
    is_object: bool
    key: Span | None  # its own
    start: int
    index: int = 0
    member: str = ""  # the key of the next value
    member_span: Span | None = None

    @property
    def step(self) -> str | int:
        return self.member if self.is_object else self.index


def _scan(text: str, tree: dict[Any, Any]) -> Iterator[tuple[Path, Span | None, Span]]:
    """The values on the way to what is looked for: (path, key, value)."""
    stack: list[_Container] = []
    is_key = False
    for match in _TOKENS.finditer(text):
        token, first = match[0], match[0][0]
        inside = stack[-1] if stack else None
        if first in _CLOSING:
            closed = stack.pop()
            if closed.branch is not None:
                yield closed.path, closed.key, (closed.start, match.end())
        elif first == ",":
            if inside is not None:
                inside.index += 1
                is_key = inside.is_object
        elif first == ":":
            is_key = False
        elif is_key:
            if inside is not None and inside.branch is not None:
                inside.member, inside.member_span = json.loads(token), match.span()
        else:
            branch = tree if inside is None else inside.branch.get(inside.step) if inside.branch else None
            path = () if inside is None or branch is None else (*inside.path, inside.step)
            key = inside.member_span if inside is not None and inside.is_object else None
            if first in _OPENING:
                is_key = first == "{"
                stack.append(_Container(path, branch, is_key, key, match.start()))
            elif branch is not None:
                yield path, key, match.span()
