"""The words of texts and of queries."""

import pytest

from livingdocs_import import errors
from livingdocs_import.search.lexemes import MAX_BYTES, MAX_WORDS, LexemeQuery, lexemes, word
from livingdocs_import.search.word_query import WordQuery
from livingdocs_import.search.words import MAX_WORD, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("The lake, too-warm!", ["the", "lake", "too", "warm"]),
        ("Élan élan ELAN", ["elan", "elan", "elan"]),
        ("Straße", ["strasse"]),
        ("Ångström Łódź", ["angstrom", "łodz"]),
        ("\ufb01ne \uff11\uff12", ["fine", "12"]),
        ("Παράδειγμα", ["παραδειγμα"]),
        ("ЁЛКА", ["елка"]),
        ("हिन्दी शब्द", ["हिन्दी", "शब्द"]),
        ("한국어", ["한국어"]),
        ("日本語のテキスト", ["日本語のテキスト"]),
        ("snake_case a1b2 3.14", ["snake", "case", "a1b2", "3", "14"]),
        ("x" * 100, ["x" * MAX_WORD]),
        ("😀 · § '", []),
    ],
)
def test_words_are_runs_of_letters_digits_and_marks(text: str, found: list[str]) -> None:
    """SEA-02"""
    assert words(text) == found


def test_words_of_words_are_the_same() -> None:
    text = "Élan Straße ﬁne हिन्दी 한국어 İstanbul ǅ ŉ"
    assert words(" ".join(words(text))) == words(text)


def test_a_query_has_words_and_phrases() -> None:
    """SEA-02"""
    query = WordQuery.read('lake "too  Warm" lake “old town” "', "search")
    assert query == WordQuery(("lake",), (("too", "warm"), ("old", "town")))
    assert query.queries(8) == [
        LexemeQuery((("8·lake",),), is_prefix=True),
        LexemeQuery((("8·too", "8·warm"),)),
        LexemeQuery((("8·old", "8·town"),)),
    ]
    assert WordQuery.read("of", "search").queries(8) == [LexemeQuery((("8·of",),))]


@pytest.mark.parametrize("text", ["", " ", '""', "?", "x" * 1001, "a b " * 20])
def test_a_query_without_words_or_with_too_many_is_refused(text: str) -> None:
    """SEA-03"""
    with pytest.raises(errors.Invalid):
        WordQuery.read(text, "search")


def test_a_text_is_indexed_up_to_its_limits() -> None:
    assert len(lexemes(1, ["a"] * (MAX_WORDS + 5), ()).words) == MAX_WORDS
    long = ["ß" * MAX_WORD] * MAX_WORDS
    kept = lexemes(1, long, ()).words
    assert 0 < len(kept) < MAX_WORDS
    assert sum(len(each.encode()) for each in kept) <= MAX_BYTES
    assert lexemes(1, ["a"], ["x", "y", "x"]).terms == ["x", "y"]
    assert word(1, "a") != word(11, "a")
