"""Operators repeat, end and inspect: services and commands."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from imports import services
from imports.claiming import item_hosts
from imports.models import ImportItem, ImportJob
from livingdocs_import.egress.endpoints import endpoint_of
from livingdocs_import.egress.host_limits import host_key
from tests import images
from tests.api_client import Caller, image_item
from tests.commands import run
from tests.origin import Origin, Reply

Run = Callable[[], None]


def said(command: str, *arguments: str, code: int = 0) -> str:
    """What a command prints, which ends with this code."""
    ran = run(command, *arguments)
    assert ran.code == code, ran.err
    return ran.out


@pytest.fixture
def half_failed(times: Caller, origin: Origin, run_workers: Run) -> str:
    """A job of two items: one imported, one whose address did not exist."""
    job = times.import_images(
        image_item(origin.reply("/good", Reply(images.png(images.picture(1, 1))))),
        image_item(origin.url("/late"), id="late"),
    )
    run_workers()
    return job


def test_failed_items_are_tried_again_as_a_new_job(
    times: Caller, origin: Origin, run_workers: Run, half_failed: str
) -> None:
    before = times.status(half_failed)
    origin.reply("/late", Reply(images.png(images.picture(2, 2))))
    again = said("replay_import", half_failed, "--failed-only").strip()
    run_workers()
    assert [(row["externalId"], row["status"]) for row in times.status(again)["images"]] == [("late", "success")]
    assert times.status(half_failed) == before, "what a job said is never rewritten"
    assert ImportJob.objects.get(public_id=again).replay_of.public_id == half_failed


def test_a_whole_job_is_replayed_without_harm(times: Caller, run_workers: Run, half_failed: str) -> None:
    again = said("replay_import", half_failed).strip()
    run_workers()
    assert [row["status"] for row in times.status(again)["images"]] == ["skipped", "failed"]


def test_items_of_one_id_wait_for_each_other_again(times: Caller) -> None:
    """The later one acts on the result of the earlier, also among the failed ones, which are counted anew."""
    ids = ["a", "b", "a", "c", "b", "a", "a", "ä", "A"]
    job = times.import_images(*[image_item("https://pictures.example/a", id=id_, fileName=id_.upper()) for id_ in ids])
    services.cancel_job(ImportJob.objects.get())
    old = ImportJob.objects.get(public_id=job)
    old.items.filter(position__in=[0, 5]).update(outcome="success")

    whole = services.replay_job(old)
    rows = whole.items.order_by("position").values_list("position", "external_id", "blocked_by")
    waits = [None, None, 0, None, 1, 2, 5, None, None]
    assert list(rows) == list(zip(range(9), ids, waits, strict=True))
    failed = services.retry_job(old, by="me")
    assert failed is not None
    rows = failed.items.order_by("position").values_list("position", "external_id", "blocked_by")
    waits = [None, None, None, 0, 1, None, None]
    assert list(rows) == list(zip(range(7), ["b", "a", "c", "b", "a", "ä", "A"], waits, strict=True))

    assert (whole.total, whole.has_repeats, failed.total, failed.has_repeats) == (9, True, 7, True)
    assert failed.note == f"retry of {job} by me"
    for item in whole.items.order_by("position"):
        assert item.payload == old.items.get(position=item.position).payload
        assert (item.title, item.due_at) == (item.payload["fileName"], whole.started_at)
        assert (item.outcome, item.attempts, item.claim_number, item.claimed) == ("open", 0, 0, False)


def test_a_replay_of_an_empty_job_is_finished_at_once(times: Caller) -> None:
    """JOB-16"""
    job = times.import_images()
    again = services.replay_job(ImportJob.objects.get(public_id=job))
    assert times.status(again.public_id) == {
        "finished": True, "state": "success", "id": again.public_id, "images": [],
    }  # fmt: skip
    assert not again.has_repeats


def test_the_number_of_queries_of_a_replay_does_not_grow_with_the_job(times: Caller) -> None:
    queries = []
    for number in (1, 50):
        times.import_images(*[image_item("https://pictures.example/a") for _ in range(number)])
        with CaptureQueriesContext(connection) as captured:
            services.replay_job(ImportJob.objects.order_by("pk").last())
        queries.append(len(captured))
    assert queries[0] == queries[1]


def test_items_that_do_not_name_their_hosts_get_them_by_few_statements(times: Caller) -> None:
    """They ended before hosts were kept. Without them the replay would not be claimed."""
    number = item_hosts.BATCH + 50
    addresses = [f"https://pictures-{n % 300}.example/{n}" for n in range(number)]
    times.import_images(*[image_item(address) for address in addresses])
    ImportItem.objects.update(host_key=0)
    with CaptureQueriesContext(connection) as captured:
        again = services.replay_job(ImportJob.objects.get())
    assert len([query for query in captured if query["sql"].startswith("UPDATE")]) < 20
    keys = dict(again.items.values_list("position", "host_key"))
    assert keys == {n: host_key(endpoint_of(address)) for n, address in enumerate(addresses)}


def test_a_dry_run_only_reports(times: Caller, half_failed: str) -> None:
    assert "1 items" in said("replay_import", half_failed, "--failed-only", "--dry-run")
    assert ImportJob.objects.count() == 1


def test_cancelling_ends_what_is_open_and_keeps_what_is_done(
    times: Caller, settings: object, origin: Origin, half_failed: str
) -> None:
    job = times.import_images(image_item(origin.url("/a")), image_item(origin.url("/b")))
    ImportItem.objects.filter(job__public_id=job, position=0).update(outcome="success", due_at=None)
    ImportJob.objects.filter(public_id=job).update(success=1)
    assert "is cancelled" in said("cancel_import", job)
    status = times.status(job)
    assert (status["finished"], [row["status"] for row in status["images"]]) == (True, ["success", "failed"])
    assert "nothing was changed" in said("cancel_import", job)
    assert ImportJob.objects.get(public_id=job).note == "cancelled by cancel_import"


def test_showing_reports_counts_reasons_and_addresses(half_failed: str, origin: Origin) -> None:
    shown = said("show_import", half_failed, code=3)
    assert "2 of 2 done: 1 success, 0 skipped, 1 failed" in shown
    assert re.search(r"started \S+ \d\d:\d\d:\d\d UTC, finished \S+ \d\d:\d\d:\d\d UTC\n", shown)
    assert "1 x Could not upload image" in shown
    assert f"HTTP 404 from {origin.url('/late')}" in shown


@pytest.mark.parametrize("command", ["show_import", "replay_import", "cancel_import"])
def test_a_job_that_does_not_exist_is_named(db: None, command: str) -> None:
    ran = run(command, "nothing")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith('There is no import job "nothing"')


def test_a_sweep_by_hand_reports_what_it_did(times: Caller, origin: Origin) -> None:
    times.import_images(image_item(origin.url("/a")))
    assert "jobs with work: 1" in said("sweep")


def test_a_replay_of_a_cancelled_job_brings_in_everything(times: Caller, origin: Origin, run_workers: Run) -> None:
    job = times.import_images(image_item(origin.reply("/a", Reply(images.png(images.picture(1, 1))))))
    services.cancel_job(ImportJob.objects.get(public_id=job))
    again = services.retry_job(ImportJob.objects.get(public_id=job))
    assert again is not None
    run_workers()
    assert times.status(again.public_id)["images"][0]["status"] == "success"


def test_a_cause_narrows_what_is_tried_again(times: Caller, origin: Origin, run_workers: Run) -> None:
    forbidden = image_item(origin.reply("/forbidden", Reply(status=403)), id="forbidden")
    job = times.import_images(forbidden, image_item(origin.url("/missing"), id="missing"))
    run_workers()
    assert run("replay_import", job, "--cause", "http-410").code == 1
    assert said("replay_import", job, "--cause", "http-403", "--dry-run").startswith("1 items")
    again = said("replay_import", job, "--cause", "http-403").strip()
    assert list(ImportItem.objects.filter(job__public_id=again).values_list("external_id", flat=True)) == ["forbidden"]


def test_nothing_is_made_where_nothing_has_failed(times: Caller) -> None:
    job = times.import_images(image_item("https://a.example/1"))
    assert said("replay_import", job, "--failed-only") == ""
    assert ImportJob.objects.count() == 1
