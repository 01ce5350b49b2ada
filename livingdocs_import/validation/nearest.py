"""Suggest the known name for a misspelt one: equal except for case and dashes, or with one typing error, or two.

Clients may send many wrong names, so a look-up costs a small amount per letter, however many names are known: two names
one typing error apart share a spelling with one letter less, and two errors apart with two letters less.
"""

from collections.abc import Collection, Iterable, Iterator
from itertools import combinations

MIN_LENGTH, MAX_LENGTH = 4, 50  # letters: shorter names are one error apart from any other
MIN_LENGTH_FOR_TWO = 8  # letters, for two errors
MAX_SHOWN = 20  # values in a hint
_IGNORED = str.maketrans("", "", "-_. ")


class NearestNames:
    """The known names. Built when the first wrong one is looked up."""

    def __init__(self, names: Collection[str], slips: int = 1) -> None:
        self._names = names
        self._slips = slips
        self._by_spelling: dict[str, str] = {}

    def hint(self, name: str) -> str:
        """`; did you mean 'title'?`, or ""."""
        found = self.nearest(name)
        return "" if found is None else f"; did you mean '{found}'?"

    def nearest(self, name: str) -> str | None:
        """The intended known name; None if it is unclear."""
        if len(name) > MAX_LENGTH:
            return None
        if not self._by_spelling:
            self._by_spelling = _spellings(self._names, self._slips)
        known, plain = self._by_spelling, _plain(name)
        return next((known[each] for each in _slips(plain, self._slips) if each in known), None) if plain else None


def one_of(names: Iterable[str]) -> str:
    """The allowed values as text; the first ones if there are many."""
    shown = sorted(names)
    more = ", …" if len(shown) > MAX_SHOWN else ""
    return ", ".join(f"'{name}'" for name in shown[:MAX_SHOWN]) + more if shown else "none"


def _spellings(names: Iterable[str], slips: int) -> dict[str, str]:
    spellings: dict[str, str] = {}
    short = [name for name in names if len(name) <= MAX_LENGTH]
    for name in short:
        for spelling in _slips(_plain(name), slips):
            spellings.setdefault(spelling, name)
    return spellings | {_plain(name): name for name in short}  # exact names win over similar ones


def _plain(name: str) -> str:
    return name.casefold().translate(_IGNORED)


def _slips(plain: str, slips: int) -> Iterator[str]:
    """The name itself, and the name without one of its letters, or without two."""
    yield plain
    for left_out in range(1, slips + 1):
        if len(plain) >= (MIN_LENGTH if left_out == 1 else MIN_LENGTH_FOR_TWO):
            for kept in combinations(plain, len(plain) - left_out):
                yield "".join(kept)
