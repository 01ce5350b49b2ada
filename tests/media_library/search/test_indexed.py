"""What an entry is found by."""

from typing import Any

from livingdocs_import.search.lexemes import MAX_WORDS
from media_library.search.indexed import MAX_CHARACTERS, MAX_LEVELS, Source, exactly, indexed, without_query


def words(**parts: Any) -> list[str]:
    found = indexed(source(**parts)).words
    assert all(word.startswith("7·") for word in found)
    return [word.removeprefix("7·") for word in found]


def source(**parts: Any) -> Source:
    usual: dict[str, Any] = {
        "project_id": 7, "title": "", "external_id": None, "source_url": "", "asset": {}, "metadata": {},
        "translations": [],
    }  # fmt: skip
    return Source(**usual | parts)


def exact(**parts: Any) -> list[str]:
    terms = indexed(source(**parts)).terms
    return [text for text in ASKED if exactly([7], [text]).alternatives[0][0] in terms]


ASKED = ["urn:dpa:1", "https://a.example/x.jpg", "https://a.example/x.jpg?w=1", "https://cdn.example/y.jpg", "other"]


def test_title_name_of_the_file_and_external_id() -> None:
    parts = {"title": "Élan vital", "asset": {"filename": "IMG_1234-See.JPG"}, "external_id": "urn:dpa:20090101-1"}
    assert words(**parts) == ["elan", "vital", "img", "1234", "see", "jpg", "urn", "dpa", "20090101", "1"]


def test_all_texts_of_the_metadata_whatever_their_names() -> None:
    metadata = {"alt": "a bridge", "people": ["Grace", {"name": "Hopper"}], "rating": 3, "isFree": True, "none": None}
    assert words(metadata=metadata) == ["a", "bridge", "grace", "hopper"]


def test_moments_are_no_words() -> None:
    metadata = {"day": "2026-11-30", "validity": {"from": "2026-11-30T10:00:00.000Z"}, "caption": "2026-11 in short"}
    assert words(metadata=metadata) == ["2026", "11", "in", "short"]


def test_translations() -> None:
    translations = [
        {"locale": "fr", "metadata": {"title": "Un pont"}, "asset": {"filename": "pont.jpg"}},
        {"locale": "it"},
    ]
    assert words(translations=translations) == ["pont", "jpg", "un", "pont"]


def test_what_is_nested_deeper_is_not_found() -> None:
    value: Any = "deep"
    for _ in range(MAX_LEVELS - 1):
        value = [value]
    assert words(metadata={"a": value}) == ["deep"]
    assert words(metadata={"a": [value]}) == []
    for _ in range(100_000):
        value = [value]
    assert words(metadata={"a": value}) == []


def test_a_long_text_is_indexed_in_part() -> None:
    assert words(title="lake", metadata={"a": "b " * MAX_CHARACTERS, "c": "late"}) == ["lake", *["b"] * 9998]
    assert len(words(metadata={"a": "b " * MAX_CHARACTERS})) <= MAX_WORDS


def test_addresses_are_found_as_a_whole_and_without_their_queries() -> None:
    parts = {"external_id": "urn:dpa:1", "source_url": "https://a.example/x.jpg?w=1"}
    assert exact(**parts) == ["urn:dpa:1", "https://a.example/x.jpg", "https://a.example/x.jpg?w=1"]
    assert exact(asset={"url": "https://cdn.example/y.jpg"}) == ["https://cdn.example/y.jpg"]
    assert exact(translations=[{"asset": {"url": "https://cdn.example/y.jpg"}}]) == ["https://cdn.example/y.jpg"]
    assert exact() == []


def test_without_a_query() -> None:
    assert (
        without_query("https://a.example/x?sig=1#top")
        == without_query("https://a.example/x#top")
        == "https://a.example/x"
    )
