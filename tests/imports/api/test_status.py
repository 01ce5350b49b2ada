"""GET import/images/status: one row for a running job, everything for a finished one."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from imports import services
from imports.models import ImportJob
from imports.outcomes import job_end
from tests import images
from tests.api_client import Caller, image_item
from tests.origin import Origin, Reply

Run = Callable[[], None]


def test_a_running_job_says_when_it_started(times: Caller) -> None:
    """JOB-04, JOB-05"""
    job = times.import_images(image_item("https://pictures.example/a.jpg"))
    ImportJob.objects.update(started_at=datetime(2020, 1, 1, 13, 45, 12, 345_000, tzinfo=UTC))
    assert times.status(job) == {
        "finished": False, "state": "started", "id": job, "startedAt": "2020-01-01 13:45:12",
    }  # fmt: skip


@pytest.mark.parametrize("job", ["098shjhv9", "", "a b", "ü", "x" * 500])
def test_an_unknown_job_is_lost(times: Caller, job: str) -> None:
    """JOB-09, JOB-10, JOB-11"""
    answer = times.client.get("/api/v1/import/images/status", {"id": job}, headers=times.headers({}))
    assert answer.status_code == 200
    assert answer.json() == {"finished": False, "state": "lost", "id": f'no import job found for id "{job}"'}


def test_a_job_of_another_project_is_lost(times: Caller, herald: Caller) -> None:
    """JOB-12, AUTH-14"""
    job = times.import_images()
    assert herald.status(job)["state"] == "lost"


def test_a_job_of_another_kind_is_lost(times: Caller) -> None:
    """JOB-12"""
    job = times.import_images()
    ImportJob.objects.update(kind="files")
    assert times.status(job)["state"] == "lost"


def test_status_without_an_id_is_refused(times: Caller) -> None:
    """JOB-13"""
    answer = times.get("import/images/status")
    assert answer.status_code == 400
    assert answer.json()["error_details"] == {"id": "Missing required property: id"}


def test_a_broken_job_has_no_list(times: Caller) -> None:
    """JOB-07"""
    job = times.import_images(image_item("https://pictures.example/a.jpg"))
    job_end.end_early(ImportJob.objects.get(), state="failed", reason="internal error", cause="configuration", note="")
    assert times.status(job) == {"finished": True, "state": "failed", "id": job}


def test_dated_versions_call_a_success_imported(times: Caller, origin: Origin, run_workers: Run) -> None:
    """IMG-42, IMG-43; old programs still find status and title there (spec 3.3)."""
    job = times.import_images(
        image_item(origin.reply("/a", Reply(images.png(images.picture(1, 1)))), id="e", fileName="t")
    )
    run_workers()
    (row,) = times.status(job, version="2025-03")["images"]
    assert {name: row[name] for name in ("state", "status", "systemName", "externalId", "title")} == {
        "state": "imported", "status": "success", "systemName": "archive", "externalId": "e", "title": "t",
    }  # fmt: skip
    for version in ("v1", "beta"):
        assert times.status(job, version=version)["images"][0]["state"] == "success"


def test_progress_is_reported_when_asked_for(times: Caller, settings: Any, origin: Origin, run_workers: Run) -> None:
    """Rulings: progress"""
    items = [image_item(origin.reply("/a", Reply(images.png(images.picture(1, 1))))), image_item(origin.url("/none"))]
    job = times.import_images(*items)
    none = {"total": 2, "done": 0, "success": 0, "skipped": 0, "failed": 0}
    assert times.status(job, extra="&expand=progress")["progress"] == none
    assert "progress" not in times.status(job)
    run_workers()
    assert times.status(job, extra="&expand=progress")["progress"] == none | {"done": 2, "success": 1, "failed": 1}


def test_outcomes_so_far_are_reported_when_asked_for(times: Caller, origin: Origin) -> None:
    """Rulings: expand=items"""
    job = times.import_images(image_item(origin.url("/none")), image_item(origin.url("/none")))
    assert times.status(job, extra="&expand=items,progress")["images"] == []
    ImportJob.objects.get().items.filter(position=1).update(outcome="failed", reason="x", due_at=None)
    body = times.status(job, extra="&expand=items")
    assert (body["state"], [row["reason"] for row in body["images"]]) == ("started", ["x"])


def test_an_unknown_expansion_is_refused(times: Caller) -> None:
    answer = times.get(f"import/images/status?id={times.import_images()}&expand=everything")
    assert answer.json()["error_details"] == {"expand": 'No enum match for: "everything"'}


@pytest.mark.parametrize("running", [True, False])
def test_the_status_of_a_large_job_is_one_row(times: Caller, django_assert_max_num_queries: Any, running: bool) -> None:
    """The number of queries does not depend on the job, and a running one's items are not even looked at."""
    job = times.import_images(*[image_item("https://pictures.example/a") for _ in range(500)])
    if not running:
        services.cancel_job(ImportJob.objects.get())
    times.status(job)
    with django_assert_max_num_queries(3 if not running else 2) as queries:
        times.status(job)
    assert running is not any("imports_importitem" in q["sql"] for q in queries.captured_queries)
