"""Count the nesting and the values of a JSON text before it is parsed, in constant memory.

Texts are read in pieces of a few kilobytes at the speed of C. Malformed ones are counted approximately: the parser
rejects them afterwards.
"""

from collections.abc import Iterator
from itertools import accumulate

PIECE = 64 * 1024  # bytes: fits into a processor's cache
_SQUARE = bytes.maketrans(b"{}", b"[]")
_NO_MARKS = bytes(set(range(256)) - set(b'[]{}"'))
_FEW_ESCAPES = 500  # in one piece: up to this many are removed one by one, quicker than searching for pairs of bytes
_MAX_PEELINGS = 16  # more rounds cost as much as counting
_BLANKS = b" \t\r\n"
_SHORTEST_VALUE = 2  # bytes: a digit and a comma, or two brackets


def is_deeper_than(levels: int, text: bytes) -> bool:
    """Whether arrays and objects are nested in more levels than these."""
    if len(text) < PIECE and text.count(b"[") + text.count(b"{") <= levels:  # most requests
        return False
    depth = 0
    for brackets in _brackets(text):
        height = _height(brackets)
        if height is None or depth + height > levels:
            before_tops = map(_climb, (brackets + b"]").split(b"[]"))
            if depth + max(accumulate(before_tops)) + 1 > levels:
                return True
        depth += _climb(brackets)
    return False


def has_more_values_than(most: int, text: bytes) -> bool:
    """Whether there are more arrays, objects and scalars than these; the keys of objects do not count."""
    if len(text) < most * _SHORTEST_VALUE:
        return False
    # Every value has a comma before it or is the first of its container, and every container has an opening bracket.
    if text.count(b",") + text.count(b"[") + text.count(b"{") < most:
        return False
    return count_values(text) > most


def count_values(text: bytes) -> int:
    """The number of arrays, objects and scalars."""
    return 1 + sum(_new_values(text))


def _climb(brackets: bytes) -> int:
    return 2 * brackets.count(b"[") - len(brackets)


def _height(brackets: bytes) -> int | None:
    """An upper bound of how far these brackets climb above their start; None if they must be counted.

    The innermost pairs are peeled off, level by level, until only closing brackets followed by opening ones are left.
    """
    for peelings in range(_MAX_PEELINGS):
        peeled = brackets.replace(b"[]", b"")
        if len(peeled) == len(brackets):
            return peelings + brackets.count(b"[")
        brackets = peeled
    return None


def _brackets(text: bytes) -> Iterator[bytes]:
    """The brackets outside strings in order, all of them square, piece by piece."""
    in_string = b""
    for piece in _without_escapes(text):
        marks = in_string + piece.translate(_SQUARE, _NO_MARKS)
        # Two adjacent quotation marks can be dropped: the text around them stays inside or outside a string.
        parts = marks.replace(b'""', b"").split(b'"')
        yield b"".join(parts[::2])
        in_string = b"" if len(parts) % 2 else b'"'


def _new_values(text: bytes) -> Iterator[int]:
    """The number of values within each piece, without the outermost one."""
    in_string = last = b""
    for piece in _without_escapes(text):
        parts = (in_string + piece).split(b'"')
        in_string = b"" if len(parts) % 2 else b'"'
        # A quotation mark stands for each string; a pair of brackets may span two pieces.
        structure = last + b'"'.join(parts[::2]).translate(None, _BLANKS) + in_string
        empty = structure.count(b"[]") + structure.count(b"{}")
        openings = structure.count(b"[", len(last)) + structure.count(b"{", len(last))
        yield structure.count(b",", len(last)) + openings - empty
        last = structure[-1:]


def _without_escapes(text: bytes) -> Iterator[bytes]:
    r"""The text piece by piece, without `\\` and `\"`, so that each quotation mark begins or ends a string."""
    halved = b""  # a backslash at the end of a piece escapes the start of the next one
    for start in range(0, len(text), PIECE):
        piece = halved + text[start : start + PIECE]
        halved = b"\\" if (len(piece) - len(piece.rstrip(b"\\"))) % 2 else b""
        yield _without_whole_escapes(piece[: len(piece) - len(halved)])


def _without_whole_escapes(piece: bytes) -> bytes:
    parts = piece.split(b"\\", _FEW_ESCAPES + 1)
    if len(parts) > _FEW_ESCAPES:
        return piece.replace(b"\\\\", b"").replace(b'\\"', b"")
    return b"".join(_unescaped(iter(parts)))


def _unescaped(parts: Iterator[bytes]) -> Iterator[bytes]:
    """The parts between backslashes, each without the escaped byte or backslash at its start."""
    yield next(parts)
    for part in parts:
        yield part[1:] if part else next(parts, b"")
