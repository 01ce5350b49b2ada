"""Webhooks report when a component of a publication appears or disappears."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from documents.content.next_change import next_change
from documents.models import Publication
from documents.revisions import timed_changes
from tests.newsroom import PUBLISH, Newsroom, paragraph
from tests.subscribers import Subscriber

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def shown(**period: Any) -> dict[str, Any]:
    return paragraph("x", conditions={"dateTime": {key: value and value.isoformat() for key, value in period.items()}})


@pytest.mark.parametrize(
    ("content", "hours"),
    [
        ([], None),
        ([paragraph("x"), paragraph("x", conditions={"brands": ["blue"]})], None),
        ([paragraph("x", conditions={"dateTime": None})], None),
        ([shown(gte=NOON, lt=None)], None),
        ([shown(gte=NOON + timedelta(hours=2)), shown(lt=NOON + timedelta(hours=1))], 1),
        ([shown(gte=NOON - timedelta(hours=1), lt=NOON + timedelta(hours=3))], 3),
        ([{"component": "gallery", "containers": {"images": [shown(lt=NOON + timedelta(hours=4))]}}], 4),
    ],
)
def test_the_next_change_is_the_first_bound_to_come(content: Any, hours: int | None) -> None:
    assert next_change(content, NOON) == (None if hours is None else NOON + timedelta(hours=hours))


def test_readers_are_reported_without_an_actor(newsroom: Newsroom, subscriber: Subscriber) -> None:
    """WHK-12"""
    subscriber.subscribe({"name": "publication.update", "conditions": {"contentTypes": ["article"]}})
    with time_machine.travel(NOON):
        limited = shown(gte=NOON + timedelta(hours=1), lt=NOON + timedelta(hours=2))
        row = newsroom.fine(content=[limited], flags=PUBLISH)
        assert timed_changes.tell_changes() == 0
    for hours in (1, 2):
        with time_machine.travel(NOON + timedelta(hours=hours, minutes=1)):
            assert timed_changes.tell_changes() == 1
            assert timed_changes.tell_changes() == 0, "once"
        (reported,) = subscriber.received()
        assert (reported["event"], reported["documentId"]) == ("publication.update", row["document_id"])
        assert "actor" not in reported
    assert Publication.objects.get().changes_at is None


def test_deleted_documents_and_drafts_have_no_events(newsroom: Newsroom, subscriber: Subscriber) -> None:
    subscriber.subscribe("publication.update")
    with time_machine.travel(NOON):
        content = [shown(gte=NOON + timedelta(hours=1))]
        newsroom.fine(id="draft", content=content)
        newsroom.fine(id="gone", content=content, flags=PUBLISH)
        newsroom.bring({"id": "gone", "checksum": "2", "flags": {"unpublish": True}})
    with time_machine.travel(NOON + timedelta(hours=2)):
        assert timed_changes.tell_changes() == 0
