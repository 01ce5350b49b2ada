"""Hosts that do not answer: their items end in time, and healthy pictures neither fail nor wait for them."""

import socket
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from imports.models import ImportItem, ImportJob
from imports.monitoring import overview
from imports.worker import Worker
from livingdocs_import.db import clock
from livingdocs_import.db.clock import from_now
from livingdocs_import.models import HostCircuit
from tests import images
from tests.api_client import Caller, image_item
from tests.origin import Origin, Reply
from tests.workers import item_states

pytestmark = pytest.mark.django_db(transaction=True)
HANGS = Reply(wait=60)
PICTURE = Reply(images.png(images.picture(1, 1)))


def run_until(true: Callable[[], bool], worker: Worker | None = None, seconds: float = 30) -> Worker:
    worker, until = worker or Worker(), time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        worker.run(seconds=0.5)
    return worker


def finished(caller: Caller, job: str) -> Callable[[], bool]:
    return lambda: bool(caller.status(job)["finished"])


@pytest.fixture(autouse=True)
def _quick(settings: Any) -> None:
    settings.FETCH_READ_SECONDS = 0.4
    settings.FETCH_TOTAL_SECONDS = 2.0
    settings.IMPORT_RETRY_SECONDS = [0, 0, 0]
    settings.IMPORT_DEAD_HOST_SECONDS = 4.0


def test_a_dead_link_ends_when_its_time_is_over_and_was_asked_more_than_once(
    times: Caller, origin: Origin, settings: Any
) -> None:
    job = times.import_images(image_item(origin.reply("/a", HANGS)), image_item(origin.reply("/b", HANGS)))
    started = time.monotonic()
    run_until(finished(times, job))
    assert time.monotonic() - started >= settings.IMPORT_DEAD_HOST_SECONDS
    rows = times.status(job)["images"]
    assert {row["error_details"]["cause"] for row in rows} == {"host-unavailable"}
    assert 4 <= len(origin.requests) <= 12
    assert {state[2] for state in item_states()} == {0}, "nobody answered: no try was counted"


def test_refused_and_silent_read_the_same(times: Caller, origin: Origin, settings: Any) -> None:
    """THR-14"""
    settings.IMPORT_DEAD_HOST_SECONDS = 0.0
    silent = times.import_images(image_item(origin.reply("/a", HANGS)))
    run_until(finished(times, silent))
    with Origin() as other:
        settings.FETCH_ALLOWED_NETWORKS = [origin.address, other.address]
        url = other.url("/a")
    refused = times.import_images(image_item(url))
    run_until(finished(times, refused))
    first, second = (times.status(job)["images"][0]["error_details"] for job in (silent, refused))
    assert {**first, "parameter": ""} == {**second, "parameter": ""}


def test_of_a_host_of_which_a_tenth_hangs_all_healthy_pictures_are_imported(times: Caller, origin: Origin) -> None:
    urls = [origin.reply(f"/{n}", HANGS if n % 10 == 0 else PICTURE) for n in range(60)]
    job = times.import_images(*[image_item(url, id=str(n)) for n, url in enumerate(urls)])
    run_until(finished(times, job), seconds=60)
    rows = times.status(job)["images"]
    assert [row["externalId"] for row in rows if row["status"] != "success"] == [str(n) for n in range(0, 60, 10)]


def test_one_projects_hanging_addresses_do_not_affect_another_projects_pictures_of_the_same_host(
    times: Caller, herald: Caller, origin: Origin
) -> None:
    times.import_images(*[image_item(origin.reply(f"/hangs/{n}", HANGS)) for n in range(30)])
    worker = Worker()
    worker.run(seconds=1.0)
    assert HostCircuit.objects.get().opened_at is not None
    job = herald.import_images(*[image_item(origin.reply(f"/fine/{n}", PICTURE)) for n in range(20)])
    run_until(finished(herald, job), worker)
    assert {row["status"] for row in herald.status(job)["images"]} == {"success"}


def test_a_host_known_dead_is_asked_once_a_job_and_its_other_items_end_with_that(times: Caller, origin: Origin) -> None:
    first = times.import_images(image_item(origin.reply("/a", HANGS)))
    worker = run_until(finished(times, first))
    HostCircuit.objects.update(opened_at=from_now(), probe_at=from_now(timedelta(hours=1)))
    job = times.import_images(*[image_item(origin.reply(f"/{n}", HANGS)) for n in range(40)])
    run_until(finished(times, job), worker)
    assert {row["error_details"]["cause"] for row in times.status(job)["images"]} == {"host-unavailable"}
    assert 1 <= sum(len(origin.asked(f"/{n}")) for n in range(40)) <= 6


