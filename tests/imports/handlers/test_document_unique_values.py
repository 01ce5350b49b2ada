"""li-unique-id: a value that only one published document of a project may have."""

from typing import Any

import pytest

from documents import services
from documents.models import Document, UniqueValue
from livingdocs_import.errors import Rejected
from tests.api_client import Caller, document_item
from tests.newsroom import PUBLISH, Newsroom

TAKEN = [{"metadataProperty": "slug", "message": "The value of '/slug' must be unique"}]


def page(slug: str, **fields: Any) -> dict[str, Any]:
    return document_item(contentType="page", metadata={"title": "t", "slug": slug}, flags=PUBLISH) | fields


def values_in_use() -> set[str]:
    return set(UniqueValue.objects.values_list("value", flat=True))


def test_a_value_is_taken_by_the_first_that_is_published(newsroom: Newsroom) -> None:
    newsroom.bring(page("home"))
    (row,) = newsroom.bring(page("home"))
    assert (row["state"], row["reason"]) == ("failed", "Invalid metadata")
    assert row["error_details"]["errors"] == TAKEN


def test_a_value_is_taken_by_the_first_of_a_batch(newsroom: Newsroom) -> None:
    rows = newsroom.bring(page("home"), page("home"), page("about"))
    assert [row["state"] for row in rows] == ["published", "failed", "published"]


def test_drafts_may_have_what_is_taken(newsroom: Newsroom) -> None:
    """Uniqueness counts on publication (spec 4.3)."""
    rows = newsroom.bring(page("home"), page("home", flags={}))
    assert [row["state"] for row in rows] == ["published", "imported"]


def test_a_document_keeps_its_own_value(newsroom: Newsroom) -> None:
    newsroom.bring(page("home", id="a"))
    assert newsroom.bring(page("home", id="a", checksum="2"))[0]["state"] == "published"
    assert values_in_use() == {"home"}


def test_a_value_is_free_again_when_its_document_has_another_or_is_taken_back(newsroom: Newsroom) -> None:
    newsroom.bring(page("home", id="a"), page("about", id="b"))
    rows = newsroom.bring(
        page("start", id="a", checksum="2"),
        page("home", id="c"),
        {"id": "b", "checksum": "2", "flags": {"unpublish": True}},
        page("about", id="d"),
    )
    assert [row["state"] for row in rows] == ["published", "published", "unpublished", "published"]
    assert values_in_use() == {"start", "home", "about"}


def test_a_draft_does_not_give_up_what_its_publication_holds(newsroom: Newsroom) -> None:
    newsroom.bring(page("home", id="a"))
    newsroom.bring(page("start", id="a", checksum="2", flags={}))
    assert newsroom.bring(page("home"))[0]["state"] == "failed"


def test_other_projects_have_values_of_their_own(newsroom: Newsroom, herald: Caller) -> None:
    newsroom.bring(page("home"))
    job = herald.import_documents(page("home"))
    newsroom.run()
    assert herald.status(job, "documents")["logs"][0]["state"] == "published"


def test_a_value_is_refused_by_hand_as_well(newsroom: Newsroom) -> None:
    _, row = newsroom.bring(page("home"), page("home", flags={}))
    with pytest.raises(Rejected) as refused:
        services.publish(Document.objects.get(pk=row["document_id"]), by="ines")
    assert refused.value.errors == TAKEN


def test_a_value_that_is_too_long_to_be_looked_up_is_refused(newsroom: Newsroom) -> None:
    (row,) = newsroom.bring(page("x" * 401))
    assert row["error_details"]["errors"][0]["message"] == "The value of '/slug' must NOT have more than 400 characters"
