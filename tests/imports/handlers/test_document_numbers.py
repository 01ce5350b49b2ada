"""documentId: clients that leave another system may keep its numbers, as far as the operator allows."""

from typing import Any

import pytest

from documents.models import Document
from tests.api_client import Caller, document_item
from tests.newsroom import Newsroom


@pytest.fixture
def _thousand(settings: Any) -> None:
    settings.DOCUMENT_CUSTOM_IDS_BELOW = 1000


def problem(row: dict[str, Any]) -> str:
    assert (row["state"], row["reason"]) == ("failed", "Invalid documentId"), row
    message: str = row["error_details"]["message"]
    return message


@pytest.mark.usefixtures("_thousand")
def test_a_number_below_the_threshold_is_used(newsroom: Newsroom) -> None:
    """DOC-55"""
    assert newsroom.fine(documentId=999)["document_id"] == 999
    assert newsroom.fine(id="b", documentId=7.0)["document_id"] == 7


@pytest.mark.usefixtures("_thousand")
def test_the_numbers_that_are_given_out_are_above_it(newsroom: Newsroom) -> None:
    """DOC-55"""
    rows = newsroom.bring(document_item(), document_item(documentId=7), document_item(), document_item())
    first, chosen, *following = [row["document_id"] for row in rows]
    assert first >= 1000, "more where tests before have used up some: a sequence is not rolled back"
    assert [chosen, *following] == [7, first + 1, first + 2]


@pytest.mark.usefixtures("_thousand")
@pytest.mark.parametrize("number", [1000, 1001, 2**62])
def test_a_number_above_the_threshold_fails(newsroom: Newsroom, number: int) -> None:
    """DOC-56"""
    assert problem(newsroom.one(documentId=number)) == "documentId must be from 1 to 999"
    assert not Document.objects.exists()


def test_without_a_threshold_no_number_can_be_chosen(newsroom: Newsroom) -> None:
    """DOC-56"""
    assert problem(newsroom.one(documentId=7)) == "documentId cannot be chosen: this service gives them out"


@pytest.mark.usefixtures("_thousand")
def test_a_number_that_is_taken_fails(newsroom: Newsroom, herald: Caller) -> None:
    """DOC-56: in any project."""
    newsroom.fine(documentId=7)
    assert problem(newsroom.one(id="b", documentId=7)) == "documentId 7 is taken"
    job = herald.import_documents(document_item(documentId=7))
    newsroom.run()
    assert problem(herald.status(job, "documents")["logs"][0]) == "documentId 7 is taken"


@pytest.mark.usefixtures("_thousand")
def test_a_number_goes_to_the_first_of_a_batch_that_can_have_it(newsroom: Newsroom) -> None:
    """DOC-56"""
    broken = document_item(documentId=7, metadata={"unheard": 1})
    rows = newsroom.bring(broken, document_item(documentId=7), document_item(documentId=7))
    assert [row["state"] for row in rows] == ["failed", "imported", "failed"]
    assert problem(rows[2]) == "documentId 7 is taken"


@pytest.mark.usefixtures("_thousand")
def test_an_update_may_repeat_the_number_but_not_change_it(newsroom: Newsroom) -> None:
    """DOC-55, DOC-56"""
    newsroom.fine(documentId=7)
    assert newsroom.fine(documentId=7, checksum="2")["document_id"] == 7
    assert problem(newsroom.one(documentId=8, checksum="3")) == "documentId cannot be changed: it is 7"
