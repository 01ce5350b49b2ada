"""Polling for events during publications misses none: numbers become readable in order."""

import threading
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection, transaction

from documents import services
from documents.models import Document, PublicationEvent, PublicationEventCounter
from tests.api_client import Caller, document_item, make_project
from tests.newsroom import PUBLISH
from tests.workers import drain

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
SideBySide = Callable[[Sequence[Callable[[], Any]]], list[Any]]


@pytest.fixture
def caller(transactional_db: None) -> Caller:
    return Caller(make_project("races"))


def test_a_poller_misses_no_event(caller: Caller, side_by_side: SideBySide) -> None:
    """EVT-05: workers publish chunks of many sizes, editors publish and unpublish, each poll follows the last id."""
    by_hand = [document_item() for _ in range(4)]
    caller.import_documents(*by_hand)
    drain()
    documents = list(Document.objects.all())
    for size in (150, 1, 60, 3, 90, 7):
        caller.import_documents(*(document_item(flags=PUBLISH) for _ in range(size)))
    done, seen = threading.Event(), list[int]()

    def poll() -> None:
        idle = False
        while not idle:
            idle = done.is_set()  # before the last poll, not after it
            while rows := caller.get(f"publicationEvents?after={seen[-1] if seen else 0}&limit=20").json():
                seen.extend(row["id"] for row in rows)

    def edit(document: Document) -> None:
        for _ in range(15):
            services.publish(document, by="ines")
            services.unpublish(document, by="ines")

    def write() -> None:
        results = side_by_side([drain, drain, drain, *(lambda one=one: edit(one) for one in documents)])
        done.set()
        assert [result for result in results if isinstance(result, Exception)] == []

    writers = threading.Thread(target=write)
    writers.start()
    poll()
    writers.join()
    stored = list(PublicationEvent.objects.order_by("number").values_list("number", flat=True))
    assert len(stored) == 311 + 4 * 30
    assert seen == stored
    assert all(second == first + 1 for first, second in pairwise(stored)), "nothing was rolled back"


def test_an_event_is_not_readable_before_one_with_a_lower_number(caller: Caller) -> None:
    """EVT-05: the slower transaction took its number first; the other one waits for it."""
    caller.import_documents(*(document_item() for _ in range(2)))
    drain()
    first, second = Document.objects.order_by("pk")
    numbered, committed = threading.Event(), list[str]()

    def slow() -> None:
        with transaction.atomic():
            services.publish(first, by="ines")
            numbered.set()
            time.sleep(0.5)
            committed.append("slow")
        connection.close()

    def fast() -> None:
        numbered.wait()
        services.publish(second, by="ines")
        committed.append("fast")
        connection.close()

    threads = [threading.Thread(target=each) for each in (slow, fast)]
    for thread in threads:
        thread.start()
    numbered.wait()
    assert caller.get("publicationEvents").json() == []
    for thread in threads:
        thread.join()
    assert committed == ["slow", "fast"]
    assert [row["documentId"] for row in caller.get("publicationEvents").json()] == [first.pk, second.pk]


def test_no_request_waits_for_the_events_of_an_import(caller: Caller) -> None:
    """The counter is locked while a transaction with events ends: transactions without events do not need it."""
    with transaction.atomic():
        PublicationEventCounter.objects.get_or_create(project=caller.project)
        PublicationEventCounter.objects.select_for_update().get(project=caller.project)
        answers: list[Any] = []

        def ask() -> None:
            answers.append(caller.post("import/documents", {"systemName": "cms", "documents": [document_item()]}))
            answers.append(caller.get("publicationEvents"))
            connection.close()

        thread = threading.Thread(target=ask)
        thread.start()
        thread.join(timeout=10)
        assert [answer.status_code for answer in answers] == [200, 200]


def test_two_projects_do_not_wait_for_each_other(caller: Caller) -> None:
    other = Caller(make_project("neighbours"))
    for each in (caller, other):
        each.import_documents(document_item())
    drain()
    mine, theirs = (Document.objects.get(project=each.project) for each in (caller, other))
    with transaction.atomic():
        services.publish(mine, by="ines")

        def publish() -> None:
            services.publish(theirs, by="ines")
            connection.close()

        thread = threading.Thread(target=publish)
        thread.start()
        thread.join(timeout=10)
        assert [row["id"] for row in other.get("publicationEvents").json()] == [1]
