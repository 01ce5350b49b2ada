"""The row is the queue: leases, retries, poison, and what one sweep does."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from imports import housekeeping
from imports.models import ImportItem, ImportJob
from livingdocs_import.housekeeping import remove_left_overs
from livingdocs_import.models import ProjectConfigRevision
from media_library import storage_cleanup
from media_library.models import Discard, EntryChange, MediaEntry
from media_library.storage import NotStored, assets
from tests import images
from tests.api_client import Caller, image_item
from tests.origin import Origin, Reply
from tests.workers import claim, claim_lost, drain, end_leases, item_states

Run = Callable[[], None]


def test_a_crashed_workers_item_is_taken_over_when_its_lease_ends(
    times: Caller, origin: Origin, run_workers: Run
) -> None:
    """JOB-23: a worker that claimed and died, then another one."""
    job = times.import_images(image_item(origin.reply("/a", Reply(images.png(images.picture(1, 1))))))
    assert len(claim()) == 1
    run_workers()
    assert times.status(job)["finished"] is False, "the lease is still running"
    end_leases()
    run_workers()
    assert [row["status"] for row in times.status(job)["images"]] == ["success"]
    assert MediaEntry.objects.count() == 1


def test_running_everything_twice_changes_nothing(times: Caller, origin: Origin, run_workers: Run) -> None:
    """JOB-23"""
    job = times.import_images(image_item(origin.reply("/a", Reply(images.png(images.picture(1, 1))))))
    run_workers()
    first = times.status(job)
    run_workers()
    assert times.status(job) == first
    assert len(origin.asked("/a")) == 1


def test_an_item_that_kills_its_worker_is_given_up_and_harms_no_neighbour(
    times: Caller, origin: Origin, run_workers: Run
) -> None:
    """FLT-22: it is given up when three were lost with it alone, and those that were in hand with it go on."""
    url = origin.reply("/a", Reply(images.png(images.picture(1, 1))))
    job = times.import_images(*[image_item(url) for _ in range(3)])
    assert len(claim(3)) == 3  # a worker claims them, and dies of item 0
    for _ in range(5):  # so do the next ones, the last three with it alone
        ImportItem.objects.filter(position=0).update(due_at=timezone.now() - timedelta(seconds=1))
        assert [item.position for item in claim_lost()] == [0]
    end_leases()
    run_workers()
    rows = times.status(job)["images"]
    assert [row["status"] for row in rows] == ["failed", "success", "success"]
    assert rows[0]["reason"] == "Could not upload image"
    message = "the worker was lost 3 times while working on this item"
    assert rows[0]["error_details"] == {"message": message, "cause": "worker-lost"}
    assert [state[3] for state in item_states()] == [6, 1, 1]


def test_what_kills_is_tried_in_a_child_process_and_kills_no_second_worker(
    times: Caller, origin: Origin, settings: Any, run_workers: Run
) -> None:
    """FLT-22: one worker was lost with both; the child dies of what takes too much memory, and is all that does."""
    settings.IMPORT_SUSPECT_MEMORY_BYTES = -(1 << 40)
    greedy = origin.reply("/a", Reply(images.svg(f'width="1" height="1" data-x="{"x" * 45_000_000}"')))
    modest = origin.reply("/b", Reply(images.png(images.picture(1, 1))))
    job = times.import_images(image_item(greedy), image_item(modest))
    claim(2)
    end_leases()
    run_workers()
    rows = times.status(job)["images"]
    assert [row["status"] for row in rows] == ["failed", "success"]
    assert rows[0]["error_details"]["cause"] == "worker-lost"
    assert [state[3] for state in item_states()] == [6, 1], "what dies in a child process was alone there"
    assert len(origin.asked("/a")) == 3, "by three children, and by nobody else"


def test_four_that_were_lost_are_tried_at_a_time(times: Caller, origin: Origin) -> None:
    """GOAL-5: a worker that had many in hand is lost; they are not done one after the other."""
    picture = Reply(images.png(images.picture(1, 1)), wait=1.0)
    url = origin.reply("/slow", picture)
    job = times.import_images(*[image_item(url, id=str(number)) for number in range(6)])
    claim(6)
    end_leases()
    drain()
    assert [row["status"] for row in times.status(job)["images"]] == ["success"] * 6
    assert 1 < origin.most_at_once["/slow"] <= 4


def test_what_many_workers_were_lost_with_is_done_all_the_same(times: Caller, origin: Origin, run_workers: Run) -> None:
    """FLT-22: workers are killed by others as well, so five losses with others in hand, or by chance, fail nothing."""
    job = times.import_images(
        *[image_item(origin.reply(f"/{n}", Reply(images.png(images.picture(1, 1))))) for n in range(6)]
    )
    claim(6)
    for number in range(6):
        ImportItem.objects.filter(position=number).update(losses=number)
    end_leases()
    run_workers()
    rows = times.status(job)["images"]
    assert [row["status"] for row in rows] == ["success"] * 5 + ["failed"]
    assert [len(origin.asked(f"/{n}")) for n in range(6)] == [2, 2, 2, 2, 2, 0], "by a child, and by the worker"


def test_a_lost_worker_and_a_stumbling_origin_are_counted_apart(
    times: Caller, origin: Origin, settings: Any, run_workers: Run
) -> None:
    """Two lost workers, then an origin that answers at its third try, after the one in a child process: success."""
    settings.IMPORT_RETRY_SECONDS = [0, 0]
    refusals = [Reply(status=503)] * 3
    picture = Reply(images.png(images.picture(1, 1)))
    job = times.import_images(image_item(origin.reply("/a", *refusals, picture)))
    claim()
    end_leases()
    claim_lost()
    end_leases()
    run_workers()
    assert [row["status"] for row in times.status(job)["images"]] == ["success"]
    assert item_states() == [("success", False, 2, 2)]


def test_a_passing_failure_waits_and_keeps_its_place(times: Caller, origin: Origin, run_workers: Run) -> None:
    job = times.import_images(
        image_item(origin.reply("/a", Reply(status=503), Reply(images.png(images.picture(1, 1)))))
    )
    run_workers()
    item = ImportItem.objects.get()
    assert (item.outcome, item.attempts, item.claimed) == ("open", 1, False)
    assert item.due_at > timezone.now() + timedelta(seconds=1)
    assert times.status(job)["state"] == "started"


def test_an_origin_that_asks_for_patience_gets_it(times: Caller, origin: Origin, run_workers: Run) -> None:
    times.import_images(image_item(origin.reply("/a", Reply(status=429, headers={"Retry-After": "90"}))))
    run_workers()
    wait = ImportItem.objects.get().due_at - timezone.now()
    assert timedelta(seconds=80) < wait <= timedelta(seconds=91)


@pytest.mark.postgres
def test_a_row_the_database_refuses_fails_alone(times: Caller, origin: Origin, run_workers: Run) -> None:
    """The chunk goes one by one then, and only the culprit fails.

    Nothing that the API accepts is refused by the database, so the table is given a rule of the test's own.
    """
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE media_library_mediaentry ADD CONSTRAINT no_poison CHECK (title <> 'poison')")
    url = origin.reply("/a", Reply(images.png(images.picture(1, 1))))
    job = times.import_images(*[image_item(url, fileName=name) for name in ("one", "poison", "three")])
    run_workers()
    rows = times.status(job)["images"]
    assert [row["status"] for row in rows] == ["success", "failed", "success"]
    assert rows[1]["reason"] == "The item could not be stored (IntegrityError)"
    assert MediaEntry.objects.count() == 2


def test_the_operator_reads_why_a_configuration_cannot_be_used(times: Caller, origin: Origin, run_workers: Run) -> None:
    """The items say that it is our fault; what exactly is wrong is in the job's note."""
    ProjectConfigRevision.objects.update(config={"v": 2, "contentTypes": 5})
    times.import_images(image_item(origin.url("/a")))
    run_workers()
    job, item = ImportJob.objects.get(), ImportItem.objects.get()
    assert (job.state, job.note) == ("failed", "unusable configuration: /contentTypes: must be array")
    assert (item.reason, item.details) == ("internal error", None)


