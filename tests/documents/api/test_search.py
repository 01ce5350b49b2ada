"""GET publications/search: filters, orders, pages, and what of a publication is found (SEA-01 to SEA-07)."""

import time
from typing import Any

import pytest
import time_machine

from documents import services
from documents.housekeeping import follow_publications
from documents.models import Document
from documents.search.find import SECONDS
from tests.api_client import Caller, document_item
from tests.archive import Archive
from tests.newsroom import PUBLISH, paragraph

Filters = dict[str, Any] | list[dict[str, Any]]


def rated(archive: Archive, name: str, rating: int | None, day: int, **metadata: Any) -> int:
    with time_machine.travel(f"2026-03-{day:02}T00:00:00Z", tick=False):
        return archive.publish(name, metadata=metadata | ({} if rating is None else {"rating": rating}))


@pytest.fixture
def four(archive: Archive) -> list[int]:
    """Articles of the first days of March: rated 3, 1, not at all and 3 again."""
    return [
        rated(archive, "a", 3, 1, premium=True, topics=["water", "heat"], stars=[1, 5], kicker="The long lake"),
        rated(archive, "b", 1, 2, premium=False, topics=["fire"], eventDate="2026-07-01"),
        rated(archive, "c", None, 3, teaserImage={"mediaId": "9fKagDCiN6sb"}, eventDate="2026-05-01"),
        rated(archive, "d", 3, 4, topics=["heat"], author={"$ref": "document", "reference": {"id": "77"}}),
    ]


# --- Answers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["v1", "beta", "2025-11"])
def test_up_to_2025_11_the_answer_is_an_array_without_cursors(archive: Archive, version: str) -> None:
    """VER-05"""
    archive.publish("a")
    assert isinstance(archive.answer(version), list)
    archive.answer(version, status=400, after="x")


def test_later_it_has_a_total_and_a_cursor(archive: Archive) -> None:
    """VER-05"""
    archive.publish("a")
    answer = archive.answer("2026-01")
    assert answer.keys() == {"total", "cursor", "results"}
    assert answer["total"] == 1


def test_ids_alone_are_rows_of_two(archive: Archive, four: list[int]) -> None:
    """SEA-04: `id` overrides the rest."""
    project_id = archive.newsroom.caller.project.pk
    rows = archive.answer(fields="content,id", limit=1)["results"]
    assert rows == [{"projectId": project_id, "documentId": four[-1]}]


def test_other_rows_are_those_of_publications(archive: Archive) -> None:
    """SEA-04: references only when they are asked for."""
    document_id = archive.publish("a", "Heat on the lake", metadata={"title": "Heat"})
    (row,) = archive.answer()["results"]
    assert row.keys() == {"systemdata", "metadata", "content"}
    publication = archive.newsroom.publication(document_id)
    assert {name: publication[name] for name in row} == row
    (row,) = archive.answer(fields="references")["results"]
    assert row == {"references": []}
    assert archive.refused(fields="everything") == {"fields": 'No enum match for: "everything"'}


# --- Order and pages -------------------------------------------------------------------------------------------------


def test_the_newest_come_first_and_of_the_same_moment_the_highest_id(archive: Archive, four: list[int]) -> None:
    """SEA-01"""
    with time_machine.travel("2026-03-04T00:00:00Z", tick=False):
        also = archive.publish("e")
    assert archive.find() == [also, *reversed(four)]


@pytest.mark.parametrize(
    ("sort", "indexes"),
    [
        ("sortDate", [0, 1, 2, 3]),
        ("documentId", [0, 1, 2, 3]),
        ("-documentId", [3, 2, 1, 0]),
        ("metadata.rating", [1, 3, 0, 2]),
        ("-metadata.rating", [3, 0, 1, 2]),
        ("-metadata.rating,sortDate", [0, 3, 1, 2]),
        ("metadata.eventDate", [2, 1, 3, 0]),
        ("-metadata.topics", [0, 3, 1, 2]),
        ("contentType,lastPublicationDate", [0, 1, 2, 3]),
        ("-firstPublicationDate", [3, 2, 1, 0]),
        ("significantPublicationDate", [3, 2, 1, 0]),
        ("publishControl.embargo.until", [3, 2, 1, 0]),
        ("-visiblePublicationDate", [3, 2, 1, 0]),
        ("relevance", [3, 2, 1, 0]),
    ],
)
def test_the_order_is_what_is_asked_for_and_rows_without_a_value_come_last(
    archive: Archive, four: list[int], sort: str, indexes: list[int]
) -> None:
    """SEA-01"""
    assert archive.find(sort=sort) == [four[index] for index in indexes]


