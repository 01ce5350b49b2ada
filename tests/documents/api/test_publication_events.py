"""GET publicationEvents: events of publications, for programs that poll."""

from typing import Any

import pytest
import time_machine

from documents import services
from documents.models import Document
from tests.api_client import Caller, document_item
from tests.newsroom import PUBLISH, Newsroom

PAGE = {"contentType": "page", "metadata": {"title": "t", "slug": "a"}}


def events(newsroom: Newsroom, query: str = "", version: str = "v1") -> list[dict[str, Any]]:
    answer = newsroom.read(f"publicationEvents?{query}", version)
    rows: list[dict[str, Any]] = answer if isinstance(answer, list) else answer["results"]
    return rows


def numbers(newsroom: Newsroom, query: str = "") -> list[int]:
    return [row["id"] for row in events(newsroom, query)]


@pytest.fixture
def five(newsroom: Newsroom) -> list[int]:
    """The documents of five events: two articles are published on the first of March, then on each day a page is,
    the first article again, and the page is unpublished."""
    with time_machine.travel("2026-03-01T00:00:00Z", tick=False):
        rows = newsroom.bring(document_item(id="a", flags=PUBLISH), document_item(id="b", flags=PUBLISH))
        rows += newsroom.bring(document_item(id="draft"))
    with time_machine.travel("2026-03-02T00:00:00Z", tick=False):
        rows += newsroom.bring(document_item(id="p", flags=PUBLISH) | PAGE)
    with time_machine.travel("2026-03-03T00:00:00Z", tick=False):
        newsroom.bring(document_item(id="a", checksum="2", flags=PUBLISH))
    a, b, _, page = (row["document_id"] for row in rows)
    with time_machine.travel("2026-03-04T00:00:00Z", tick=False):
        services.unpublish(Document.objects.get(pk=page), by="ines")
    return [a, b, page, a, page]


@pytest.mark.parametrize("version", ["v1", "beta", "2025-11"])
def test_events_are_an_array_up_to_2025_11(newsroom: Newsroom, five: list[int], version: str) -> None:
    """EVT-01"""
    assert [row["documentId"] for row in newsroom.read("publicationEvents", version)] == five


def test_events_stand_under_results_later(newsroom: Newsroom, five: list[int]) -> None:
    """EVT-01"""
    answer = newsroom.read("publicationEvents", "2026-01")
    assert answer.keys() == {"results"}
    assert [row["documentId"] for row in answer["results"]] == five


def test_a_row_has_what_programs_keep(newsroom: Newsroom) -> None:
    """EVT-03"""
    with time_machine.travel("2026-03-01T10:00:00.250Z", tick=False):
        row = newsroom.fine(flags=PUBLISH)
    project = newsroom.caller.project
    assert events(newsroom) == [
        {
            "id": 1,
            "createdAt": "2026-03-01T10:00:00.250Z",
            "projectId": project.pk,
            "channelId": project.pk,
            "documentId": row["document_id"],
            "documentType": "article",
            "contentType": "article",
            "eventType": "publish",
            "publicationId": Document.objects.get().live_publication_id,
        }
    ]


def test_the_first_publication_is_publish_then_come_updates_then_unpublish(newsroom: Newsroom) -> None:
    """EVT-04"""
    for number in range(3):
        newsroom.fine(checksum=f"{number}", flags=PUBLISH)
    newsroom.fine(flags={"unpublish": True}, checksum="gone")
    services.publish(Document.objects.get(), by="ines")
    found = events(newsroom)
    assert [row["eventType"] for row in found] == ["publish", "update", "update", "unpublish", "publish"]
    publications = [row["publicationId"] for row in found]
    assert publications[3] == publications[2], "the one that was taken down"
    assert len(set(publications)) == 4


def test_what_comes_after_an_id_is_exclusive_and_rises(newsroom: Newsroom, five: list[int]) -> None:
    """EVT-02"""
    ids = numbers(newsroom)
    assert ids == sorted(set(ids))
    assert numbers(newsroom, f"after={ids[1]}") == ids[2:]
    assert numbers(newsroom, f"after={ids[1]}&limit=2") == ids[2:4]
    assert numbers(newsroom, f"after={ids[-1]}&limit=1000") == []
    assert numbers(newsroom, "after=0") == ids
    assert [row["id"] for row in events(newsroom, f"after={ids[1]}", "2026-05")] == ids[2:], "in no version a cursor"


def test_the_limit_has_its_bounds(newsroom: Newsroom, five: list[int]) -> None:
    """EVT-02"""
    assert len(numbers(newsroom, "limit=1000")) == 5
    assert numbers(newsroom, "limit=0") == []
    details = newsroom.read("publicationEvents?limit=1001", status=400)["error_details"]
    assert details == {"limit": "must be an integer from 0 to 1000"}


@pytest.mark.parametrize(
    ("query", "indexes"),
    [
        ("reverse", [4, 3, 2, 1, 0]),
        ("reverse=true&limit=2", [4, 3]),
        ("contentTypes=page", [2, 4]),
        ("contentTypes=page,article", [0, 1, 2, 3, 4]),
        ("contentTypes=poem", []),
        ("documentTypes=article", [0, 1, 3]),
        ("documentTypes=page,data-record", [2, 4]),
        ("id.gt=2", [2, 3, 4]),
        ("id.gte=2&id.lt=5", [1, 2, 3]),
        ("id.lte=2&reverse", [1, 0]),
        ("createdAt.gte=2026-03-02T00:00:00.000Z", [2, 3, 4]),
        ("createdAt.gt=2026-03-02", [3, 4]),
        ("createdAt.lt=2026-03-02", [0, 1]),
        ("createdAt.lte=2026-03-02&contentTypes=page", [2]),
    ],
)
def test_filters(newsroom: Newsroom, five: list[int], query: str, indexes: list[int]) -> None:
    """EVT-06"""
    assert numbers(newsroom, query) == [index + 1 for index in indexes]


def test_every_parameter_that_is_wrong_is_named(newsroom: Newsroom) -> None:
    query = "limit=x&reverse=maybe&documentTypes=poem&id.gt=1.5&createdAt.lt=yesterday"
    assert newsroom.read(f"publicationEvents?{query}", status=400)["error_details"] == {
        "limit": "must be an integer from 0 to 1000",
        "reverse": "Invalid type: expected boolean",
        "documentTypes": 'No enum match for: "poem"',
        "id.gt": "Invalid type: expected integer",
        "createdAt.lt": 'must match format "date-time"',
    }
    assert newsroom.read("publicationEvents?after=x", status=400)["error_details"].keys() == {"after"}
    assert newsroom.read("publicationEvents?after=1&id.lt=3", status=400)["error_details"].keys() == {"after"}


def test_another_project_has_numbers_of_its_own(newsroom: Newsroom, five: list[int], herald: Caller) -> None:
    assert herald.get("publicationEvents").json() == []


def test_the_name_of_a_channel_may_stand_in_the_path(newsroom: Newsroom, five: list[int]) -> None:
    assert newsroom.read("publicationEvents/web?limit=1") == events(newsroom, "limit=1")


def test_the_list_is_for_tokens_that_may_read(newsroom: Newsroom) -> None:
    assert newsroom.caller.with_scopes("public-api:write").get("publicationEvents").status_code == 403


def test_what_was_rolled_back_has_no_event(newsroom: Newsroom) -> None:
    newsroom.one(**PAGE | {"metadata": {}}, flags=PUBLISH)
    assert events(newsroom) == []
