"""Housekeeping inside the worker processes: one of them does each round, by the database's clock."""

import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from imports import housekeeping, housekeeping_rounds
from imports.models import ImportItem, LastSweep
from imports.tasks import sweep
from livingdocs_import.housekeeping import purge_old
from livingdocs_import.models import WebhookReceiver, WorkerProcess
from livingdocs_import.work_queue.chores import Chores
from tests.api_client import Caller, image_item
from tests.origin import Origin

EVERY = timedelta(seconds=5)
NOTIFYING = housekeeping_rounds.NOTIFYING


def age_rounds(by: timedelta) -> None:
    for row in LastSweep.objects.all():
        LastSweep.objects.filter(pk=row.pk).update(at=row.at - by)


def test_a_round_is_done_once_in_its_time(db: None) -> None:
    assert housekeeping_rounds.claim_round(NOTIFYING, EVERY), "the very first one"
    assert not housekeeping_rounds.claim_round(NOTIFYING, EVERY)
    age_rounds(timedelta(seconds=4))
    assert not housekeeping_rounds.claim_round(NOTIFYING, EVERY)
    age_rounds(timedelta(seconds=2))
    assert housekeeping_rounds.claim_round(NOTIFYING, EVERY)
    assert housekeeping_rounds.claim_round(housekeeping_rounds.TIDYING, EVERY), "the other round has a row of its own"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_many_processes_one_does_the_round() -> None:
    for _ in range(5):
        age_rounds(timedelta(minutes=1))
        start, winners = threading.Barrier(6), list[bool]()

        def claim(start: threading.Barrier = start, winners: list[bool] = winners) -> None:
            start.wait()
            winners.append(housekeeping_rounds.claim_round(NOTIFYING, EVERY))
            connection.close()

        threads = [threading.Thread(target=claim) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(winners) == [False] * 5 + [True]


@pytest.mark.postgres
@pytest.mark.parametrize("minutes", [10, -10])
def test_a_process_whose_clock_is_wrong_does_neither_too_many_rounds_nor_too_few(db: None, minutes: int) -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=True):
        assert housekeeping_rounds.claim_round(NOTIFYING, EVERY)
        assert not housekeeping_rounds.claim_round(NOTIFYING, EVERY)
        age_rounds(timedelta(seconds=6))
        assert housekeeping_rounds.claim_round(NOTIFYING, EVERY)
    assert abs(LastSweep.objects.get().at - timezone.now()) < timedelta(minutes=1)


def test_a_moment_in_the_future_delays_no_round(db: None) -> None:
    """As left by a process of the previous version with a fast clock."""
    LastSweep.objects.create(pk=NOTIFYING, at=timezone.now() + timedelta(minutes=10))
    assert housekeeping_rounds.claim_round(NOTIFYING, EVERY)
    assert not housekeeping_rounds.claim_round(NOTIFYING, EVERY)


def test_what_fails_stops_nothing_else(db: None) -> None:
    done: list[str] = []

    def fails() -> None:
        done.append("failed")
        raise OSError("the disk is gone")

    housekeeping_rounds.tidy({"one": lambda: done.append("one"), "two": fails, "three": lambda: done.append("three")})
    assert done == ["one", "failed", "three"]


def test_of_chores_with_one_name_each_is_done_also_when_another_fails() -> None:
    """A row of one app that cannot be deleted must not keep the rows of all others."""
    registry, done = Chores(), []

    @registry.chore("rows_purged")
    def fails() -> int:
        raise OSError("the disk is gone")

    @registry.chore("rows_purged")
    def works() -> int:
        done.append("purged")
        return 1

    with pytest.raises(OSError, match="the disk is gone"):
        registry.without_files()["rows_purged"]()
    assert done == ["purged"]


def test_a_process_that_only_sends_webhooks_deletes_no_files(db: None) -> None:
    """The storage need not be mounted where it runs."""
    assert "files_discarded" not in housekeeping_rounds.claim_tidying(files=False)
    assert set(housekeeping_rounds.claim_tidying(files=True)) == {"files_discarded"}
    assert housekeeping_rounds.claim_tidying(files=True) == {}


def test_the_task_of_an_older_procfile_does_the_rounds_that_are_due(db: None) -> None:
    old = timezone.now() - timedelta(days=2)
    WorkerProcess.objects.create(host="a", pid=1, imports=True, webhooks=True, started_at=old, seen_at=old)
    sweep()
    assert not WorkerProcess.objects.exists()
    assert {timezone.now() - row.at < timedelta(minutes=1) for row in LastSweep.objects.all()} == {True}
    WorkerProcess.objects.create(host="a", pid=1, imports=True, webhooks=True, started_at=old, seen_at=old)
    sweep()
    assert WorkerProcess.objects.exists(), "somebody has done them a moment ago"


def test_a_process_leaves_one_sign_of_life_and_keeps_it_fresh(db: None) -> None:
    thread = housekeeping_rounds.Housekeeper(lambda: None, imports=True, webhooks=False)
    thread.write_heartbeat()
    WorkerProcess.objects.update(seen_at=timezone.now() - timedelta(minutes=5))
    thread.write_heartbeat()
    process = WorkerProcess.objects.get()
    assert (process.imports, process.webhooks) == (True, False)
    assert timezone.now() - process.seen_at < timedelta(minutes=1)
    WorkerProcess.objects.all().delete()
    thread.write_heartbeat()
    assert WorkerProcess.objects.count() == 1, "purged while the machine was asleep, and alive"


def test_what_has_not_been_heard_of_for_long_is_purged(db: None, settings: Any) -> None:
    now = timezone.now()
    for days in (0, 2):
        at = now - timedelta(days=days)
        WorkerProcess.objects.create(host="a", pid=1, imports=True, webhooks=True, started_at=at, seen_at=at)
    for days in (0, settings.DELIVERY_RETENTION_DAYS + 1):
        WebhookReceiver.objects.create(name=f"{days}.example:80", quick=True, changed_at=now - timedelta(days=days))
    assert purge_old() == 2
    assert (WorkerProcess.objects.count(), WebhookReceiver.objects.get().name) == (1, "0.example:80")


@pytest.mark.postgres
def test_what_waits_for_a_later_try_costs_no_notification_however_the_clock_goes(times: Caller, origin: Origin) -> None:
    times.import_images(image_item(origin.url("/a")))
    sent: list[int] = []

    def notified() -> int:
        return housekeeping.notify(notify_imports=lambda: sent.append(1))[0]

    assert notified() == 1
    ImportItem.objects.update(due_at=timezone.now() + timedelta(minutes=5))
    with time_machine.travel(timezone.now() + timedelta(minutes=10), tick=True):
        assert notified() == 0
    ImportItem.objects.update(due_at=timezone.now())
    with time_machine.travel(timezone.now() - timedelta(minutes=10), tick=True):
        assert notified() == 1
    assert len(sent) == 2
