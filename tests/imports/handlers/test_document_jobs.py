"""Document jobs like all others: webhook, quota, replay, cancelling, and items that cannot be finished."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from documents.models import Document, ImportLog
from imports import services
from imports.models import ImportItem, ImportJob
from tests.api_client import Caller, document_item
from tests.newsroom import PUBLISH, Newsroom, paragraph
from tests.origin import Origin
from tests.workers import claim, do_late, drain, end_leases


def test_the_webhook_counts_what_became_of_the_documents(newsroom: Newsroom, origin: Origin) -> None:
    """WHK-04, WHK-05 (spec 7.1)"""
    newsroom.bring(document_item(id="a"), document_item(id="b"))
    context = {"myIdentifier": "some-identifier-sent-to-the-webhook"}
    job = newsroom.caller.import_documents(
        document_item(id="a", checksum="2", flags=PUBLISH),
        document_item(id="b", checksum="2"),
        document_item(id="b", checksum="2"),
        {"id": "a", "checksum": "3", "flags": {"unpublish": True}},
        document_item(id="c", contentType="poem"),
        document_item(id="d"),
        document_item(id="e"),
        webhook=origin.url("/hook"),
        context=context,
    )
    newsroom.run()
    assert origin.webhooks[0].json() == {
        "source": "livingdocs-document-import",
        "id": job,
        "state": "success",
        "overview": {
            "total": 7,
            "details": {"imported": 3, "published": 1, "unpublished": 1, "skipped": 1, "failed": 1},
        },
        "context": context,
    }


def test_all_counters_are_there_even_if_they_are_zero(newsroom: Newsroom, origin: Origin) -> None:
    newsroom.caller.import_documents(webhook=origin.url("/hook"))
    newsroom.run()
    assert set(origin.webhooks[0].json()["overview"]["details"].values()) == {0}


def test_documents_have_a_daily_limit_of_their_own(newsroom: Newsroom) -> None:
    """QUO-01, QUO-02, QUO-06"""
    newsroom.caller.project.daily_limits = {"documents": 2}
    newsroom.caller.project.save()
    newsroom.bring(document_item(), document_item())
    answer = newsroom.caller.post("import/documents", {"systemName": "archive", "documents": [document_item()]})
    assert answer.status_code == 429
    assert answer.json()[0]["error"] == "Usage Limit Exceeded"
    assert ImportJob.objects.count() == 1


def test_the_same_request_sent_twice_is_one_job(times: Caller) -> None:
    """Rulings: Idempotent POST"""
    body = {"systemName": "archive", "documents": [document_item()]}
    first, second = (times.post("import/documents", body, Idempotency_Key="k").json() for _ in range(2))
    assert first == second
    assert ImportJob.objects.count() == 1


def test_what_failed_can_be_sent_through_again(newsroom: Newsroom) -> None:
    row = newsroom.one(contentType="pages")
    assert row["state"] == "failed"
    job = ImportJob.objects.get()
    job.items.update(payload=document_item(id="a"))
    again = services.retry_job(job)
    assert again is not None
    newsroom.run()
    assert newsroom.caller.status(again.public_id, "documents")["logs"][0]["state"] == "imported"


def test_a_cancelled_job_keeps_what_is_done(newsroom: Newsroom) -> None:
    job = newsroom.caller.import_documents(document_item(), document_item())
    do_late(claim(1))
    services.cancel_job(ImportJob.objects.get())
    newsroom.run()
    first, second = newsroom.caller.status(job, "documents")["logs"]
    assert (first["state"], second["state"], second["reason"]) == ("imported", "failed", "cancelled")
    assert Document.objects.count() == 1


def test_an_item_that_kills_its_workers_is_given_up(newsroom: Newsroom) -> None:
    job = newsroom.caller.import_documents(document_item())
    claim()
    ImportItem.objects.update(losses=3)
    end_leases()
    newsroom.run()
    (row,) = newsroom.caller.status(job, "documents")["logs"]
    assert (row["state"], row["reason"]) == ("failed", "Could not import document")
    assert "the worker was lost" in row["error_details"]["message"]


def test_what_the_database_refuses_fails_alone(newsroom: Newsroom) -> None:
    """A chunk goes through one by one, then only the culprit fails."""
    rows = newsroom.bring(document_item(id="a"), document_item(id="b"), document_item(id="c"))
    with connection.cursor() as cursor:  # a revision that this document already has, for an unknown reason
        document_id = rows[1]["document_id"]
        cursor.execute("UPDATE documents_document SET version = 0 WHERE id = %s", [document_id])
    rows = newsroom.bring(*(document_item(id=each, checksum="2") for each in "abc"))
    assert [row["state"] for row in rows] == ["imported", "failed", "imported"]
    assert rows[1]["reason"] == "The item could not be stored (IntegrityError)"
    assert ImportLog.objects.filter(checksum="2").count() == 2


def test_a_chunk_takes_a_handful_of_statements_whatever_its_size(newsroom: Newsroom, settings: Any) -> None:
    settings.IMPORT_DOCUMENTS_CHUNK = 1000

    def statements(number: int) -> int:
        items = [document_item(content=[paragraph("x")], metadata={"title": "x"}, flags=PUBLISH) for _ in range(number)]
        newsroom.caller.import_documents(*items)
        with CaptureQueriesContext(connection) as captured:
            drain()
        return len(captured)

    statements(1)  # the configuration is read once
    assert statements(2) == statements(50)
    assert statements(50) < 45


def test_an_image_that_lacks_its_facts_gets_them_from_the_media_library(newsroom: Newsroom) -> None:
    """Q-16"""
    asset = {
        "key": "2024/01/02/a.png", "url": "https://assets.example/a.png", "size": 10, "width": 16, "height": 9,
        "filename": "a.png", "mimeType": "image/png",
    }  # fmt: skip
    entry = {"id": "known", "mediaType": "image", "asset": asset}
    assert newsroom.caller.post("import/mediaLibrary", {"mediaLibraryEntries": [entry]}).status_code == 200
    known, unknown = newsroom.bring(
        document_item(content=[{"component": "image", "content": {"image": {"mediaId": "known"}}}], flags=PUBLISH),
        document_item(content=[{"component": "image", "content": {"image": {"mediaId": "unknown"}}}]),
    )
    (component,) = newsroom.publication(known["document_id"])["content"]
    assert component["content"]["image"] == {
        "mediaId": "known", "originalUrl": "https://assets.example/a.png", "url": "https://assets.example/a.png",
        "mimeType": "image/png", "width": 16, "height": 9,
    }  # fmt: skip
    assert unknown["reason"] == "Invalid content"
    paths = {error["path"] for error in unknown["error_details"]["errors"]}
    assert "content.0.content.image.originalUrl" in paths


@pytest.mark.parametrize("size", [1, 7, 48])
def test_the_result_does_not_depend_on_the_size_of_chunks(newsroom: Newsroom, settings: Any, size: int) -> None:
    settings.IMPORT_DOCUMENTS_CHUNK = size
    items = [document_item(id=f"n{n % 12}", checksum=str(n // 6), flags=PUBLISH if n % 2 else {}) for n in range(30)]
    rows = newsroom.bring(*items)
    assert [row["external_id"] for row in rows] == [item["id"] for item in items]
    # 12 ids: 0 to 11 are new; 12 to 23 and 24 to 29 come back with another checksum.
    assert [row["version"] for row in rows] == [1] * 12 + [2] * 12 + [3] * 6
