"""Once a minute the queues are sampled, and what has ended is counted by hour, project and kind."""

import time
from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from imports import services
from imports.housekeeping import measure, purge_measurements
from imports.models import ImportItem, ImportJob, JobTally, LastSweep, QueueSample, Throughput
from imports.monitoring.day import ended_lately, hour_of, hours
from livingdocs_import.webhooks import outbox
from tests.api_client import Caller, document_item, image_item
from tests.images import jpeg
from tests.imports.admin.test_jobs import make_job
from tests.origin import Origin, Reply

Run = Callable[[], None]
PICTURE = Reply(jpeg())


@pytest.fixture
def measured(db: None) -> None:
    """An installation that has measured before."""
    measure()
    later()


def later(by: timedelta = timedelta(minutes=1)) -> None:
    """Time has passed since the last measurement."""
    LastSweep.objects.filter(pk=LastSweep.MEASURING).update(at=F("at") - by)
    JobTally.objects.update(at=F("at") - by)


def counted() -> dict[tuple[str, str], tuple[int, int, int]]:
    rows = Throughput.objects.order_by("pk").select_related("project")
    return {(row.project.handle, row.kind): (row.success, row.skipped, row.failed) for row in rows}


def test_what_has_ended_is_counted_once(
    times: Caller, herald: Caller, origin: Origin, run_workers: Run, measured: None
) -> None:
    picture, gone = origin.reply("/a.jpg", PICTURE, PICTURE), origin.reply("/b.jpg", Reply(status=404))
    times.import_images(image_item(picture, id="a"), image_item(gone, id="b"))
    herald.import_documents(document_item())
    run_workers()
    assert measure() == 2
    assert counted() == {("times", "images"): (1, 0, 1), ("herald", "documents"): (1, 0, 0)}
    assert Throughput.objects.get(kind="images").bytes == len(PICTURE.body)
    assert Throughput.objects.get(kind="images").hour == hour_of(timezone.now())
    later()
    assert measure() == 0
    times.import_images(image_item(picture, id="a"))
    run_workers()
    later()
    assert measure() == 1
    assert counted()["times", "images"] == (2, 0, 1)


def test_each_hour_has_a_row_of_its_own(times: Caller, measured: None) -> None:
    earlier = hour_of(timezone.now()) - timedelta(hours=1)
    Throughput.objects.create(project=times.project, kind="images", hour=earlier, success=5, failed=1)
    make_job(times, "success")
    measure()
    rows = Throughput.objects.order_by("hour").values_list("success", "failed")
    assert list(rows) == [(5, 1), (1, 0)]


def test_the_hours_are_the_sums_of_projects_and_kinds(times: Caller, herald: Caller) -> None:
    now = hour_of(timezone.now()) + timedelta(minutes=59)
    for ago, project, kind in (
        (0, times, "images"), (0, times, "videos"), (0, herald, "images"), (1, times, "images"),
        (23, times, "images"), (24, times, "images"),
    ):  # fmt: skip
        Throughput.objects.create(
            project=project.project,
            kind=kind,
            hour=hour_of(now) - timedelta(hours=ago),
            success=1,
            skipped=10,
            failed=100,
            bytes=1000,
        )
    found = hours(now)
    assert [hour.at for hour in found] == [hour_of(now) - timedelta(hours=ago) for ago in range(23, -1, -1)]
    sums = {ago: hour for ago, hour in zip(range(23, -1, -1), found, strict=True) if hour.items}
    assert {ago: (hour.success, hour.skipped, hour.failed, hour.bytes) for ago, hour in sums.items()} == {
        23: (1, 10, 100, 1000),
        1: (1, 10, 100, 1000),
        0: (3, 30, 300, 3000),
    }
    assert ended_lately(found) == 333


def test_a_job_is_counted_while_it_runs(times: Caller, measured: None) -> None:
    job = make_job(times, "success", "", "", finished=False)
    assert measure() == 1
    ImportJob.objects.filter(pk=job.pk).update(success=3, state="success", finished_at=timezone.now())
    later()
    assert measure() == 1
    assert counted() == {("times", "images"): (3, 0, 0)}
    assert 0.02 < JobTally.objects.get().pace < 0.04, "two items in a minute"


def test_within_the_minute_nothing_is_measured_again(times: Caller, measured: None) -> None:
    measure()
    make_job(times, "success")
    assert measure() == 0
    assert counted() == {}
    later()
    assert measure() == 1


