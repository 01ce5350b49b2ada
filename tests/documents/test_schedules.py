"""Planned publications: carried out at their time, or kept with the reason why not."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from documents import services
from documents.housekeeping import carry_out_schedules
from documents.models import Document, PublicationEvent, PublicationSchedule
from livingdocs_import.project_config import store
from livingdocs_import.timestamps import timestamp
from tests.api_client import CONFIG, Caller, store_unreadable_config
from tests.newsroom import PUBLISH, Newsroom
from tests.operators import operator

SOON = timestamp(timezone.now() + timedelta(days=1))
LATER = timestamp(timezone.now() + timedelta(days=2))


@pytest.fixture
def document(newsroom: Newsroom) -> int:
    return int(newsroom.fine(metadata={"title": "t"})["document_id"])


def send(caller: Caller, document: int, *commands: dict[str, Any], status: int = 204) -> Any:
    answer = caller.patch(f"documents/{document}/commands", {"commands": list(commands)})
    assert answer.status_code == status, answer.content
    return answer


def plan(action: str, date: str = SOON) -> dict[str, Any]:
    return {"operation": f"add{action}Schedule", "date": date}


def cancel(action: str) -> dict[str, Any]:
    return {"operation": f"cancel{action}Schedule"}


def let_time_pass() -> int:
    """Until everything that is planned is due; how many were dealt with."""
    PublicationSchedule.objects.filter(refused_at=None).update(due_at=F("due_at") - timedelta(days=30))
    return carry_out_schedules()


def test_a_document_is_published_and_unpublished_as_planned(newsroom: Newsroom, document: int) -> None:
    """CMD-10"""
    send(newsroom.caller, document, plan("Publish"))
    assert carry_out_schedules() == 0
    newsroom.publication(document, status=404)
    assert let_time_pass() == 1
    assert newsroom.publication(document)["metadata"] == {"title": "t"}
    send(newsroom.caller, document, plan("Unpublish"))
    assert let_time_pass() == 1
    newsroom.publication(document, status=404)
    assert let_time_pass() == 0
    assert [event.event_type for event in PublicationEvent.objects.order_by("number")] == ["publish", "unpublish"]
    assert not PublicationSchedule.objects.exists()


def test_a_later_plan_takes_the_place_of_the_first(newsroom: Newsroom, document: int) -> None:
    send(newsroom.caller, document, plan("Unpublish", SOON), plan("Publish", SOON))
    send(newsroom.caller, document, plan("Publish", LATER))
    assert {each.action: timestamp(each.due_at) for each in PublicationSchedule.objects.all()} == {
        "publish": LATER, "unpublish": SOON,
    }  # fmt: skip
    assert PublicationSchedule.objects.first().created_by == "tests"  # type: ignore[union-attr]


def test_what_was_cancelled_does_not_happen(newsroom: Newsroom, document: int) -> None:
    """CMD-10"""
    send(newsroom.caller, document, plan("Unpublish"), plan("Publish"))
    send(newsroom.caller, document, cancel("Publish"), cancel("Publish"))
    assert [each.action for each in PublicationSchedule.objects.all()] == ["unpublish"]
    send(newsroom.caller, document, cancel("Unpublish"), plan("Publish"))
    assert [each.action for each in PublicationSchedule.objects.all()] == ["publish"]


def test_a_date_in_the_past_is_refused(newsroom: Newsroom, document: int) -> None:
    answer = send(newsroom.caller, document, plan("Publish", "2001-01-01T00:00:00.000Z"), status=400)
    assert answer.json()["error_details"] == {
        "message": "Command at index 0 failed: The date of a schedule must be in the future",
        "commandIndex": 0,
    }
    assert not PublicationSchedule.objects.exists()


def test_a_plan_that_is_refused_at_its_time_is_kept_with_the_reason_and_not_tried_again(
    newsroom: Newsroom, document: int, caplog: pytest.LogCaptureFixture
) -> None:
    """CMD-10: the embargo holds; planning it again starts over."""
    send(newsroom.caller, document, {"operation": "setEmbargo", "reason": "court order"}, plan("Publish"))
    assert let_time_pass() == 1
    newsroom.publication(document, status=404)
    schedule = PublicationSchedule.objects.get()
    assert schedule.refused_at is not None
    assert schedule.refusal == {"reason": "Document is under embargo", "message": "court order"}
    assert f"document {document}: publish" in caplog.text
    assert let_time_pass() == 0
    send(newsroom.caller, document, {"operation": "removeEmbargo"}, plan("Publish"))
    assert let_time_pass() == 1
    newsroom.publication(document)


def test_a_plan_does_not_publish_what_is_incomplete(newsroom: Newsroom) -> None:
    page = int(newsroom.fine(contentType="page", metadata={})["document_id"])
    send(newsroom.caller, page, plan("Publish"))
    assert let_time_pass() == 1
    refusal = PublicationSchedule.objects.get().refusal
    assert refusal["reason"] == "Invalid metadata"
    assert {error["metadataProperty"] for error in refusal["errors"]} == {"title", "slug"}


def test_one_that_cannot_be_carried_out_does_not_hold_up_the_others(
    newsroom: Newsroom, document: int, herald: Caller
) -> None:
    other = Document.objects.get(pk=document)
    send(newsroom.caller, document, plan("Publish"))
    job = herald.import_documents({"id": "a", "title": "A", "contentType": "article", "checksum": "1"})
    newsroom.run()
    theirs = herald.status(job, "documents")["logs"][0]["document_id"]
    send(herald, theirs, plan("Publish", LATER))
    store_unreadable_config(other.project)
    assert let_time_pass() == 2
    assert herald.get(f"documents/{theirs}/latestPublication").status_code == 200
    assert PublicationSchedule.objects.get().refusal["reason"] == "Could not be carried out"


def test_nothing_is_planned_for_a_document_that_is_deleted(newsroom: Newsroom, document: int) -> None:
    send(newsroom.caller, document, plan("Publish"))
    services.delete(Document.objects.get(), by="ines")
    assert not PublicationSchedule.objects.exists()


def test_a_document_that_is_published_already_stays_published(newsroom: Newsroom, document: int) -> None:
    send(newsroom.caller, document, plan("Publish"))
    services.publish(Document.objects.get(), by="ines")
    assert let_time_pass() == 1
    assert PublicationEvent.objects.count() == 1


def test_operators_see_what_is_planned_and_what_was_refused(newsroom: Newsroom, document: int) -> None:
    client = operator()
    newsroom.fine(checksum="2", flags=PUBLISH)
    send(newsroom.caller, document, {"operation": "setEmbargo"}, plan("Unpublish", LATER), plan("Publish"))
    page = f"/admin/documents/document/{document}/change/"
    assert "pending" in client.get(page).content.decode()
    let_time_pass()
    store.store(newsroom.caller.project, CONFIG, by="test")
    text = client.get(page).content.decode()
    assert "It must not be published now." in text
    listed = "/admin/documents/document/?schedule="
    assert f"/document/{document}/" in client.get(f"{listed}refused").content.decode()
    assert f"/document/{document}/" not in client.get(f"{listed}pending").content.decode()
    services.cancel_schedules(Document.objects.get())
    assert not PublicationSchedule.objects.exists()
