"""No stored file is left without an owner, whatever becomes of the worker that stored it."""

import os
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from imports import services
from imports.handlers.kinds import DOWNLOADS
from imports.models import ImportItem, ImportJob
from livingdocs_import.egress.download import Fetcher
from livingdocs_import.project_config import store
from media_library import storage_cleanup
from media_library.models import MediaEntry
from media_library.storage import assets
from tests import images
from tests.api_client import Caller, image_item
from tests.commands import run
from tests.origin import Origin, Reply
from tests.workers import claim, end_leases

Run = Callable[[], None]
PICTURE = Reply(images.png(images.picture(1, 1)))


def store_and_die(caller: Caller) -> None:
    """A worker stores its item's file, and is never heard of again."""
    (item,) = claim()
    job = ImportJob.objects.get(pk=item.job_id)
    handler = DOWNLOADS[job.kind]
    (one,) = handler.begin(job, store.current(job.project), [item])
    handler.prepare(job, store.current(caller.project), one, Fetcher.from_settings())
    assert one.stored
    end_leases()


def stored() -> list[str]:
    return assets().below("")


def test_a_file_whose_item_fails_in_another_way_after_its_worker_was_lost_is_deleted(
    times: Caller, origin: Origin, run_workers: Run
) -> None:
    job = times.import_images(image_item(origin.reply("/a", PICTURE, Reply(status=404))))
    store_and_die(times)
    assert len(stored()) == 1
    run_workers()
    assert times.status(job)["images"][0]["status"] == "failed"
    storage_cleanup.sweep()
    assert stored() == []


def test_a_file_that_is_uploaded_late_is_deleted_as_well(times: Caller, origin: Origin, run_workers: Run) -> None:
    """The worker was only frozen: it stores its file after all others have finished, and dies then."""
    times.import_images(image_item(origin.reply("/a", PICTURE, Reply(status=404))))
    store_and_die(times)
    (key,) = stored()
    content = b"".join(assets().read(key, 0, assets().stat(key).size))
    run_workers()
    storage_cleanup.sweep()
    (assets().root / key).write_bytes(content)
    storage_cleanup.Discard.objects.update(due_at=timezone.now())
    storage_cleanup.sweep()
    assert stored() == []


def test_a_file_whose_job_is_cancelled_after_its_worker_was_lost_is_deleted(times: Caller, origin: Origin) -> None:
    times.import_images(image_item(origin.reply("/a", PICTURE)))
    store_and_die(times)
    services.cancel_job(ImportJob.objects.get())
    storage_cleanup.sweep()
    assert stored() == []


def test_a_file_whose_item_succeeds_after_its_worker_was_lost_stays(
    times: Caller, origin: Origin, run_workers: Run
) -> None:
    times.import_images(image_item(origin.reply("/a", PICTURE)))
    store_and_die(times)
    run_workers()
    storage_cleanup.sweep()
    assert stored() == [MediaEntry.objects.get().asset_key]


# --- The audit -------------------------------------------------------------------------------------------------------


def audited(*options: str) -> str:
    return run("audit_assets", *options).out


@pytest.fixture
def orphan(times: Caller, origin: Origin, run_workers: Run) -> Any:
    """An old file of an item, a young one of the same item, one of a client, one of another database, a healthy one."""
    times.import_images(*[image_item(origin.reply(f"/{n}", PICTURE)) for n in range(2)])
    run_workers()
    lost, _ = MediaEntry.objects.order_by("pk")
    key = lost.asset_key
    lost.delete()
    old = (timezone.now() - timedelta(days=8)).timestamp()
    folder = assets().root / key
    os.utime(folder, (old, old))
    folder.with_suffix(".gif").write_bytes(b"young")
    theirs = folder.with_name("11111111-2222-4333-8444-555555555555.png")
    theirs.write_bytes(b"of a client")
    foreign = folder.with_name("11111111-2222-5333-8444-555555555555.png")
    foreign.write_bytes(b"of another database")
    os.utime(foreign, (old, old))
    return key


def test_the_audit_reports_and_deletes_nothing(orphan: str) -> None:
    before = stored()
    said = audited()
    assert f"is orphaned: {orphan}" in said
    assert "3 orphaned, 0 missing, 0 removed" in said
    assert stored() == before


def test_the_audit_deletes_what_it_can_answer_for(orphan: str) -> None:
    before = set(stored())
    assert "1 removed" in audited("--delete")
    assert before - set(stored()) == {orphan}


def test_the_audit_deletes_no_more_than_it_may(orphan: str) -> None:
    before = stored()
    assert "0 removed" in audited("--delete", "--at-most", "0")
    assert stored() == before


def test_the_audit_holds_no_more_for_a_day_of_many_items(orphan: str) -> None:
    """It calculates the key of each item, and keeps those of orphaned files."""
    ImportJob.objects.update(total=20_000)
    tracemalloc.start()
    assert "1 removed" in audited("--delete")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1_000_000


def test_the_audit_names_what_is_missing(times: Caller, origin: Origin, run_workers: Run) -> None:
    times.import_images(image_item(origin.reply("/a", PICTURE)))
    run_workers()
    key = MediaEntry.objects.get().asset_key
    assets().delete(key)
    said = audited()
    assert f"is missing: {key}" in said
    assert "1 missing" in said
    assert ImportItem.objects.get().outcome == "success"
