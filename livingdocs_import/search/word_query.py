"""The query of a search: words, all of which must occur, and phrases in quotes."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from livingdocs_import import errors
from livingdocs_import.search.lexemes import LexemeQuery, word
from livingdocs_import.search.words import words

MAX_LENGTH = 1_000  # characters of a query
MAX_WORDS = 30  # of a query
MIN_PREFIX = 3  # characters: shorter words are found only as they are, for too much begins like them
_QUOTES = re.compile('["“”„«»]')


@dataclass(frozen=True, slots=True)
class WordQuery:
    """What is found has every word, or one that begins like it, and every phrase."""

    words: tuple[str, ...]
    phrases: tuple[tuple[str, ...], ...]

    @classmethod
    def read(cls, text: str, name: str) -> "WordQuery":
        """`lake "too warm"`. Invalid under `name` for too much of it, and for a text without a word."""
        if len(text) > MAX_LENGTH:
            raise errors.Invalid({name: f"must NOT have more than {MAX_LENGTH} characters"})
        parts = [list(words(part)) for part in _QUOTES.split(text)]
        if not (number := sum(map(len, parts))):
            raise errors.Invalid({name: "must have a word"})
        if number > MAX_WORDS:
            raise errors.Invalid({name: f"must NOT have more than {MAX_WORDS} words"})
        single = [each for part in parts[::2] for each in part]  # parts within quotes and outside take turns
        return cls(tuple(dict.fromkeys(single)), tuple(tuple(part) for part in parts[1::2] if part))

    def queries(self, *project_ids: int) -> list[LexemeQuery]:
        """What is asked of the index: all of these must be found, in one of the projects."""
        single = (LexemeQuery(_in_each(project_ids, [each]), is_prefix=len(each) >= MIN_PREFIX) for each in self.words)
        phrases = (LexemeQuery(_in_each(project_ids, phrase)) for phrase in self.phrases)
        return [*single, *phrases]


def _in_each(project_ids: Iterable[int], phrase: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(word(project_id, each) for each in phrase) for project_id in project_ids)
