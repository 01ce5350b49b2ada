"""What holds for an import of images holds for videos and files: how they are accepted, tried, awaited, cleaned up."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from imports import services
from imports.handlers.kinds import DOWNLOADS
from imports.models import ImportItem, ImportJob
from imports.worker import Worker
from livingdocs_import.egress.download import Fetcher
from livingdocs_import.models import Project
from livingdocs_import.project_config import store
from media_library import storage_cleanup
from media_library.models import MediaEntry
from media_library.storage import assets, is_generated_key
from tests import videos
from tests.api_client import Caller, image_item
from tests.commands import run
from tests.imports.worker.test_silent_hosts import run_until
from tests.operators import operator
from tests.origin import Origin, Reply
from tests.workers import claim, end_leases, item_states

Run = Callable[[], None]
pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Medium:
    """A kind of media: what is posted, and two files of it that differ in their type."""

    kind: str
    source: str
    good: Reply
    other: Reply
    caller: Caller
    origin: Origin
    run: Run

    def item(self, path: str = "/a", *replies: Reply, **fields: Any) -> dict[str, Any]:
        return image_item(self.origin.reply(path, *(replies or (self.good,))), **fields)

    def post(self, *items: dict[str, Any], **fields: Any) -> str:
        return self.caller.import_media(self.kind, *items, **fields)

    def rows(self, job: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.caller.status(job, self.kind)[self.kind]
        return rows

    def bring(self, *items: dict[str, Any], **fields: Any) -> list[dict[str, Any]]:
        job = self.post(*items, **fields)
        self.run()
        return self.rows(job)

    @property
    def failure(self) -> str:
        return f"Could not upload {self.kind.removesuffix('s')}"


@pytest.fixture(params=["videos", "files"])
def medium(request: pytest.FixtureRequest, times: Caller, origin: Origin, run_workers: Run, settings: Any) -> Medium:
    settings.IMPORT_RETRY_SECONDS = [0, 0, 0]
    if request.param == "videos":
        good, other, source = Reply(videos.mp4()), Reply(videos.webm()), "livingdocs-video-import"
    else:
        good, other, source = Reply(b"%PDF-1.7\n"), Reply(b"plain text"), "livingdocs-file-import"
    return Medium(request.param, source, good, other, times, origin, run_workers)


# --- Accepting -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["v1", "beta", "2025-03", "2026-09"])
def test_every_version_takes_the_same_request(medium: Medium, version: str) -> None:
    assert medium.post(image_item("https://example.org/a"), version=version)


@pytest.mark.parametrize("key", ["renditions", "poster", "duration", "width", "caption"])
def test_an_unknown_key_of_an_item_is_refused_with_its_path(medium: Medium, key: str) -> None:
    """VID-04"""
    body = {"systemName": "s", medium.kind: [image_item("https://example.org/a", **{key: 1})]}
    answer = medium.caller.post(f"import/{medium.kind}", body)
    assert (answer.status_code, list(answer.json()["error_details"])) == (400, [f"{medium.kind}.0.{key}"])


def test_all_problems_are_reported_at_once(medium: Medium) -> None:
    body = {medium.kind: [{}, image_item("data:video/mp4;base64,AAAA")], "images": []}
    problems = medium.caller.post(f"import/{medium.kind}", body).json()["error_details"]
    missing = {f"{medium.kind}.0.{name}" for name in ("url", "id", "fileName", "metadata")}
    assert set(problems) == {"systemName", "images", f"{medium.kind}.1.url"} | missing


def test_the_daily_limit_of_the_kind_is_answered_with_the_documented_array(medium: Medium) -> None:
    """VID-10"""
    Project.objects.filter(handle="times").update(daily_limits={medium.kind: 1, "images": 0})
    items = [image_item("https://example.org/a") for _ in range(2)]
    answer = medium.caller.post(f"import/{medium.kind}", {"systemName": "s", medium.kind: items})
    assert answer.status_code == 429
    (only,) = answer.json()
    assert only["error"] == "Usage Limit Exceeded"
    assert "upload more than 1 per day" in only["error_details"]["message"]
    assert int(answer.headers["Retry-After"]) > 0
    assert medium.post(items[0])


def test_the_same_idempotency_key_is_answered_with_the_same_job(medium: Medium) -> None:
    body = {"systemName": "s", medium.kind: [image_item("https://example.org/a")]}
    first, second = (
        medium.caller.post(f"import/{medium.kind}", body, **{"Idempotency-Key": "k"}).json() for _ in range(2)
    )
    assert first == second
    assert ImportJob.objects.count() == 1


def test_a_job_is_known_at_the_status_of_its_own_kind_only(medium: Medium) -> None:
    job = medium.post()
    states = {kind: medium.caller.status(job, kind)["state"] for kind in ("images", "videos", "files", "documents")}
    assert states == dict.fromkeys(states, "lost") | {medium.kind: "success"}
    assert medium.rows(job) == []


# --- Carrying out ----------------------------------------------------------------------------------------------------


def test_one_job_may_have_every_outcome_and_reports_it_to_its_webhook(medium: Medium) -> None:
    known = medium.item("/known")
    medium.bring(known)
    bad = image_item(medium.origin.url("/gone"))
    rows = medium.bring(bad, known, medium.item("/new"), webhook=medium.origin.url("/hook"), context={"a": 1})
    assert [row["status"] for row in rows] == ["failed", "skipped", "success"]
    (hook,) = medium.origin.webhooks
    job = ImportJob.objects.latest("pk")
    assert hook.json() == {
        "source": medium.source,
        "id": job.public_id,
        "state": "success",
        "overview": {"total": 3, "details": {"success": 1, "skipped": 1, "failed": 1}},
        "context": {"a": 1},
    }


def test_the_same_id_twice_in_a_batch_is_processed_in_request_order(medium: Medium) -> None:
    one, two = medium.item("/1", id="same"), medium.item("/2", medium.other, id="same")
    rows = medium.bring(one, two, two, one)
    assert [row["status"] for row in rows] == ["success", "success", "skipped", "success"]
    assert MediaEntry.objects.get().version == 3


def test_an_origin_that_stumbles_is_asked_again(medium: Medium) -> None:
    (row,) = medium.bring(medium.item("/a", Reply(status=503), Reply(b"x", announced=99, hang_up=True), medium.good))
    assert row["status"] == "success"
    assert len(medium.origin.asked("/a")) == 3


def test_an_origin_that_goes_on_stumbling_fails_its_item_with_the_cause(medium: Medium) -> None:
    (row,) = medium.bring(medium.item("/a", Reply(status=503)))
    assert (row["reason"], row["error_details"]["cause"]) == (medium.failure, "http-503")
    assert len(medium.origin.asked("/a")) == 4
    assert ImportItem.objects.get().cause == "http-503"


def test_a_host_that_never_answers_fails_its_items_when_its_time_is_over(medium: Medium, settings: Any) -> None:
    settings.IMPORT_DEAD_HOST_SECONDS = 0.0
    medium.origin.close()
    (row,) = medium.bring(image_item(medium.origin.url("/a")))
    assert (row["reason"], row["error_details"]["cause"]) == (medium.failure, "host-unavailable")


def test_a_private_address_is_refused(medium: Medium, settings: Any) -> None:
    settings.FETCH_ALLOWED_NETWORKS = []
    (row,) = medium.bring(image_item("http://10.0.0.1/a"))
    assert (row["reason"], row["error_details"]["message"]) == (medium.failure, "the address is not allowed")


def test_invalid_metadata_fail_the_item_before_anything_is_fetched(medium: Medium) -> None:
    (row,) = medium.bring(medium.item("/a", metadata={"title": 5, "nothing": 1}))
    assert (row["reason"], row["error_details"]["cause"]) == ("Invalid metadata", "metadata")
    assert {error["metadataProperty"] for error in row["error_details"]["errors"]} == {"title", "nothing"}
    assert medium.origin.requests == []


def test_items_wait_for_a_storage_that_is_away(medium: Medium, settings: Any, tmp_path: Path) -> None:
    obstacle = tmp_path / "mount"
    obstacle.touch()
    settings.ASSET_STORAGE = f"file://{obstacle}/assets"
    job = medium.post(*[medium.item(f"/{number}") for number in range(3)])
    Worker().run(seconds=0.5)
    assert set(item_states()) == {("open", False, 0, 0)}
    assert medium.caller.status(job, medium.kind, extra="&expand=progress")["progress"]["waitingFor"] == "storage"
    obstacle.unlink()
    run_until(finished_of(medium, job))
    assert {row["status"] for row in medium.rows(job)} == {"success"}
    assert {state[2] for state in item_states()} == {0}


def finished_of(medium: Medium, job: str) -> Callable[[], bool]:
    return lambda: bool(medium.caller.status(job, medium.kind)["finished"])


def test_a_job_that_is_paused_waits_for_its_operator(medium: Medium) -> None:
    job = medium.post(medium.item())
    services.pause_job(ImportJob.objects.get())
    medium.run()
    assert medium.origin.requests == []
    assert medium.caller.status(job, medium.kind, extra="&expand=progress")["progress"]["waitingFor"] == "paused"
    services.resume_job(ImportJob.objects.get())
    medium.run()
    assert medium.rows(job)[0]["status"] == "success"


def test_failed_items_are_replayed_as_a_new_job(medium: Medium) -> None:
    job = medium.post(image_item(medium.origin.url("/late")), medium.item("/good"))
    medium.run()
    medium.origin.reply("/late", medium.good)
    out = StringIO()
    call_command("replay_import", job, "--failed-only", stdout=out, stderr=StringIO())
    medium.run()
    assert [row["status"] for row in medium.rows(out.getvalue().strip())] == ["success"]


# --- Lost workers and files without an owner --------------------------------------------------------------------------


def store_and_die(medium: Medium) -> None:
    """A worker stores its item's file, and is never heard of again."""
    (item,) = claim()
    job = ImportJob.objects.get(pk=item.job_id)
    handler = DOWNLOADS[job.kind]
    (one,) = handler.begin(job, store.current(job.project), [item])
    handler.prepare(job, store.current(medium.caller.project), one, Fetcher.from_settings())
    assert one.stored
    end_leases()


