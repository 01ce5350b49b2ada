"""GET import/documents/status: the import log's rows, as they were when each item ended."""

from datetime import UTC, datetime

import pytest
import time_machine

from imports.models import ImportJob
from imports.outcomes import job_end
from tests.api_client import Caller, document_item
from tests.newsroom import PUBLISH, Newsroom

KEYS = {
    "id", "system_name", "external_id", "document_id", "checksum", "project_id", "channel_id", "revision_id", "version",
    "state", "created_at", "updated_at",
}  # fmt: skip


@pytest.mark.parametrize("version", ["v1", "beta", "2025-03", "2026-05"])
def test_a_finished_job_lists_logs_in_snake_case(newsroom: Newsroom, version: str) -> None:
    """DST-01, DST-02, DST-03, DST-09"""
    (row,) = newsroom.bring(document_item(), version=version)
    assert row.keys() == KEYS


def test_times_are_iso_with_milliseconds(newsroom: Newsroom) -> None:
    """DST-09, GEN-05"""
    with time_machine.travel("2024-12-03T23:38:29.789Z", tick=False):
        row = newsroom.fine()
    assert row["created_at"] == row["updated_at"] == "2024-12-03T23:38:29.789Z"


def test_a_failed_row_says_why_and_which(newsroom: Newsroom) -> None:
    """DST-04"""
    row = newsroom.one(id="e", title="  my document ", contentType="poem")
    del row["error_details"]
    assert row == {
        "state": "failed", "reason": 'Unknown contentType "poem"', "external_id": "e", "title": "my document",
    }  # fmt: skip


def test_an_old_job_goes_on_saying_what_it_said(newsroom: Newsroom) -> None:
    """DST-08"""
    first = newsroom.caller.import_documents(document_item(id="a"))
    newsroom.run()
    said = newsroom.caller.status(first, "documents")
    newsroom.fine(checksum="2", title="Changed", flags=PUBLISH)
    newsroom.fine(checksum="3", flags={"unpublish": True})
    assert newsroom.caller.status(first, "documents") == said


def test_a_running_job_a_broken_one_and_one_that_never_was(newsroom: Newsroom) -> None:
    """JOB-04, JOB-07, JOB-09"""
    caller = newsroom.caller
    job = caller.import_documents(document_item())
    ImportJob.objects.update(started_at=datetime(2020, 1, 1, 13, 45, 12, tzinfo=UTC))
    assert caller.status(job, "documents") == {
        "finished": False, "state": "started", "id": job, "startedAt": "2020-01-01 13:45:12",
    }  # fmt: skip
    job_end.end_early(ImportJob.objects.get(), state="failed", reason="internal error", cause="configuration", note="")
    assert caller.status(job, "documents") == {"finished": True, "state": "failed", "id": job}
    assert caller.status("098shjhv9", "documents") == {
        "finished": False, "state": "lost", "id": 'no import job found for id "098shjhv9"',
    }  # fmt: skip


def test_a_job_of_another_project_or_kind_is_lost(newsroom: Newsroom, herald: Caller) -> None:
    """JOB-12"""
    job = newsroom.caller.import_documents()
    assert herald.status(job, "documents")["state"] == "lost"
    assert newsroom.caller.status(job, "images")["state"] == "lost"


def test_rows_so_far_are_reported_when_asked_for(newsroom: Newsroom) -> None:
    """Rulings: progress"""
    job = newsroom.caller.import_documents(document_item())
    status = newsroom.caller.status(job, "documents", extra="&expand=items,progress")
    assert status["logs"] == []
    assert status["progress"] == {"total": 1, "done": 0, "success": 0, "skipped": 0, "failed": 0}