@pytest.mark.parametrize("sort", ["metadata.kicker", "metadata.premium", "metadata.notIndexed", "metadata.hidden", "x"])
def test_texts_flags_and_what_is_not_indexed_cannot_be_sorted_by(archive: Archive, sort: str) -> None:
    """SEA-01, SEA-03"""
    assert archive.refused(sort=sort).keys() == {"sort"}


def test_the_date_to_sort_by_may_be_one_of_the_metadata(archive: Archive) -> None:
    """SEA-01: without a value it is the visible date."""
    archive.configure(publicationIndex={"sortDate": {"fieldName": "metadata.eventDate"}})
    late = rated(archive, "late", None, 1, eventDate="2026-12-01")
    usual = rated(archive, "usual", None, 2)
    early = rated(archive, "early", None, 3, eventDate="2020-01-01")
    assert archive.find() == [late, usual, early]


@pytest.mark.parametrize("sort", ["-sortDate", "metadata.rating", "-metadata.rating", "-metadata.topics,sortDate"])
def test_cursors_lead_through_everything_once(archive: Archive, four: list[int], sort: str) -> None:
    """SEA-05"""
    whole = archive.find(sort=sort)
    pages, query = [], {"sort": sort, "limit": 1, "fields": "id"}
    answer = archive.answer(**query)
    while answer["results"]:
        pages += [row["documentId"] for row in answer["results"]]
        assert answer["total"] == 4
        answer = archive.answer(**query, after=answer["cursor"])
    assert pages == whole
    assert answer["cursor"] == ""


def test_pages_by_offset_and_their_bounds(archive: Archive, four: list[int]) -> None:
    """SEA-05"""
    assert archive.find(limit=2, offset=1) == [four[2], four[1]]
    assert archive.answer(limit=0) == {"total": 4, "cursor": "", "results": []}
    assert archive.find(offset=10_000) == []
    assert archive.refused(limit=101, offset=10_001).keys() == {"limit", "offset"}
    for number in range(8):
        archive.bring(f"more-{number}")
    follow_publications()
    assert len(archive.find()) == 10


def test_a_cursor_goes_on_in_its_own_order_only(archive: Archive, four: list[int]) -> None:
    """SEA-05"""
    cursor = archive.answer(limit=1)["cursor"]
    assert archive.refused(after=cursor, sort="documentId") == {"after": "is a cursor of another sort"}
    assert archive.refused(after=cursor, offset=1) == {"after": "must NOT be combined with offset"}
    for strange in ("x", "eyJhIjogWzFdfQ==", "bnVsbA==", cursor[:-8], "ä"):
        assert archive.refused(after=strange).keys() == {"after"}


# --- Filters ---------------------------------------------------------------------------------------------------------


def key(name: str, **operator: Any) -> dict[str, Any]:
    return {"key": name, **operator}


RATED_3, RATED_1 = key("metadata.rating", term=3), key("metadata.rating", term=1)