def test_a_host_that_comes_back_gets_its_items_imported(times: Caller, origin: Origin, settings: Any) -> None:
    settings.IMPORT_DEAD_HOST_SECONDS = 60.0
    urls = [origin.reply(f"/{n}", *[HANGS] * 2, PICTURE) for n in range(3)]
    job = times.import_images(*[image_item(url) for url in urls])
    run_until(finished(times, job))
    assert {row["status"] for row in times.status(job)["images"]} == {"success"}
    assert HostCircuit.objects.get().failing_since is None


def test_a_host_that_did_answer_during_the_job_is_waited_for(times: Caller, origin: Origin, settings: Any) -> None:
    """A deploy of the origin in the middle of an archive must not fail what is left of it."""
    settings.IMPORT_RETRY_SECONDS = [0] * 50
    settings.IMPORT_DEAD_HOST_SECONDS = 0.5
    job = times.import_images(
        image_item(origin.reply("/0", PICTURE)),
        *[image_item(origin.reply(f"/{n}", *[HANGS] * 3, PICTURE)) for n in range(1, 6)],
    )
    run_until(finished(times, job))
    assert {row["status"] for row in times.status(job)["images"]} == {"success"}


def test_a_slow_body_is_cut_by_its_rate_and_a_slow_line_is_not(times: Caller, origin: Origin, settings: Any) -> None:
    settings.FETCH_TOTAL_SECONDS = 20.0
    settings.FETCH_MIN_BYTES_PER_SECOND = 50
    settings.IMPORT_RETRY_SECONDS = []
    body = images.png(images.picture(40, 40))
    drips = origin.reply("/drips", Reply(body, piece=1, pause=0.1))
    slowly = origin.reply("/slowly", Reply(body, piece=max(len(body) // 8, 1), pause=0.1))
    job = times.import_images(image_item(slowly), image_item(drips))
    run_until(finished(times, job))
    fine, cut = times.status(job)["images"]
    assert (fine["status"], cut["status"]) == ("success", "failed")
    assert cut["error_details"]["cause"] == "timed-out"


def test_what_waits_and_what_succeeds_of_one_job_may_end_together(times: Caller, origin: Origin) -> None:
    """A 503 and a 200 of the same job, taken in in the same round, and nothing else of it in hand."""
    together = Reply(images.png(images.picture(1, 1)), wait=0.3)
    job = times.import_images(
        image_item(origin.reply("/a", Reply(status=503, wait=0.3), PICTURE)), image_item(origin.reply("/b", together))
    )
    worker = Worker()
    while len(origin.requests) < 2:
        worker.step()
    time.sleep(1.0)
    run_until(finished(times, job), worker)
    assert {row["status"] for row in times.status(job)["images"]} == {"success"}


def test_a_redirect_to_a_dead_host_ends_like_one_that_is_asked_directly(
    times: Caller, origin: Origin, settings: Any
) -> None:
    with socket.socket() as taken:  # a reserved port that does not listen
        taken.bind(("127.0.0.1", 0))
        dead = f"127.0.0.1:{taken.getsockname()[1]}"
        settings.FETCH_ALLOWED_NETWORKS = [origin.address, dead]
        for number in range(5):
            origin.redirect(f"/{number}", f"http://{dead}/gone")
        job = times.import_images(*[image_item(origin.url(f"/{number}")) for number in range(5)])
        run_until(finished(times, job))
    details = [row["error_details"] for row in times.status(job)["images"]]
    assert {(each["cause"], each["parameter"]) for each in details} == {("host-unavailable", dead)}
    assert {state[2] for state in item_states()} == {0}


def test_a_later_success_settles_an_earlier_failure(times: Caller, origin: Origin) -> None:
    url = origin.reply("/a", Reply(status=404), PICTURE)
    times.import_images(image_item(url, id="a"), image_item(origin.url("/gone"), id="b"))
    run_until(lambda: not ImportJob.objects.filter(state="started").exists())
    assert ImportItem.objects.filter(outcome="failed", resolved_at__isnull=True).count() == 2
    times.import_images(image_item(url, id="a"))
    run_until(lambda: not ImportJob.objects.filter(state="started").exists())
    open_failures = ImportItem.objects.filter(outcome="failed", resolved_at__isnull=True)
    assert [item.external_id for item in open_failures] == ["b"]


def test_a_queue_that_only_probes_is_not_stuck(times: Caller, origin: Origin, settings: Any) -> None:
    """A worker takes something every few seconds, and gives it back."""
    settings.IMPORT_DEAD_HOST_SECONDS = 60.0
    times.import_images(*[image_item(origin.reply(f"/{n}", HANGS)) for n in range(20)])
    worker = run_until(lambda: HostCircuit.objects.filter(opened_at__isnull=False).exists())
    long_ago = from_now(-timedelta(minutes=5))
    ImportItem.objects.filter(claimed=False).update(due_at=long_ago)
    ImportJob.objects.update(last_claimed_at=long_ago)
    asked = len(origin.requests)
    run_until(lambda: len(origin.requests) > asked, worker)
    assert ImportItem.objects.filter(outcome="open").count() == 20
    assert not overview(clock.now()).imports.stuck
