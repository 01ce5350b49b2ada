"""What a worker claims: no job waits behind other jobs' slow hosts, large batches, or items that are not due."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from imports.claiming.due_items import NOTHING_SECONDS, HostSlots, OpenJobs, claim_downloads
from imports.models import HostRequest, ImportItem, ImportJob
from imports.worker import Worker
from imports.worker.claims import CLAIMS_IN_A_ROUND
from livingdocs_import.db import clock
from livingdocs_import.db.clock import from_now
from livingdocs_import.egress.host_limits import host_key
from livingdocs_import.models import HostCircuit
from tests import images
from tests.api_client import Caller, document_item, image_item
from tests.origin import Origin, Reply

PICTURE = Reply(images.png(images.picture(1, 1)))
SLOW = Reply(images.png(images.picture(1, 1)), wait=1.0)


def open_job(caller: Caller) -> Any:
    (job,) = [job for job in OpenJobs().all() if job.project == caller.project.pk]
    return job


def slots(each: int, *full: str) -> HostSlots:
    return HostSlots(lambda key: each, {host_key(host) for host in full})


def claimed(caller: Caller, limit: int, of: HostSlots) -> list[str]:
    return sorted(item.payload["url"].split("/")[2] for item in claim_downloads(open_job(caller), limit, of))


def test_a_claim_takes_as_many_items_of_each_host_as_it_has_slots(times: Caller) -> None:
    urls = [f"https://{name}.example/{n}" for name in ("a", "b", "c") for n in range(20)]
    times.import_images(*[image_item(url) for url in urls])
    assert claimed(times, 10, slots(3)) == ["a.example"] * 3 + ["b.example"] * 3 + ["c.example"] * 3


def test_a_claim_goes_past_hosts_that_may_not_be_asked(times: Caller) -> None:
    times.import_images(*[image_item(f"https://{name}.example/{n}") for name in "abcde" for n in range(20)])
    full = [f"{name}.example:443" for name in "abd"]
    assert claimed(times, 100, slots(2, *full)) == ["c.example"] * 2 + ["e.example"] * 2
    assert claimed(times, 100, slots(2, *(f"{name}.example:443" for name in "abcde"))) == []


def test_a_claim_of_one_host_keeps_the_order_of_the_request(times: Caller) -> None:
    times.import_images(*[image_item(f"https://a.example/{n}") for n in range(20)])
    items = claim_downloads(open_job(times), 5, slots(100))
    assert [item.position for item in items] == [0, 1, 2, 3, 4]


def test_jobs_whose_items_are_not_due_are_not_even_listed(times: Caller, herald: Caller) -> None:
    times.import_images(*[image_item("https://a.example/a") for _ in range(50)])
    ImportItem.objects.update(due_at=from_now(timedelta(hours=1)))
    herald.import_images(image_item("https://a.example/a"))
    assert [job.project for job in OpenJobs().all()] == [herald.project.pk]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_looking_for_jobs_reads_no_item_that_is_not_due(times: Caller, herald: Caller) -> None:
    """Forty jobs of ten thousand items each that wait for their next try made it a second."""
    times.import_images(*[image_item("https://a.example/a") for _ in range(3000)])
    ImportItem.objects.update(due_at=from_now(timedelta(hours=1)))
    herald.import_images(image_item("https://a.example/a"))
    with CaptureQueriesContext(connection) as captured:
        OpenJobs().all()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE imports_importitem")
        cursor.execute("VACUUM ANALYZE imports_importjob")
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {captured.captured_queries[-1]['sql']}")
        plan = cursor.fetchone()[0][0]["Plan"]
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < 40


def done(job: str) -> int:
    return ImportJob.objects.get(public_id=job).done


def test_ten_pictures_are_not_held_up_by_a_hundred_jobs_of_another_project(
    times: Caller, herald: Caller, origin: Origin, settings: Any
) -> None:
    with Origin() as slow:
        settings.FETCH_ALLOWED_NETWORKS = [origin.address, slow.address]
        url = slow.reply("/slow", SLOW)
        for _ in range(100):
            times.import_images(*[image_item(url) for _ in range(3)])
        worker = Worker()
        worker.step()
        assert ImportItem.objects.filter(claimed=True).exists()
        job = herald.import_images(*[image_item(origin.reply(f"/{n}", PICTURE)) for n in range(10)])
        worker.jobs.expire()
        worker.step()
        assert ImportItem.objects.filter(job__public_id=job, claimed=True).count() >= 6, "slots were left for them"
        while done(job) < 10:
            worker.step()
        assert len(slow.requests) <= 60, "of so many downloads at most did it have to see the end"


def test_a_round_claims_from_a_few_jobs_only(times: Caller, origin: Origin) -> None:
    """A job that comes while a thousand others are open does not wait until all of them were claimed from."""
    for _ in range(20):
        times.import_images(image_item(origin.reply("/a", PICTURE)))
    worker = Worker()
    worker.step()
    assert ImportItem.objects.filter(claimed=True).count() == CLAIMS_IN_A_ROUND
    worker.run_until_idle()
    assert not ImportItem.objects.filter(outcome="open").exists()


def test_jobs_whose_host_is_full_are_not_asked_again_until_it_has_a_place(
    times: Caller, herald: Caller, origin: Origin, settings: Any
) -> None:
    with Origin() as slow:
        settings.FETCH_ALLOWED_NETWORKS = [origin.address, slow.address]
        url = slow.reply("/slow", SLOW)
        for _ in range(6):  # jobs are known for a second: a slow machine, too, must have asked all of them within it
            times.import_images(*[image_item(url) for _ in range(3)])
        worker = Worker()
        for _ in range(2):
            worker.step()
        time.sleep(NOTHING_SECONDS)
        with CaptureQueriesContext(connection) as captured:
            worker.step()
        assert not [query for query in captured.captured_queries if "host_key" in query["sql"]]
        worker.run(seconds=0)
        before = len(slow.requests)
        worker.run(seconds=0.1)
        assert len(slow.requests) > before, "the host has slots again"


def jobs_at_a_silent_host(caller: Caller, number: int) -> None:
    """Jobs that have asked it themselves; the next probe is far away."""
    host, now = "silent.example:443", clock.now()
    for _ in range(number):
        caller.import_images(image_item(f"https://{host}/a"))
    key, later = host_key(host), now + timedelta(minutes=10)
    HostCircuit.objects.create(
        host=host, key=key, failures=3, failing_since=now, last_silence_at=now, opened_at=now, probe_at=later
    )
    HostRequest.objects.bulk_create(
        [HostRequest(job=job, host_key=key, asked_at=now) for job in ImportJob.objects.all()]
    )


def test_a_picture_does_not_wait_behind_jobs_whose_host_is_silent(
    times: Caller, herald: Caller, origin: Origin
) -> None:
    jobs_at_a_silent_host(times, 40)
    job = herald.import_images(image_item(origin.reply("/a", PICTURE)))
    worker, until = Worker(), time.monotonic() + 20
    while not done(job):
        assert time.monotonic() < until
        worker.run(seconds=0.5)


def test_a_job_whose_host_is_silent_is_asked_again_although_other_hosts_are_full(
    times: Caller, herald: Caller, origin: Origin
) -> None:
    """Its host may answer long before any of the others has a place."""
    jobs_at_a_silent_host(herald, 1)
    times.import_images(*[image_item(origin.reply("/slow", SLOW)) for _ in range(30)])
    worker = Worker()
    for _ in range(2):
        worker.step()
        time.sleep(NOTHING_SECONDS)
    with CaptureQueriesContext(connection) as captured:
        worker.step()
    job = ImportJob.objects.get(project=herald.project)
    asked = [query["sql"] for query in captured.captured_queries if f'"job_id" = {job.pk} ' in query["sql"]]
    assert asked
    worker.run(seconds=0)  # to the end of what was begun


def test_a_worker_is_idle_only_when_it_has_asked_all_jobs(times: Caller, herald: Caller, origin: Origin) -> None:
    jobs_at_a_silent_host(times, 3 * CLAIMS_IN_A_ROUND)
    job = herald.import_images(image_item(origin.reply("/a", PICTURE)))
    worker = Worker()
    assert worker.run_until_idle()
    assert done(job) == 1
    assert not worker.run_until_idle(), "nothing of the others can be done"


def test_documents_do_not_wait_for_downloads(times: Caller, herald: Caller, origin: Origin) -> None:
    times.import_images(*[image_item(origin.reply(f"/{n}", SLOW)) for n in range(40)])
    job = herald.import_documents(*[document_item() for _ in range(10)])
    worker = Worker()
    worker.step()
    assert done(job) == 10
    assert not ImportItem.objects.filter(job__kind="images").exclude(outcome="open").exists()
    worker.run(seconds=0)  # to the end of what was begun


def test_two_projects_with_documents_take_turns(times: Caller, herald: Caller, settings: Any) -> None:
    settings.IMPORT_DOCUMENTS_CHUNK = 5
    first = times.import_documents(*[document_item() for _ in range(100)])
    second = herald.import_documents(*[document_item() for _ in range(10)])
    worker = Worker()
    while done(second) < 10:
        worker.step()
    assert done(first) <= 30