def test_the_first_measurement_of_an_installation_counts_no_earlier_items(times: Caller) -> None:
    job = make_job(times, "success", "success", "", finished=False)
    measure()
    assert counted() == {}
    ImportJob.objects.filter(pk=job.pk).update(success=3)
    later()
    measure()
    assert counted() == {("times", "images"): (1, 0, 0)}


def test_the_first_measurement_leaves_out_jobs_that_ended_long_ago(times: Caller) -> None:
    old, new = make_job(times, "success"), make_job(times, "success")
    ImportJob.objects.filter(pk=old.pk).update(finished_at=timezone.now() - timedelta(hours=2))
    measure()
    assert [tally.job_id for tally in JobTally.objects.all()] == [new.pk]
    later()
    measure()
    assert counted() == {}


def test_after_a_long_pause_a_day_is_counted(times: Caller, measured: None) -> None:
    later(timedelta(days=9))
    old = make_job(times, "success", "success")
    make_job(times, "success")
    ImportJob.objects.filter(pk=old.pk).update(finished_at=timezone.now() - timedelta(days=2))
    measure()
    assert counted() == {("times", "images"): (1, 0, 0)}


def test_what_ended_while_housekeeping_was_away_is_counted_when_it_is_back(times: Caller, measured: None) -> None:
    later(timedelta(hours=9))
    job = make_job(times, "success", "failed:x")
    ImportJob.objects.filter(pk=job.pk).update(finished_at=timezone.now() - timedelta(hours=8))
    measure()
    assert counted() == {("times", "images"): (1, 0, 1)}


def test_dry_runs_and_cancelled_items_are_no_throughput(times: Caller, measured: None) -> None:
    make_job(times, "skipped:dry run", dry_run=True)
    job = make_job(times, "failed:x", "", "", finished=False)
    measure()
    services.cancel_job(job, by="an operator")
    later()
    measure()
    assert counted() == {("times", "images"): (0, 0, 1)}


def test_the_queues_are_sampled(times: Caller, measured: None) -> None:
    make_job(times, "success", "", "", finished=False)
    outbox.notify(times.project, url="https://a.example/", subject="job x", body={})
    ImportItem.objects.filter(due_at__isnull=False).update(due_at=timezone.now() - timedelta(seconds=30))
    QueueSample.objects.all().delete()
    measure()
    samples = {sample.queue: sample for sample in QueueSample.objects.all()}
    assert {name: sample.depth for name, sample in samples.items()} == {"imports": 2, "webhooks": 1}
    assert 29 < (samples["imports"].oldest or 0) < 60
    assert {(sample.at.second, sample.at.microsecond) for sample in samples.values()} == {(0, 0)}


def test_two_samples_of_a_minute_are_one(db: None) -> None:
    while timezone.now().second > 50:
        time.sleep(0.5)  # until another minute begins
    measure()
    LastSweep.objects.filter(pk=LastSweep.MEASURING).update(at=timezone.now() - timedelta(minutes=2))
    measure()
    assert QueueSample.objects.count() == 2


def test_a_clock_that_was_set_back_delays_no_measurement(times: Caller, measured: None) -> None:
    LastSweep.objects.filter(pk=LastSweep.MEASURING).update(at=timezone.now() + timedelta(hours=1))
    make_job(times, "success")
    assert measure() == 1


def test_tallies_of_ended_jobs_are_forgotten(times: Caller, measured: None) -> None:
    job = make_job(times, "success")
    measure()
    assert JobTally.objects.count() == 1
    ImportJob.objects.filter(pk=job.pk).update(finished_at=timezone.now() - timedelta(minutes=20))
    later()
    measure()
    assert JobTally.objects.count() == 0
    later()
    assert measure() == 0
    assert counted() == {("times", "images"): (1, 0, 0)}


def test_old_measurements_are_purged(times: Caller) -> None:
    now = timezone.now()
    for days in (0, 8, 401):
        QueueSample.objects.create(queue="imports", at=now - timedelta(days=days), depth=1)
        Throughput.objects.create(project=times.project, kind="images", hour=now - timedelta(days=days), success=1)
    assert purge_measurements() == 3
    assert (QueueSample.objects.count(), Throughput.objects.count()) == (1, 2)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_many_processes_one_measures(times: Caller) -> None:
    measure()
    later()
    make_job(times, "success", "failed:x")
    start, numbers = Barrier(6), list[int]()

    def run() -> None:
        start.wait()
        numbers.append(measure())
        connection.close()

    threads: list[Any] = [Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == [0] * 5 + [1]
    assert counted() == {("times", "images"): (1, 0, 1)}