@pytest.mark.parametrize(
    ("filters", "indexes"),
    [
        (RATED_3, [0, 3]),
        ([RATED_3, key("metadata.topics", term="water")], [0]),
        (key("metadata.rating", term=[1, 3]), [0, 1, 3]),
        (key("metadata.rating", term=[]), []),
        (key("metadata.topics", term="heat"), [0, 3]),
        (key("metadata.topics", term="Heat"), []),
        (key("metadata.stars", term=5), [0]),
        (key("metadata.premium", term=False), [1]),
        (key("metadata.teaserImage.mediaId", term="9fKagDCiN6sb"), [2]),
        (key("metadata.author.reference.id", term="77"), [3]),
        (key("metadata.kicker", term="lake LONG"), [0]),
        (key("metadata.kicker", term="short lake"), []),
        (key("metadata.eventDate", term="2026-07-01"), [1]),
        (key("metadata.eventDate", range={"gte": "2026-05-02", "lt": "2027-01-01"}), [1]),
        (key("metadata.rating", range={"gt": 1}), [0, 3]),
        (key("metadata.rating", range={"gte": 1, "lte": 2}), [1]),
        (key("metadata.stars", range={"gt": 4}), [0]),
        (key("metadata.rating", exists=True), [0, 1, 3]),
        (key("metadata.rating", exists=False), [2]),
        (key("lastPublicationDate", range={"gte": "2026-03-03"}), [2, 3]),
        (key("firstPublicationDate", term="2026-03-01T00:00:00Z"), [0]),
        (key("significantPublicationDate", exists=False), [0, 1, 2, 3]),
        (key("visiblePublicationDate", range={"lt": "now-1s"}), [0, 1, 2, 3]),
        (key("contentType", term=["article", "page"]), [0, 1, 2, 3]),
        (key("contentType", term="page"), []),
        (key("publishControl.embargo.enforced", term=False), [0, 1, 2, 3]),
        (key("publishControl.embargo.until", exists=True), []),
        (key("statistics.componentCount.paragraph", exists=False), [0, 1, 2, 3]),
        (key("statistics.characterCount", range={"lte": 0}), [0, 1, 2, 3]),
        ({"or": [RATED_1, key("metadata.topics", term="water")]}, [0, 1]),
        ({"and": [RATED_3, {"not": key("metadata.topics", term="water")}]}, [3]),
        ({"not": [RATED_1, RATED_3]}, [2]),
        ({"not": key("metadata.rating", range={"gt": 1})}, [1, 2]),
        ({"not": {"or": [RATED_1, {"and": [RATED_3, key("metadata.premium", term=True)]}]}}, [2, 3]),
        ({"or": []}, []),
        ([], [0, 1, 2, 3]),
    ],
)
def test_filters_say_what_is_found(archive: Archive, four: list[int], filters: Filters, indexes: list[int]) -> None:
    """SEA-02"""
    assert archive.find(filters=filters, sort="documentId") == [four[index] for index in indexes]


def test_ids_are_filtered_by_as_numbers_or_texts(archive: Archive, four: list[int]) -> None:
    """SEA-02"""
    assert archive.find(filters=key("documentId", term=[four[0], str(four[2])]), sort="documentId") == four[::2]
    assert archive.find(filters=key("documentId", range={"lte": four[1]}), sort="documentId") == four[:2]


def test_components_are_counted(archive: Archive) -> None:
    """SEA-02: what does not occur is not indexed, and found by `exists: false`."""
    short, long = archive.publish("short", "one"), archive.publish("long", "one", "two", "three")
    count = "statistics.componentCount.paragraph"
    assert archive.find(filters=key(count, term=1)) == [short]
    assert archive.find(filters=key(count, range={"gte": 2})) == [long]
    assert archive.find(filters=key("statistics.characterCount", range={"gt": 5})) == [long]
    assert archive.find(filters=key("statistics.componentCount.image", exists=False)) == [long, short]


def test_categories_languages_and_content_types_have_parameters_of_their_own(archive: Archive) -> None:
    """SEA-02: one of each list, all lists; these need no index."""
    german = {"locale": "de", "groupId": "g1"}
    a = archive.publish("a", metadata={"category": {"id": "sport"}, "language": german})
    b = archive.publish("b", metadata={"category": {"id": "news"}, "language": german})
    archive.publish("c", metadata={"category": {"id": "news"}, "language": {"locale": "fr", "groupId": "g2"}})
    assert archive.find(categories="sport,news", languages="de") == [b, a]
    assert archive.find(**{"categories[0]": "sport"}) == [a]
    assert archive.find(languageGroupId="g1", contentTypes="article") == [b, a]
    assert archive.find(contentTypes="page") == []
    assert archive.find(categories="") == []


