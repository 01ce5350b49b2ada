"""Several workers on the same rows: every item once, every job closed and announced once, nothing deadlocks."""

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from imports import quotas, services
from imports.models import ImportItem, ImportJob
from imports.worker import Worker
from livingdocs_import.models import WebhookDelivery
from media_library.models import Discard, EntryChange, MediaEntry
from tests import images
from tests.api_client import Caller, image_item, make_project
from tests.origin import Origin, Reply
from tests.workers import claim, claim_lost, do_late, drain, end_leases

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
SideBySide = Callable[[Sequence[Callable[[], Any]]], list[Any]]


@pytest.fixture
def caller(transactional_db: None) -> Caller:
    return Caller(make_project("races"))


def no_errors(results: list[Any]) -> None:
    assert [r for r in results if isinstance(r, Exception)] == []


def test_a_row_is_claimed_by_exactly_one_of_eight(caller: Caller, side_by_side: SideBySide) -> None:
    for _ in range(10):
        job = services.start_job(
            caller.project, token=None, kind="images", system_name="s",
            items=[image_item("https://pictures.example/a") for _ in range(5)],
        )  # fmt: skip
        free = ImportItem.objects.filter(job=job).order_by("position")
        claims = side_by_side([lambda free=free: free.claim(1, lease=timedelta(minutes=1))] * 8)
        no_errors(claims)
        taken = [row.pk for rows in claims for row in rows]
        assert len(taken) == len(set(taken)) == 5


def test_workers_that_finish_together_close_the_job_exactly_once(
    caller: Caller, origin: Origin, side_by_side: SideBySide, settings: Any
) -> None:
    """Without locking the job before looking at it, three of four such jobs never closed."""
    settings.IMPORT_CHUNK = 1
    url = origin.reply("/a", Reply(images.png(images.picture(1, 1))))
    for _ in range(10):
        job = caller.import_images(*[image_item(url) for _ in range(8)], webhook=origin.url("/hook"))
        no_errors(side_by_side([drain] * 8))
        found = ImportJob.objects.get(public_id=job)
        assert (found.state, found.success, found.done) == ("success", 8, 8)
        assert WebhookDelivery.objects.filter(subject=f"job {job}").count() == 1
    assert MediaEntry.objects.count() == 80


def test_parallel_equal_batches_make_one_entry_an_id(caller: Caller, origin: Origin, side_by_side: SideBySide) -> None:
    """JOB-24, GOAL-7"""
    items = [image_item(origin.reply(f"/{n}", Reply(images.png(images.picture(n + 1, 1))))) for n in range(20)]
    jobs = [caller.import_images(*items) for _ in range(8)]
    no_errors(side_by_side([drain] * 8))
    rows = [row for job in jobs for row in caller.status(job)["images"]]
    assert len(rows) == 160
    assert sum(row["status"] == "success" for row in rows) == 20
    assert sum(row["status"] == "skipped" for row in rows) == 140
    assert MediaEntry.objects.count() == 20
    assert EntryChange.objects.count() == 20


def test_one_id_eight_times_in_a_batch_keeps_its_order_among_many_workers(
    caller: Caller, origin: Origin, side_by_side: SideBySide
) -> None:
    """Rulings: same id twice in one batch, in parallel"""
    for round_ in range(5):
        items = [
            image_item(origin.reply(f"/{n}", Reply(images.png(images.picture(n + 1, 1)))), id=f"twin-{round_}")
            for n in range(8)
        ]
        job = caller.import_images(*items)
        no_errors(side_by_side([drain] * 6))
        drain()
        assert [row["status"] for row in caller.status(job)["images"]] == ["success"] * 8
        entry = MediaEntry.objects.get(external_id=f"twin-{round_}")
        assert (entry.version, entry.asset["width"]) == (8, 8)


def test_a_worker_that_was_too_slow_leaves_no_trace(caller: Caller, origin: Origin) -> None:
    """Fencing: its lease ran out, another worker took over, and its late result is dropped."""
    caller.import_images(image_item(origin.reply("/a", Reply(images.png(images.picture(1, 1))))))
    slow = claim()
    end_leases()
    fast = claim_lost()
    do_late(slow)
    assert not MediaEntry.objects.exists()
    assert ImportJob.objects.get().state == "started"
    do_late(fast)
    assert ImportJob.objects.get().state == "success"
    assert MediaEntry.objects.count() == 1


