"""GET documents/latestPublications: a page of what is published, filtered and in order."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.api_client import document_item
from tests.newsroom import PUBLISH, Newsroom, image


def day(number: int) -> str:
    return f"2024-01-{number:02}T00:00:00.000Z"


def published(number: int, **fields: Any) -> dict[str, Any]:
    control = {"lastPublicationDate": day(number)}
    return document_item(publishControl=control, flags=PUBLISH, metadata={"title": str(number)}) | fields


@pytest.fixture
def five(newsroom: Newsroom) -> list[int]:
    """The ids of five documents, published on the first, third, second, third and fourth of January; and a draft."""
    page = {"contentType": "page", "metadata": {"title": "3", "slug": "a"}}
    rows = newsroom.bring(
        published(1), published(3), published(2), published(3, **page), published(4), document_item()
    )  # fmt: skip
    return [row["document_id"] for row in rows[:5]]


def found(newsroom: Newsroom, query: str = "", version: str = "v1") -> list[int]:
    answer = newsroom.read(f"documents/latestPublications?{query}", version)
    rows = answer["results"] if version >= "2026-01" and version != "v1" else answer
    return [row["systemdata"]["documentId"] for row in rows]


def test_the_newest_publication_comes_first(newsroom: Newsroom, five: list[int]) -> None:
    a, b, c, d, e = five
    assert found(newsroom) == [e, d, b, c, a]
    assert found(newsroom, version="2026-05") == [e, d, b, c, a]


@pytest.mark.parametrize("reverse", ["reverse", "reverse=true"])
def test_the_order_may_be_turned(newsroom: Newsroom, five: list[int], reverse: str) -> None:
    """TRN-03"""
    a, b, c, d, e = five
    assert found(newsroom, reverse) == [a, c, b, d, e]
    assert found(newsroom, "reverse=false") == [e, d, b, c, a]


@pytest.mark.parametrize(
    ("query", "indexes"),
    [
        ("limit=2", [4, 3]),
        ("limit=2&offset=3", [2, 0]),
        ("limit=0", []),
        ("offset=10000", []),
        ("contentTypes=page", [3]),
        ("contentTypes=page,article", [4, 3, 1, 2, 0]),
        ("contentTypes=poem", []),
        ("documentTypes=page", [3]),
        ("documentTypes=article,data-record", [4, 1, 2, 0]),
        (f"publishedAt.gte={day(3)}", [4, 3, 1]),
        (f"publishedAt.gt={day(3)}", [4]),
        (f"publishedAt.lte={day(2)}", [2, 0]),
        (f"publishedAt.lt={day(2)}", [0]),
        (f"publishedAt.gte={day(2)}&publishedAt.lt={day(4)}", [3, 1, 2]),
        ("homepage=true", []),
        ("homepage=false", [4, 3, 1, 2, 0]),
        (f"reverse&publishedAt.gte={day(3)}", [1, 3, 4]),
    ],
)
def test_a_page_is_what_the_filters_leave(newsroom: Newsroom, five: list[int], query: str, indexes: list[int]) -> None:
    assert found(newsroom, query) == [five[index] for index in indexes]


def test_documents_are_found_by_their_ids(newsroom: Newsroom, five: list[int]) -> None:
    a, b, c, d, e = five
    assert found(newsroom, f"id={a}") == [a]
    assert found(newsroom, f"id={a}, {c},{e},999999") == [e, c, a]
    assert found(newsroom, f"id.gt={a}&id.lte={c}") == [b, c]
    assert found(newsroom, f"id.gte={d}") == [e, d]
    assert found(newsroom, f"id.lt={b}") == [a]
    assert found(newsroom, "id=") == []


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("limit=x", "limit"),
        ("offset=10001", "offset"),
        ("id=1,x", "id"),
        ("id=99999999999999999999", "id"),
        (f"id={','.join(['1'] * 1001)}", "id"),
        ("id.gt=x", "id.gt"),
        ("documentTypes=poem", "documentTypes"),
        ("publishedAt.gte=2023-02-30", "publishedAt.gte"),
        ("reverse=maybe", "reverse"),
        ("homepage=1", "homepage"),
        ("fields=everything", "fields"),
        ("unheard=1", "unheard"),
    ],
)
def test_an_unknown_query_parameter_is_refused(newsroom: Newsroom, query: str, name: str) -> None:
    body = newsroom.read(f"documents/latestPublications?{query}", status=400)
    assert list(body["error_details"]) == [name]


def test_all_problems_are_reported_at_once(newsroom: Newsroom) -> None:
    body = newsroom.read("documents/latestPublications?limit=x&id.gt=y&publishedAt.lt=z", status=400)
    assert set(body["error_details"]) == {"limit", "id.gt", "publishedAt.lt"}


@pytest.mark.parametrize(("version", "wrapped"), [("v1", False), ("2025-11", False), ("2026-01", True)])
def test_the_list_has_the_shape_of_its_version(newsroom: Newsroom, version: str, wrapped: bool) -> None:
    newsroom.bring(published(1, content=[image()]))
    answer = newsroom.read("documents/latestPublications", version)
    (row,) = answer["results"] if wrapped else answer
    assert set(row) == {"systemdata", "metadata", "content"} | ({"references"} if version != "v1" else set())
    if version != "v1":
        assert row["references"][0]["id"] == "9fKagDCiN6sb"


def test_a_page_costs_the_same_whatever_is_on_it(newsroom: Newsroom, five: list[int]) -> None:
    def statements(limit: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            found(newsroom, f"limit={limit}", "2026-01")
        return len(captured)

    statements(1)  # the token's last use is noted once a minute
    assert statements(1) == statements(5)
