"""What an index holds and is asked for: lexemes, each a word or a term of one project.

A lexeme begins with the number of its project: so a search costs what its own project has, whatever others have, and
cannot find anything of theirs. It holds letters, digits, marks and two separators outside of ASCII, and so stands in
PostgreSQL's `tsvector` and in FTS5's queries as it is.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice
from typing import NamedTuple

import orjson

MAX_WORDS = 16_000  # of one text: PostgreSQL numbers no more positions, so later words could be in no phrase
MAX_BYTES = 500_000  # of one text's words: half of what a tsvector holds
MAX_TERMS = 2_000  # of one thing that is indexed
_WORD, _TERM = "·", "§"
_MAX_CHARACTER = 4  # bytes of one in UTF-8


class Lexemes(NamedTuple):
    """What is indexed of one thing: its words in their order, for phrases, and its terms."""

    words: Sequence[str]
    terms: Sequence[str]


@dataclass(frozen=True, slots=True)
class LexemeQuery:
    """Found is what has one of the alternatives, each a phrase: lexemes one after the other.

    With `is_prefix` also what has a word that only begins like the last one of a phrase. Without `in_order` the lexemes
    of an alternative may be anywhere, and may be terms.
    """

    alternatives: tuple[tuple[str, ...], ...]
    is_prefix: bool = False
    in_order: bool = True


def word(project_id: int, text: str) -> str:
    """The lexeme of a word."""
    return f"{project_id}{_WORD}{text}"


def term(project_id: int, key: str, value: object) -> str:
    """The lexeme of a value under a key; of values that can be written in JSON."""
    digest = hashlib.blake2b(orjson.dumps([key, value]), digest_size=10)
    return f"{project_id}{_TERM}{digest.hexdigest()}"


def lexemes(project_id: int, words: Iterable[str], terms: Iterable[str]) -> Lexemes:
    """Lexemes of words and of terms that are lexemes already, as many as are indexed of one thing."""
    begin = word(project_id, "")
    kept = [begin + each for each in islice(words, MAX_WORDS)]
    if sum(map(len, kept)) > MAX_BYTES // _MAX_CHARACTER:
        sizes = accumulate(len(each.encode()) for each in kept)
        kept = kept[: bisect_right(list(sizes), MAX_BYTES)]
    return Lexemes(kept, list(islice(dict.fromkeys(terms), MAX_TERMS)))
