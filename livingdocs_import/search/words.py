"""The words of a text: the same ones whatever the database, in what is indexed and in what is asked for.

A word is a run of letters, digits and marks. Case, accents of Latin, Greek and Cyrillic letters, and compatibility
forms (ligatures, full width) make no difference: `Élan`, `elan` and `ÉLAN` are one word. Languages that write without
spaces have long words, which are found by their beginnings.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

import re2

MAX_WORD = 64  # characters: what is longer is cut, in texts and in queries
_ASCII = re.compile(r"[a-z0-9]+")
_WORD = re2.compile(r"[\p{L}\p{N}\p{M}]+")
_ACCENTS = re.compile("[\u0300-\u036f]+")


def words(text: str) -> list[str]:
    """The words of a text in their order, with repetitions."""
    if not text.isascii():
        text = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
        text = unicodedata.normalize("NFKC", text.casefold())
    text = text.casefold()
    # Once their accents are gone, most texts are ASCII, of which Python's expressions make words five times as fast.
    found = _ASCII.findall(text) if text.isascii() else [match[0] for match in _WORD.finditer(text)]
    return [word[:MAX_WORD] for word in found] if len(text) > MAX_WORD else found


def words_of(texts: Iterable[str], characters: int) -> Iterator[str]:
    """The words of several texts, one after the other, as far as this many characters of them reach."""
    for text in texts:
        if characters <= 0:
            return
        yield from words(text[:characters])
        characters -= len(text)
