"""The differences of two texts, word by word, at a bounded cost.

`difflib` is quick where texts resemble each other. Where they do not, it may compare all equal words of both again for
each word. What one page may spend is therefore an allowance: texts that would exceed the rest of it differ as a whole.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

ALLOWANCE = 40_000_000  # steps of one page: at most a second, for texts made to take long
MAX_TEXT = 20_000  # characters of one text that are compared; the rest is not shown
MAX_SAME, MAX_CHANGED = 300, 2_000  # characters of a piece that are shown
_WORDS = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")


@dataclass(frozen=True)
class Piece:
    """A part of one of the two texts; `is_changed`: the other one does not have it."""

    text: str
    is_changed: bool


@dataclass
class Allowance:
    """The steps that the differences of one page may still take."""

    steps: int = ALLOWANCE

    def spend(self, steps: int) -> bool:
        """Whether there was so much left."""
        if steps > self.steps:
            return False
        self.steps -= steps
        return True


def compare_words(old: str, new: str, allowance: Allowance) -> tuple[list[Piece], list[Piece]]:
    """The pieces of both texts; long ones are shortened."""
    if max(len(old), len(new)) > MAX_TEXT:
        start = max(0, _common(old, new) - MAX_SAME)
        old, new = _excerpt(old, start), _excerpt(new, start)
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    old_pieces: list[Piece] = []
    new_pieces: list[Piece] = []
    for is_changed, old_words, new_words in _runs(before, after, allowance):
        _add(old_pieces, old_words, is_changed)
        _add(new_pieces, new_words, is_changed)
    return old_pieces, new_pieces


def _runs(
    before: Sequence[str], after: Sequence[str], allowance: Allowance
) -> Iterator[tuple[bool, Sequence[str], Sequence[str]]]:
    """Runs of words of both texts, in order: (whether they differ, the old ones, the new ones)."""
    old, new = [word.rstrip() for word in before], [word.rstrip() for word in after]
    first = _common(old, new)
    last = _common(old[first:][::-1], new[first:][::-1])
    end, new_end = len(old) - last, len(new) - last
    yield False, before[:first], after[:first]
    changed, new_changed = old[first:end], new[first:new_end]
    if allowance.spend(_most_steps(changed, new_changed)):
        for tag, i, j, k, m in SequenceMatcher(None, changed, new_changed, autojunk=False).get_opcodes():
            yield tag != "equal", before[first + i : first + j], after[first + k : first + m]
    else:
        yield True, before[first:end], after[first:new_end]
    yield False, before[end:], after[new_end:]


def _most_steps(before: Sequence[str], after: Sequence[str]) -> int:
    """The steps that `difflib` may take: in each round it looks at all words, and at all pairs of equal ones."""
    number = Counter(after)
    equal_pairs = sum(count * number[word] for word, count in Counter(before).items())
    return (len(before) + len(after) + equal_pairs) * min(len(before), len(after))


def _common(before: Sequence[str], after: Sequence[str]) -> int:
    """The number of equal elements at the beginning."""
    shorter = min(len(before), len(after))
    return next((place for place in range(shorter) if before[place] != after[place]), shorter)


def _excerpt(text: str, start: int) -> str:
    """The text from there on, as far as it is compared."""
    return ("… " if start else "") + text[start : start + MAX_TEXT] + (" …" if len(text) > start + MAX_TEXT else "")


def _add(pieces: list[Piece], words: Sequence[str], is_changed: bool) -> None:
    if words:
        pieces.append(Piece(shortened("".join(words), MAX_CHANGED if is_changed else MAX_SAME), is_changed))


def shortened(text: str, longest: int) -> str:
    """The beginning and the end of a long text."""
    return text if len(text) <= longest else f"{text[: longest // 2]} … {text[-longest // 2 :]}"
