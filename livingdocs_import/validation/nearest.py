"""Which known name somebody meant who has written another one: equal but for case and dashes, or one slip of the keys.

Names that are sent are many and strangers', so a look-up costs no more than some for each letter, however many are
known: two names that a slip lies between have a spelling in common, with a letter less.
"""

from collections.abc import Collection, Iterable, Iterator

MIN_LENGTH, MAX_LENGTH = 4, 50  # letters: of shorter names each is a slip away from any other
MAX_TOLD = 20  # values that would do
_IGNORED = str.maketrans("", "", "-_. ")


class NearestNames:
    """The names that there are. Made when the first wrong one is met."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = names
        self._by_spelling: dict[str, str] = {}

    def hint(self, name: str) -> str:
        """`; did you mean 'title'?`, or nothing."""
        found = self.nearest(name)
        return "" if found is None else f"; did you mean '{found}'?"

    def nearest(self, name: str) -> str | None:
        """The known name that was meant; None if that cannot be told."""
        if len(name) > MAX_LENGTH:
            return None
        if not self._by_spelling:
            self._by_spelling = _spellings(self._names)
        known, plain = self._by_spelling, _plain(name)
        return next((known[each] for each in _slips(plain) if each in known), None) if plain else None


def one_of(names: Iterable[str]) -> str:
    """The values that would do, as a text tells them; of many the first."""
    told = sorted(names)
    more = ", …" if len(told) > MAX_TOLD else ""
    return ", ".join(f"'{name}'" for name in told[:MAX_TOLD]) + more if told else "none"


def _spellings(names: Iterable[str]) -> dict[str, str]:
    spellings: dict[str, str] = {}
    short = [name for name in names if len(name) <= MAX_LENGTH]
    for name in short:
        for spelling in _slips(_plain(name)):
            spellings.setdefault(spelling, name)
    return spellings | {_plain(name): name for name in short}  # what a name is counts more than what it is near to


def _plain(name: str) -> str:
    return name.casefold().translate(_IGNORED)


def _slips(plain: str) -> Iterator[str]:
    """The name, and what it is without one of its letters."""
    yield plain
    if len(plain) >= MIN_LENGTH:
        for index in range(len(plain)):
            yield plain[:index] + plain[index + 1 :]