def test_what_a_slow_worker_stored_is_not_discarded_under_its_successors_hands(caller: Caller, origin: Origin) -> None:
    """Both store under the same key: while the item is open, only its holder knows whether the file is needed."""
    caller.import_images(image_item(origin.reply("/a", Reply(images.png(images.picture(1, 1))))))
    slow = claim()
    end_leases()
    fast = claim_lost()
    do_late(slow)
    assert not Discard.objects.exists()
    do_late(fast)
    assert Discard.objects.exists(), "another try may have met another type of file"
    Discard.objects.all().delete()
    do_late(slow)
    assert Discard.objects.exists(), "it came so late that nobody else will look"


def test_a_job_cancelled_in_the_middle_gets_no_late_writes(
    caller: Caller, origin: Origin, side_by_side: SideBySide, settings: Any
) -> None:
    """FLT-27"""
    settings.IMPORT_CHUNK = 3
    url = origin.reply("/a", Reply(images.png(images.picture(1, 1)), wait=0.02))
    for _ in range(5):
        job = caller.import_images(*[image_item(url) for _ in range(24)], webhook=origin.url("/hook"))
        row = ImportJob.objects.get(public_id=job)
        before = MediaEntry.objects.count()
        no_errors(side_by_side([drain, drain, lambda row=row: services.cancel_job(row), drain]))
        drain()
        row.refresh_from_db()
        assert row.finished
        assert row.done == row.total == 24
        rows = caller.status(job)["images"]
        assert MediaEntry.objects.count() - before == sum(r["status"] == "success" for r in rows) == row.success
        assert {r["reason"] for r in rows if r["status"] == "failed"} <= {"cancelled"}
        assert WebhookDelivery.objects.filter(subject=f"job {job}").count() == 1


def test_six_requests_at_once_cannot_overshoot_the_quota(caller: Caller, side_by_side: SideBySide) -> None:
    """GOAL-8, QUO-06: without the lock every one of them found room."""
    type(caller.project).objects.update(daily_limits={"images": 20})
    batch = {"systemName": "s", "images": [image_item("https://pictures.example/a") for _ in range(10)]}
    answers = side_by_side([lambda: caller.post("import/images", batch).status_code] * 6)
    no_errors(answers)
    assert sorted(answers) == [200, 200, 429, 429, 429, 429]
    assert ImportItem.objects.count() == 20


def test_counting_a_quota_keeps_no_worker_waiting(caller: Caller, side_by_side: SideBySide) -> None:
    """Every row that a worker writes refers to the project, whose row the count has locked."""
    type(caller.project).objects.update(daily_limits={"images": 20})
    project = type(caller.project).objects.get()
    written = threading.Event()

    def count() -> bool:
        with transaction.atomic():
            quotas.reserve(project, "images", 1)
            locked.set()
            return written.wait(5)

    def write() -> None:
        locked.wait(5)
        MediaEntry.objects.create(project=project, media_type="image", base_type="mediaImage", asset={}, asset_key="k")
        written.set()

    locked = threading.Event()
    results = side_by_side([count, write])
    no_errors(results)
    assert results[0], "the worker's row had to wait"


def test_the_same_idempotency_key_at_once_makes_one_job(caller: Caller, side_by_side: SideBySide) -> None:
    batch = {"systemName": "s", "images": [image_item("https://pictures.example/a")]}
    call = lambda: caller.post("import/images", batch, **{"Idempotency-Key": "k"}).json()["id"]  # noqa: E731
    answers = side_by_side([call] * 8)
    no_errors(answers)
    assert len(set(answers)) == 1
    assert ImportJob.objects.count() == 1


def test_a_small_feed_is_not_held_up_by_a_large_archive(caller: Caller, origin: Origin, settings: Any) -> None:
    url = origin.reply("/a", Reply(images.png(images.picture(1, 1)), wait=0.02))
    archive = caller.import_images(*[image_item(url) for _ in range(300)])
    feed = caller.import_images(image_item(url))
    worker = Worker()
    while not caller.status(feed)["finished"]:
        worker.step()
    assert ImportJob.objects.get(public_id=archive).done < 200
    worker.run(seconds=0)  # to the end of what was begun
