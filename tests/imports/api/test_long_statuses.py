"""Statuses of large jobs: complete, in order, and without holding all of it in memory or a cursor open."""

import tracemalloc
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from imports import services
from imports.api import responses
from imports.models import ImportItem, ImportJob
from livingdocs_import.db import bulk_copy
from tests.api_client import Caller

MB = 1024 * 1024


def finished_job(times: Caller, number: int, *, details: int = 0) -> str:
    """A job of so many items that all have failed; `details`: bytes that the row of each item has at least."""
    job = times.import_images()
    row = ImportJob.objects.get(public_id=job)
    reported = {"message": "x" * details} if details else None
    columns = ("job", "position", "external_id", "title", "payload", "outcome", "reason", "details", "due_at")
    rows = [(row.pk, place, str(place), "", {}, "failed", "why not", reported, None) for place in range(number)]
    bulk_copy.insert(ImportItem, columns, rows)
    ImportJob.objects.filter(pk=row.pk).update(total=number, failed=number)
    return job


def content(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


@pytest.mark.parametrize("number", [0, 1, responses.BATCH - 1, responses.BATCH, 2 * responses.BATCH + 1])
def test_every_item_is_reported_once_and_in_order(times: Caller, number: int) -> None:
    """JOB-06"""
    job = finished_job(times, number)
    body = times.status(job, extra="&expand=progress")
    assert list(body) == ["finished", "state", "id", "images", "progress"]
    assert [row["externalId"] for row in body["images"]] == [str(place) for place in range(number)]
    assert body["progress"]["failed"] == number


def test_items_that_are_open_are_passed_over_wherever_they_are(times: Caller) -> None:
    """Rulings: expand=items"""
    job = finished_job(times, 3 * responses.BATCH)
    ImportJob.objects.update(state="started", finished_at=None)
    there = ImportItem.objects.filter(position__lt=2 * responses.BATCH)
    there.update(outcome="open", due_at=ImportJob.objects.get().started_at)
    body = times.status(job, extra="&expand=items")
    assert list(body) == ["finished", "state", "id", "startedAt", "images"]
    assert len(body["images"]) == responses.BATCH


def most_memory_for(times: Caller, job: str) -> int:
    """Bytes that Python holds at most while it prepares a status that is sent from a file."""
    tracemalloc.start()
    answer = times.get(f"import/images/status?id={job}")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(content(answer)) == int(answer.headers["Content-Length"]) > 2 * MB
    return most


def test_four_times_as_many_items_need_no_more_memory(times: Caller) -> None:
    times.status(finished_job(times, 1))
    some, many = (most_memory_for(times, finished_job(times, number, details=1_600)) for number in (2_000, 8_000))
    assert many < 1.3 * some


def test_the_database_is_not_queried_while_a_client_reads(times: Caller) -> None:
    job = finished_job(times, responses.BATCH + 1, details=4_000)
    with CaptureQueriesContext(connection) as queries:
        answer = times.get(f"import/images/status?id={job}")
        before = len(queries)
        assert answer.streaming
        assert (answer.headers["Content-Type"]) == "application/json; charset=utf-8"
        assert len(content(answer)) == int(answer.headers["Content-Length"]) > MB
        assert len(queries) == before
    assert not any("DECLARE" in query["sql"] for query in queries.captured_queries)


def test_a_status_can_be_asked_for_without_its_body(times: Caller) -> None:
    for number, details in ((1, 0), (1_000, 2_000)):
        path = times.url(f"import/images/status?id={finished_job(times, number, details=details)}")
        answers = [ask(path, headers=times.headers({})) for ask in (times.client.get, times.client.head)]
        assert [answer.status_code for answer in answers] == [200, 200]
        assert answers[0].headers["Content-Length"] == answers[1].headers["Content-Length"]


def test_a_cancelled_job_of_documents_is_reported_in_parts_too(times: Caller) -> None:
    items = [{"id": str(n), "checksum": "1", "title": "t", "contentType": "article"} for n in range(501)]
    job = times.import_documents(*items)
    services.cancel_job(ImportJob.objects.get())
    assert [row["external_id"] for row in times.status(job, "documents")["logs"]] == [str(n) for n in range(501)]
