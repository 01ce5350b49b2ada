"""Events of documents for a project's webhooks, for each kind of actor."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from documents import services
from documents.housekeeping import carry_out_schedules
from documents.models import Document, Publication, PublicationSchedule
from livingdocs_import.models import WebhookDelivery
from livingdocs_import.timestamps import timestamp
from tests.api_client import CONFIG, document_item
from tests.newsroom import PUBLISH, Newsroom, paragraph
from tests.subscribers import Subscriber

ALL = [
    *(f"document.{event}" for event in ("create", "update", "delete", "publish", "unpublish", "build")),
    "publication.update",
]
IMPORTER = {"type": "importer", "name": "Importer"}
DELIVERY_ID = re.compile(r"[A-Za-z0-9_-]{21}")


def document(row: dict[str, Any]) -> Document:
    return Document.objects.select_related("project").get(pk=row["document_id"])


def test_an_imported_document_is_created_and_published(newsroom: Newsroom, subscriber: Subscriber) -> None:
    """WHK-12, WHK-16"""
    subscriber.subscribe(*ALL)
    row = newsroom.fine(flags=PUBLISH)
    created, published = sorted(
        (request.json() for request in subscriber.origin.asked("/cache")), key=lambda body: str(body["event"])
    )
    common = {
        "projectId": newsroom.caller.project.pk,
        "projectHandle": "times",
        "webhookHandle": "cache",
        "documentId": row["document_id"],
        "actor": IMPORTER,
    }
    assert all(DELIVERY_ID.fullmatch(body.pop("deliveryId")) for body in (created, published))
    assert created == {"event": "document.create"} | common
    event = published.pop("publicationEvent")
    assert published == {"event": "document.publish"} | common
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", event.pop("createdAt"))
    assert event == {
        "contentType": "article",
        "documentType": "article",
        "eventType": "publish",
        "publicationId": Publication.objects.get().pk,
        "projectId": newsroom.caller.project.pk,
        "channelId": newsroom.caller.project.pk,
        "documentId": row["document_id"],
    }


def bring(newsroom: Newsroom, subscriber: Subscriber, **fields: Any) -> list[dict[str, Any]]:
    """Import document `a` with these fields; returns the events."""
    seen = len(subscriber.origin.asked("/cache"))
    newsroom.fine(**fields)
    return sorted(
        (request.json() for request in subscriber.origin.asked("/cache")[seen:]), key=lambda body: str(body["event"])
    )


def test_what_an_import_changes_is_reported(newsroom: Newsroom, subscriber: Subscriber) -> None:
    """WHK-17: the metadata properties that have changed; none where only the content has."""
    newsroom.fine(metadata={"title": "a", "description": "b"}, checksum="1")
    subscriber.subscribe(*ALL)
    (updated,) = bring(newsroom, subscriber, metadata={"title": "c"}, checksum="2")
    assert (updated["event"], updated["metadataPropertyChanges"]) == ("document.update", ["title", "description"])
    (updated,) = bring(newsroom, subscriber, metadata={"title": "c"}, content=[paragraph("new")], checksum="3")
    assert updated["metadataPropertyChanges"] == []
    assert bring(newsroom, subscriber, checksum="3") == [], "an item that is skipped changes nothing"


def test_publications_are_reported_as_in_the_event_feed(newsroom: Newsroom, subscriber: Subscriber) -> None:
    subscriber.subscribe("document.publish", "document.unpublish")
    first, again, gone = (
        bring(newsroom, subscriber, checksum=str(number), flags=flags)[0]
        for number, flags in enumerate([PUBLISH, PUBLISH, {"unpublish": True}])
    )
    kinds = [body["publicationEvent"]["eventType"] for body in (first, again, gone)]
    assert kinds == ["publish", "update", "unpublish"]
    assert gone["event"] == "document.unpublish"
    assert gone["publicationEvent"]["publicationId"] == again["publicationEvent"]["publicationId"]
    seen = len(subscriber.origin.webhooks)
    newsroom.bring({"id": "a", "checksum": "9", "flags": {"unpublish": True}})
    assert len(subscriber.origin.webhooks) == seen, "it was not published any more"


def test_another_visible_date_of_what_is_public_is_an_update_of_the_publication(
    newsroom: Newsroom, subscriber: Subscriber
) -> None:
    subscriber.subscribe("publication.update")
    control = {"visiblePublicationDateOverride": "2026-02-01T00:00:00Z"}
    assert bring(newsroom, subscriber, checksum="1", flags=PUBLISH, publishControl=control) == []
    assert bring(newsroom, subscriber, checksum="2", flags=PUBLISH) == []
    control = {"visiblePublicationDateOverride": "2026-03-01T00:00:00Z"}
    (reported,) = bring(newsroom, subscriber, checksum="3", flags=PUBLISH, publishControl=control)
    assert (reported["event"], reported["actor"]) == ("publication.update", IMPORTER)


@pytest.mark.parametrize(
    ("conditions", "is_reported"),
    [
        ({}, True),
        ({"contentTypes": ["page", "article"]}, True),
        ({"contentTypes": ["page"]}, False),
        ({"contentTypes": []}, False),
        ({"metadataProperties": [{"name": "title", "value": "a"}, {"name": "description", "value": "b"}]}, True),
        ({"metadataProperties": [{"name": "title", "value": "a"}, {"name": "description", "value": "x"}]}, False),
        ({"contentTypes": ["article"], "metadataProperties": [{"name": "title", "value": "x"}]}, False),
        ({"metadataProperties": [{"name": "title", "value": None}]}, False),
    ],
)
def test_all_conditions_must_hold(
    newsroom: Newsroom, subscriber: Subscriber, conditions: dict[str, Any], is_reported: bool
) -> None:
    """WHK-19"""
    events = [{"name": name, "conditions": conditions} for name in ("document.create", "document.unpublish")]
    subscriber.subscribe(*events)
    metadata = {"title": "a", "description": "b"}
    reported = bring(newsroom, subscriber, checksum="1", flags=PUBLISH, metadata=metadata)
    assert [body["event"] for body in reported] == (["document.create"] if is_reported else [])
    bare = {"id": "a", "checksum": "2", "flags": {"unpublish": True}}
    newsroom.bring(bare)
    unpublished = [body for body in subscriber.origin.webhooks if body.json()["event"] == "document.unpublish"]
    assert len(unpublished) == is_reported, "also where the item says nothing of the metadata"


def test_a_change_filter_holds_back_updates_of_other_properties(newsroom: Newsroom, subscriber: Subscriber) -> None:
    """WHK-18: what has changed counts, not what the document has."""
    subscriber.subscribe({"name": "document.update", "changeFilter": {"metadataProperties": ["title"]}})
    newsroom.fine(metadata={"title": "a", "description": "b"}, checksum="1")
    assert bring(newsroom, subscriber, metadata={"title": "a", "description": "c"}, checksum="2") == []
    (reported,) = bring(newsroom, subscriber, metadata={"title": "b", "description": "d"}, checksum="3")
    assert reported["metadataPropertyChanges"] == ["title", "description"]


def test_what_people_do_by_hand_is_reported_without_their_names(newsroom: Newsroom, subscriber: Subscriber) -> None:
    """WHK-20"""
    row = newsroom.fine(metadata={"title": "a"})
    subscriber.subscribe(*ALL)
    edited = document(row)
    services.change(edited, title="x", metadata={"title": "b"}, by="ines")
    services.publish(edited, by="ines")
    services.delete(edited, by="ines")
    reported = subscriber.received()
    assert [body["event"] for body in reported] == [
        "document.delete", "document.publish", "document.unpublish", "document.update",
    ]  # fmt: skip
    assert {str(body["actor"]) for body in reported} == {"{'type': 'user'}"}
    services.restore(edited, by="ines")
    (restored,) = subscriber.received()
    assert (restored["event"], restored["metadataPropertyChanges"]) == ("document.update", [])


def test_commands_have_the_client_as_actor_and_schedules_have_none(newsroom: Newsroom, subscriber: Subscriber) -> None:
    """WHK-20"""
    document_id = newsroom.fine(metadata={"title": "a"})["document_id"]
    subscriber.subscribe("document.update", "document.publish", "document.unpublish")

    def send(*commands: dict[str, Any]) -> None:
        answer = newsroom.caller.patch(f"documents/{document_id}/commands", {"commands": list(commands)})
        assert answer.status_code == 204, answer.content

    change = {"operation": "setMetadataProperty", "propertyName": "title", "value": "b"}
    send(change, {"operation": "publish"})
    published, updated = subscriber.received()
    assert (updated["metadataPropertyChanges"], updated["actor"]) == (
        ["title"],
        {"type": "api-client", "name": "tests"},
    )
    assert published["actor"] == updated["actor"]
    send({"operation": "addUnpublishSchedule", "date": timestamp(timezone.now() + timedelta(days=1))})
    PublicationSchedule.objects.update(due_at=timezone.now() - timedelta(days=1))
    assert carry_out_schedules() == 1
    (reported,) = subscriber.received()
    assert (reported["event"], "actor" in reported) == ("document.unpublish", False)


def test_the_name_and_the_address_of_a_user_are_exposed_where_the_webhook_says_so(
    newsroom: Newsroom, subscriber: Subscriber
) -> None:
    """WHK-20"""
    User.objects.create(username="ines", first_name="Inês", last_name="Moreira", email="ines@times.example")
    row = newsroom.fine()
    subscriber.subscribe("document.publish", exposeUserActor=True)
    edited = document(row)
    services.publish(edited, by="ines")
    (reported,) = subscriber.received()
    assert reported["actor"] == {"type": "user", "name": "Inês Moreira", "email": "ines@times.example"}


def exporting(handle: str) -> dict[str, Any]:
    """The configuration with articles that are exported to this delivery."""
    control = {"publishControl": {"mode": "export", "deliveryHandle": handle}}
    content_types = [each | control if each["handle"] == "article" else each for each in CONFIG["contentTypes"]]
    return CONFIG | {"contentTypes": content_types}


def test_publishing_for_export_builds_a_delivery(newsroom: Newsroom, subscriber: Subscriber) -> None:
    """WHK-29"""
    awaited = {"name": "document.build", "conditions": {"deliveryHandles": ["print"]}}
    subscriber.subscribe(awaited, config=exporting("print"))
    (reported,) = bring(newsroom, subscriber, checksum="1", flags=PUBLISH)
    assert (reported["event"], reported["deliveryHandle"]) == ("document.build", "print")
    assert reported["publicationId"] == Publication.objects.get().pk
    assert re.fullmatch(r"[0-9A-Za-z]{12}", reported["reportId"])
    subscriber.subscribe(awaited, config=exporting("web"))
    assert bring(newsroom, subscriber, checksum="2", flags=PUBLISH) == []


def test_an_item_that_fails_reports_nothing(newsroom: Newsroom, subscriber: Subscriber) -> None:
    """WHK-26"""
    subscriber.subscribe(*ALL)
    good, bad = newsroom.bring(document_item(), document_item(metadata={"unknown": 1}))
    assert (good["state"], bad["state"]) == ("imported", "failed")
    assert [request.json()["documentId"] for request in subscriber.origin.webhooks] == [good["document_id"]]


def test_what_is_rolled_back_is_not_reported(newsroom: Newsroom, subscriber: Subscriber) -> None:
    """WHK-26"""
    row = newsroom.fine()
    subscriber.subscribe(*ALL)
    with transaction.atomic():
        services.publish(document(row), by="ines")
        assert WebhookDelivery.objects.count() == 1, "in the same transaction"
        transaction.set_rollback(True)
    assert not WebhookDelivery.objects.exists()


def test_a_project_without_webhooks_is_not_asked_about_them(newsroom: Newsroom) -> None:
    edited = document(newsroom.fine())
    with CaptureQueriesContext(connection) as queries:
        services.publish(edited, by="ines")
    assert [query["sql"] for query in queries if "webhook" in query["sql"].partition(" FROM ")[2]] == []