@pytest.mark.parametrize(
    ("filters", "problems"),
    [
        ("{", {"filters": "must be valid JSON"}),
        ([key("metadata.ratin", term=3)], {"filters.0.key": "did you mean 'metadata.rating'?"}),
        (key("metadata.notIndexed", term=3), {"filters.key": "not indexed (config.index)"}),
        (key("metadata.hidden", term="x"), {"filters.key": "not indexed"}),
        (key("metadata.teaserImage", exists=True), {"filters.key": "its parts are: metadata.teaserImage.crops"}),
        (key("statistics.componentCount.paragrap", exists=True), {"filters.key": "did you mean"}),
        ([RATED_3, key(7, term=1)], {"filters.1.key": "expected string"}),  # type: ignore[arg-type]
        (key("metadata.rating", term="3"), {"filters.term": "must be a number"}),
        (key("metadata.rating", term=[3, True]), {"filters.term.1": "must be a number"}),
        (key("metadata.premium", term="true"), {"filters.term": "must be a boolean"}),
        (key("metadata.kicker", term="?!"), {"filters.term": "must have a word"}),
        (key("metadata.kicker", range={"gt": "a"}), {"filters.range": "is for numbers and dates"}),
        (key("metadata.premium", range={"gt": 1}), {"filters.range": "is for numbers and dates"}),
        (key("metadata.rating", range={"above": 1}), {"filters.range.above": "must be one of gt, gte, lt, lte"}),
        (key("metadata.rating", range={}), {"filters.range": "must have one of"}),
        (key("lastPublicationDate", range={"gt": "now-5x"}), {"filters.range.gt": "must be a date"}),
        (key("lastPublicationDate", range={"gt": "now-99999y"}), {"filters.range.gt": "must be a date"}),
        (key("metadata.rating", exists="yes"), {"filters.exists": "expected boolean"}),
        (key("metadata.rating"), {"filters": "must have one of term, range, exists"}),
        (key("metadata.rating", term=1, exists=True), {"filters": "must have one of term, range, exists"}),
        (key("metadata.rating", termPattern="x"), {"filters.termPattern": "must be one of term, range, exists"}),
        ({"xor": [RATED_1]}, {"filters.xor": "must be one of and, or, not"}),
        ({"and": RATED_1, "or": RATED_3}, {"filters": "must have one of and, or, not"}),
        ({}, {"filters": "must have one of and, or, not"}),
        ([3, {"and": [4]}], {"filters.0": "expected object", "filters.1.and.0": "expected object"}),
        ([key("x", term=1), key("y", term=1)], {"filters.0.key": "not a known", "filters.1.key": "not a known"}),
    ],
)
def test_an_invalid_filter_is_reported_with_its_path(archive: Archive, filters: Any, problems: dict[str, str]) -> None:
    """SEA-03: never silently nothing, and all at once."""
    refused = archive.refused(filters=filters)
    assert refused.keys() == problems.keys()
    for path, message in problems.items():
        assert message in refused[path]


def test_all_problems_are_reported_at_once(archive: Archive) -> None:
    """SEA-03"""
    refused = archive.refused(filters="{", limit="x", sort="nothing", search=" ", after="x", offset=1)
    assert refused.keys() == {"filters", "limit", "sort", "search", "after"}


def nested(levels: int) -> Filters:
    filters: dict[str, Any] = RATED_1
    for _ in range(levels):
        filters = {"not": filters}
    return filters


@pytest.mark.parametrize(
    ("filters", "path"),
    [
        (nested(20), "filters" + ".not" * 20),
        (nested(99), "filters" + ".not" * 20),
        ([RATED_1] * 201, "filters.200"),
        (key("metadata.rating", term=[1] * 1001), "filters.term"),
        ([key("metadata.rating", term=[1] * 600), key("metadata.rating", term=[1] * 600)], "filters.1.term"),
        (key("metadata.kicker", term=" ".join(map(str, range(300)))), "filters.term"),
        (key("metadata.kicker", term=[" ".join(f"w{n}" for n in range(60)) for _ in range(20)]), "filters.term.16"),
        ("[" * 5000, "filters"),
        ("[" + "0," * 40_000 + "0]", "filters"),
    ],
    ids=range(9),
)
def test_filters_that_go_on_and_on_are_refused(archive: Archive, filters: Any, path: str) -> None:
    """SEA-03"""
    assert archive.refused(filters=filters).keys() == {path}


LARGEST = {
    "nested": nested(19),
    "many": [{"or": [key("metadata.rating", range={"gte": n, "lt": n + 2}), RATED_3]} for n in range(66)],
    "values": key("metadata.topics", term=[f"t{n}" for n in range(1000)]),
    "not": {"not": [key(f"metadata.{name}", exists=True) for name in ("rating", "premium") for _ in range(99)]},
    "words": key("metadata.kicker", term=[" ".join(f"w{n}" for n in range(50)) for _ in range(20)]),
    "texts": key("metadata.kicker", term=[f"w{n}" for n in range(1000)]),
    "embargoes": key("publishControl.embargo.enforced", term=[True, False] * 500),
}


@pytest.mark.parametrize("filters", LARGEST.values(), ids=LARGEST.keys())
def test_the_largest_filters_are_answered_in_time(archive: Archive, four: list[int], filters: Filters) -> None:
    """SEA-02"""
    begin = time.monotonic()
    archive.find(filters=filters)
    assert time.monotonic() - begin < SECONDS