def test_a_discarded_file_goes_and_an_owned_one_stays(times: Caller, origin: Origin, run_workers: Run) -> None:
    times.import_images(image_item(origin.reply("/a", Reply(images.png(images.picture(1, 1))))))
    run_workers()
    key = MediaEntry.objects.get().asset_key
    stem = key.rsplit(".", 1)[0]
    orphan = f"{stem}.jpeg"
    path = assets().root / orphan
    path.write_bytes(b"left behind by an earlier try")
    storage_cleanup.later([stem], after=timedelta(0))
    assert storage_cleanup.sweep() == 1
    assert assets().stat(key).size
    with pytest.raises(NotStored):
        assets().stat(orphan)
    assert not Discard.objects.exists()


def test_a_sweep_notifies_once_for_each_job_that_has_work(times: Caller, origin: Origin) -> None:
    notified: list[int] = []
    times.import_images(image_item(origin.url("/a")))
    times.import_images(image_item(origin.url("/a")))
    times.import_images()
    swept = housekeeping.sweep(notify_imports=lambda: notified.append(1))
    assert len(notified) == swept["jobs_with_work"] == 2


def test_old_results_are_removed_in_small_batches(times: Caller, origin: Origin, run_workers: Run) -> None:
    """Rulings: retention"""
    old = times.import_images(image_item(origin.url("/a")))
    new = times.import_images(image_item(origin.url("/a")))
    run_workers()
    EntryChange.objects.all().delete()
    ImportJob.objects.filter(public_id=old).update(finished_at=timezone.now() - timedelta(days=31))
    while housekeeping.purge_jobs():
        pass
    assert times.status(old)["state"] == "lost"
    assert times.status(new)["state"] == "success"


def test_temporary_files_of_killed_workers_are_removed_after_a_day(tmp_path: Path) -> None:
    """FLT-25"""
    old, new = tmp_path / "fetch-old", tmp_path / "fetch-new"
    rendering = tmp_path / "rendition-old"
    rendering.mkdir()
    for path in (old, new, rendering / "source"):
        path.write_bytes(b"half an image")
    for path in (old, rendering):
        os.utime(path, (0, 0))
    assert remove_left_overs(tmp_path) == 2
    assert not old.exists()
    assert not rendering.exists()
    assert new.exists()
    assert remove_left_overs(tmp_path / "nothing") == 0
