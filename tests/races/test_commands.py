"""Commands beside commands, imports and housekeeping: each request counts, and no schedule is carried out twice."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from documents.housekeeping import carry_out_schedules
from documents.models import Document, PublicationEvent, PublicationSchedule, Revision
from tests.api_client import Caller, document_item, make_project
from tests.workers import drain

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
SideBySide = Callable[[Sequence[Callable[[], Any]]], list[Any]]


@pytest.fixture
def caller(transactional_db: None) -> Caller:
    return Caller(make_project("races"))


def send(caller: Caller, document: int, command: dict[str, Any], **fields: Any) -> int:
    body = {"commands": [command]} | fields
    return int(caller.patch(f"documents/{document}/commands", body).status_code)


def test_of_requests_for_one_version_one_is_carried_out(caller: Caller, side_by_side: SideBySide) -> None:
    """CMD-03"""
    caller.import_documents(document_item())
    drain()
    document = Document.objects.get().pk
    command = {"operation": "setTitle", "value": "x"}
    for version in range(1, 6):
        calls = [lambda version=version: send(caller, document, command, version=version)] * 5
        assert sorted(side_by_side(calls)) == [204, 409, 409, 409, 409]
    assert Document.objects.get().version == Revision.objects.count() == 6


def test_without_a_version_all_are_carried_out(caller: Caller, side_by_side: SideBySide) -> None:
    caller.import_documents(document_item(id="a"))
    drain()
    document = Document.objects.get().pk
    caller.import_documents(document_item(id="a", checksum="2", flags={"autoPublish": True}))
    commands: list[dict[str, Any]] = [{"operation": "setTitle", "value": f"{n}"} for n in range(4)]
    commands += [{"operation": "publish"}, {"operation": "unpublish"}]
    results = side_by_side([drain, *(lambda c=c: send(caller, document, c) for c in commands)])
    assert results[1:] == [204] * 6
    assert Document.objects.get().version == 8
    assert Revision.objects.count() == 6


def test_a_schedule_is_carried_out_once(caller: Caller, side_by_side: SideBySide) -> None:
    """CMD-10: the second one finds it gone."""
    caller.import_documents(*(document_item() for _ in range(10)))
    drain()
    for document in Document.objects.all():
        plan = {"operation": "addPublishSchedule", "date": "2099-01-01T00:00:00.000Z"}
        assert send(caller, document.pk, plan) == 204
    PublicationSchedule.objects.update(due_at=F("due_at") - timedelta(days=365 * 100))
    assert sum(side_by_side([carry_out_schedules] * 3)) == 10
    assert PublicationEvent.objects.count() == 10
    assert not PublicationSchedule.objects.exists()