# --- Words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("search", "indexes"),
    [
        ("lake", [0, 1]),
        ("LAKE warm", [0]),
        ("lak", [0, 1]),
        ("la", []),
        ('"lake too"', [0]),
        ("“too warm”", [0]),
        ('"warm lake"', []),
        ('"the cold', [1]),
        ("elan", [1]),
        ("Élan", [1]),
        ("strasse", [0]),
        ("ampersand&co", [0]),
        ("em", []),
        ("headline", [1]),
        ("' OR 1=1 --", []),
        ('lake:* & | ! <-> \\ * ^ NEAR("a b") -x', []),
    ],
)
def test_words_are_found_whatever_their_spelling(archive: Archive, search: str, indexes: list[int]) -> None:
    """SEA-02: all words, those with three letters by their beginnings, phrases in quotes; without tags and accents."""
    both = [
        archive.publish("a", "The <em>l</em>ake too warm", "Straße, ampersand &amp; co"),
        archive.publish("b", "The cold lake", "élan", metadata={"title": "A headline"}),
    ]
    assert sorted(archive.find(search=search)) == [both[index] for index in indexes]


def test_relevance_counts_with_words_only(archive: Archive) -> None:
    """SEA-01"""
    often = archive.publish("often", "lake lake lake")
    once = archive.publish("once", "There is a lake in the north of this large country, and it is cold")
    assert archive.find(search="lake") == [once, often]
    assert archive.find(search="lake", sort="-relevance") == [often, once]
    assert archive.find(sort="-relevance") == [once, often]
    page = archive.answer(search="lake", sort="-relevance", limit=1)
    rest = archive.answer(search="lake", sort="-relevance", limit=1, after=page["cursor"])
    assert [row["systemdata"]["documentId"] for row in rest["results"]] == [once]


def test_a_query_has_its_bounds(archive: Archive) -> None:
    """SEA-03"""
    assert archive.refused(search="x" * 1001).keys() == {"search"}
    assert archive.refused(search="x " * 31).keys() == {"search"}
    assert archive.refused(search="…") == {"search": "must have a word"}


# --- What is found ---------------------------------------------------------------------------------------------------


def test_drafts_are_not_found_and_not_by_their_words(archive: Archive) -> None:
    """SEA-06"""
    published = archive.publish("a", "old words", metadata={"rating": 1})
    archive.publish("draft", "never published", flags={})
    archive.publish("a", "new words", metadata={"rating": 2}, flags={})
    assert archive.find() == [published]
    assert archive.find(search="old") == [published]
    assert archive.find(search="new") == []
    assert archive.find(filters=RATED_1) == [published]
    assert archive.find(filters=key("metadata.rating", term=2)) == []


def test_what_was_unpublished_a_moment_ago_is_not_shown(archive: Archive) -> None:
    """SEA-06: also before the index has heard of it."""
    document_id = archive.publish("a", "words")
    services.unpublish(Document.objects.get(pk=document_id), by="ines")
    assert archive.answer()["results"] == []
    follow_publications()
    assert archive.answer()["total"] == 0


def test_a_project_finds_nothing_of_another(archive: Archive, herald: Caller) -> None:
    """AUTH-14"""
    archive.publish("a", "words", metadata={"rating": 1})
    follow_publications()
    for query in ("", "search=words", "contentTypes=article", "sort=-relevance&search=words"):
        assert herald.get(f"publications/search?{query}", "2026-07").json()["results"] == []


def test_conditions_of_components_are_applied(archive: Archive) -> None:
    """SEA-07: to what is shown, and hidden words do not give a document away."""
    later = paragraph("secret") | {"conditions": {"dateTime": {"gte": "2999-01-01T00:00:00Z"}}}
    (row,) = archive.newsroom.bring(
        document_item(id="a", flags=PUBLISH, content=[paragraph("shown"), later], title="a")
    )
    follow_publications()
    assert archive.find(search="shown") == [row["document_id"]]
    assert archive.find(search="secret") == []

    def texts(**query: str) -> list[str]:
        (found,) = archive.answer(**query)["results"]
        return [component["content"]["text"] for component in found["content"]]

    assert texts() == ["shown"]
    assert texts(ignoreComponentConditions="true") == ["shown", "secret"]
    assert texts(componentConditions='{"dateTime": "2999-02-01T00:00:00Z"}') == ["shown", "secret"]
