"""Few matches are sorted here, many by the database: both ways find the same, in the same order."""

import json
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from documents.housekeeping import follow_publications
from documents.search import orders
from documents.search.filters import read
from documents.search.find import Asked, find
from documents.search.properties import keys
from livingdocs_import.project_config import store
from livingdocs_import.search.word_query import WordQuery
from tests.archive import Archive

SORTS = [
    "-sortDate", "sortDate", "documentId", "-documentId", "metadata.rating", "-metadata.rating", "metadata.topics",
    "-metadata.topics,metadata.rating", "contentType", "-lastPublicationDate", "significantPublicationDate",
    "metadata.eventDate,-metadata.rating", "-metadata.stars",
]  # fmt: skip


@pytest.fixture
def some(archive: Archive) -> Archive:
    """Nine articles; of three moments, three ratings and some dates."""
    for number in range(9):
        metadata: dict[str, Any] = {"kicker": "lake"}
        if number % 3:
            metadata |= {"rating": number % 2, "stars": [9 - number, number], "topics": ["ab"[number % 2]]}
        if number > 5:
            metadata["eventDate"] = f"2026-01-{number:02}"
        with time_machine.travel(f"2026-03-0{1 + number // 3}T00:00:00Z", tick=False):
            archive.bring(f"{number}", "lake " * number, "word", metadata=metadata)
    follow_publications()
    return archive


def asked(archive: Archive, sort: str, **fields: Any) -> Asked:
    config = store.current(archive.newsroom.caller.project)
    now, filters = timezone.now(), json.dumps(fields.pop("filters", []))
    known = keys(config)
    usual: dict[str, Any] = {
        "words": None,
        "expressions": read(filters, "filters", known, now),
        **dict.fromkeys(("content_types", "categories", "languages", "language_group", "after")),
        "orders": orders.read(sort, "sort", known, has_words="words" in fields),
        "limit": 100,
        "offset": 0,
        "now": now,
    }
    return Asked(**usual | fields)


def pages(archive: Archive, sort: str, most: int) -> list[int]:
    """Everything, four at a time, by cursors."""
    project, ids = archive.newsroom.caller.project, []
    found = find(project, asked(archive, sort, limit=4), most)
    while found.document_ids:
        ids += found.document_ids
        order = orders.read(sort, "sort", keys(store.current(project)), has_words=False)
        found = find(
            project, asked(archive, sort, limit=4, after=orders.values_after(found.cursor, "after", order)), most
        )
    return ids


@pytest.mark.parametrize("sort", SORTS)
def test_few_and_many_come_in_the_same_order(some: Archive, sort: str) -> None:
    """SEA-01, SEA-05"""
    project = some.newsroom.caller.project
    few, many = find(project, asked(some, sort), 100), find(project, asked(some, sort), 3)
    assert len(few.document_ids) == 9
    assert (few.total, many.total) == (9, 3)
    assert many.document_ids == few.document_ids
    assert pages(some, sort, 3) == pages(some, sort, 100) == list(few.document_ids)
    offset = asked(some, sort, offset=2, limit=3)
    assert find(project, offset, 3).document_ids == find(project, offset, 100).document_ids == few.document_ids[2:5]


@pytest.mark.parametrize(
    "filters",
    [
        {"key": "metadata.stars", "range": {"gte": 5}},
        {"not": {"key": "metadata.stars", "range": {"gte": 5}}},
        {"or": [{"key": "metadata.stars", "range": {"lt": 2}}, {"key": "metadata.rating", "term": 1}]},
        [{"key": "metadata.stars", "range": {"gt": number}} for number in range(-12, 3)],
    ],
)
def test_ranges_find_the_same_however_many_they_are(some: Archive, filters: Any) -> None:
    """SEA-02"""
    project = some.newsroom.caller.project
    few, many = (find(project, asked(some, "documentId", filters=filters), most) for most in (100, 1))
    assert few.document_ids == many.document_ids != []


def test_relevance_beyond_the_limit_is_that_of_the_newest(some: Archive) -> None:
    """SEA-01"""
    project, words = some.newsroom.caller.project, WordQuery.read("lake", "search")
    few = find(project, asked(some, "relevance", words=words), 100)
    many = find(project, asked(some, "relevance", words=words), 3)
    newest = find(project, asked(some, "-sortDate"), 100).document_ids[:3]
    assert sorted(many.document_ids) == sorted(newest)
    assert many.document_ids == [each for each in few.document_ids if each in newest]