def test_an_item_whose_worker_was_lost_is_tried_and_carried_out(medium: Medium) -> None:
    job = medium.post(medium.item())
    store_and_die(medium)
    run_until(finished_of(medium, job))
    assert medium.rows(job)[0]["status"] == "success"
    storage_cleanup.sweep()
    assert assets().below("") == [MediaEntry.objects.get().asset_key]


def test_what_an_earlier_try_stored_under_another_extension_is_deleted(medium: Medium) -> None:
    job = medium.post(medium.item("/a", medium.good, medium.other))
    store_and_die(medium)
    (first,) = assets().below("")
    run_until(finished_of(medium, job))
    storage_cleanup.sweep()
    (kept,) = assets().below("")
    assert kept == MediaEntry.objects.get().asset_key
    assert (kept != first, kept.rpartition(".")[0]) == (True, first.rpartition(".")[0])


def test_a_file_whose_job_is_cancelled_after_its_worker_was_lost_is_deleted(medium: Medium) -> None:
    medium.post(medium.item())
    store_and_die(medium)
    services.cancel_job(ImportJob.objects.get())
    storage_cleanup.sweep()
    assert assets().below("") == []


def audited(*options: str) -> str:
    return run("audit_assets", *options).out


def test_the_audit_finds_and_deletes_orphaned_files(medium: Medium) -> None:
    medium.bring(medium.item("/1"), medium.item("/2"))
    lost, kept = MediaEntry.objects.order_by("pk")
    assert is_generated_key(lost.asset_key)
    lost.delete()
    old = (timezone.now() - timedelta(days=8)).timestamp()
    os.utime(assets().root / lost.asset_key, (old, old))  # type: ignore[attr-defined]
    assert f"is orphaned: {lost.asset_key}" in audited()
    assert "1 removed" in audited("--delete")
    assert assets().below("") == [kept.asset_key]


def test_the_audit_names_what_is_missing(medium: Medium) -> None:
    medium.bring(medium.item())
    key = MediaEntry.objects.get().asset_key
    assets().delete(key)
    assert f"is missing: {key}" in audited()


# --- The admin -------------------------------------------------------------------------------------------------------


def test_the_pages_of_job_item_and_entry_show_it(medium: Medium) -> None:
    medium.bring(medium.item(), image_item(medium.origin.url("/gone")))
    client = operator()
    job, entry = ImportJob.objects.get(), MediaEntry.objects.get()
    items = ImportItem.objects.order_by("position")
    pages = [
        f"imports/importjob/{job.pk}/change/",
        "imports/importjob/",
        f"imports/importjob/?kind__exact={medium.kind}",
    ]
    pages += [f"imports/importitem/{item.pk}/change/" for item in items]
    pages += ["media_library/mediaentry/", f"media_library/mediaentry/{entry.pk}/change/"]
    answers = [client.get(f"/admin/{page}") for page in pages]
    assert {answer.status_code for answer in answers} == {200}
    assert entry.media_id in answers[-1].content.decode()
