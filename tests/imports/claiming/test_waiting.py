"""Reasons to wait: a storage outage, a full disk, a pause, a brake. None of them costs an attempt."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import re2
from django.core.management import CommandError, call_command

from imports import services
from imports.claiming import host_brakes
from imports.claiming.host_brakes import is_open
from imports.models import ImportItem, ImportJob
from imports.worker import Worker
from imports.worker.local_disk import LocalDisk
from imports.worker.shared_objects import Resources
from livingdocs_import.db.clock import from_now
from livingdocs_import.egress.host_limits import host_key
from livingdocs_import.models import HostBrake, HostCircuit, ServiceOutage
from tests import images
from tests.api_client import Caller, document_item, image_item
from tests.imports.worker.test_silent_hosts import finished, run_until
from tests.operators import operator
from tests.origin import Origin, Reply
from tests.workers import item_states

pytestmark = pytest.mark.django_db(transaction=True)
PICTURE = Reply(images.png(images.picture(1, 1)))
mounting = pytest.mark.skipif(os.geteuid() != 0, reason="needs the right to mount a small file system")


def progress(caller: Caller, job: str) -> dict[str, Any]:
    answer = caller.get(f"import/images/status?id={job}&expand=progress")
    found: dict[str, Any] = answer.json()["progress"]
    return found


# --- Storage ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def away(settings: Any, tmp_path: Path) -> Path:
    """A storage that takes nothing as long as this file is there."""
    obstacle = tmp_path / "mount"
    obstacle.touch()
    settings.ASSET_STORAGE = f"file://{obstacle}/assets"
    return obstacle


def test_items_wait_for_a_storage_that_is_away_and_go_on_by_themselves(
    times: Caller, origin: Origin, away: Path
) -> None:
    job = times.import_images(*[image_item(origin.reply(f"/{n}", PICTURE)) for n in range(10)])
    worker = Worker()
    worker.run(seconds=1.0)
    assert set(item_states()) == {("open", False, 0, 0)}
    assert progress(times, job)["waitingFor"] == "storage"
    with pytest.raises(CommandError, match="the storage is away"):
        call_command("status", stdout=StringIO())
    assert "Storage" in operator().get("/admin/").content.decode()
    asked = len(origin.requests)
    worker.run(seconds=1.0)
    assert len(origin.requests) - asked <= 1, "one item at a time tries"
    away.unlink()
    run_until(finished(times, job))  # by another process, which has never seen the host
    assert {row["status"] for row in times.status(job)["images"]} == {"success"}
    assert {state[2] for state in item_states()} == {0}
    assert "waitingFor" not in progress(times, job)
    assert not ServiceOutage.objects.exists()


def test_documents_do_not_wait_for_the_storage(times: Caller, origin: Origin, away: Path) -> None:
    times.import_images(image_item(origin.reply("/a", PICTURE)))
    worker = Worker()
    worker.run(seconds=0.5)
    job = times.import_documents(document_item())
    worker.run(seconds=1.0)
    assert times.status(job, "documents")["logs"][0]["state"] == "imported"


def test_a_storage_that_never_comes_back_fails_its_items_in_the_end(times: Caller, origin: Origin, away: Path) -> None:
    job = times.import_images(image_item(origin.reply("/a", PICTURE)))
    Worker().run(seconds=0.5)
    ServiceOutage.objects.update(since=from_now(-timedelta(hours=7)))
    run_until(finished(times, job))
    assert times.status(job)["images"][0]["error_details"]["cause"] == "storage"


# --- Disk ------------------------------------------------------------------------------------------------------------


def test_a_worker_without_room_claims_no_downloads_but_documents(times: Caller, origin: Origin, settings: Any) -> None:
    settings.IMPORT_MIN_FREE_BYTES = 1 << 60
    times.import_images(image_item(origin.reply("/a", PICTURE)))
    job = times.import_documents(document_item())
    worker = Worker()
    while not times.status(job, "documents")["finished"]:
        worker.run(seconds=0.5)
    assert origin.requests == []
    assert times.status(job, "documents")["logs"][0]["state"] == "imported"


@pytest.fixture
def small_disk(settings: Any, tmp_path: Path) -> Iterator[Path]:
    """A folder for temporary files that holds 64 KB, where nothing has to be free."""
    settings.IMPORT_MIN_FREE_BYTES = 0
    folder = tmp_path / "tmp"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)], check=False)
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=False)


def worker_at(folder: Path) -> Worker:
    """A worker that soon looks again at a disk that was full."""
    disk = LocalDisk(folder, 0, after_full_seconds=0.1)
    return Worker(replace(Resources.from_settings(), disk=disk))


def large(origin: Origin) -> dict[str, Any]:
    return image_item(origin.reply("/large", Reply(images.png(images.picture(1, 1)) + bytes(200_000))))


@mounting
def test_a_disk_that_fills_up_fails_no_item(times: Caller, origin: Origin, small_disk: Path) -> None:
    (small_disk / "fetch-other").write_bytes(bytes(60_000))
    job = times.import_images(large(origin))
    worker_at(small_disk).run(seconds=0.5)
    assert item_states() == [("open", False, 0, 0)]
    subprocess.run(["umount", str(small_disk)], check=True)
    run_until(finished(times, job))
    assert times.status(job)["images"][0]["status"] == "success"


@mounting
def test_a_file_that_does_not_fit_on_the_disk_at_all_fails_after_its_tries(
    times: Caller, origin: Origin, settings: Any, small_disk: Path
) -> None:
    settings.IMPORT_RETRY_SECONDS = [0, 0, 0]
    small = image_item(origin.reply("/small", PICTURE))
    job = times.import_images(large(origin), small)
    run_until(finished(times, job), worker_at(small_disk))
    rows = times.status(job)["images"]
    assert [row["status"] for row in rows] == ["failed", "success"]
    assert rows[0]["error_details"] == {"message": "there was no room for the file", "cause": "disk-full"}
    assert 4 <= len(origin.asked("/large")) <= 6, "beside the other one it counts no try"


@mounting
def test_a_disk_that_stays_full_fails_its_items_in_the_end(times: Caller, origin: Origin, small_disk: Path) -> None:
    (small_disk / "fetch-other").write_bytes(bytes(60_000))
    job = times.import_images(large(origin))
    Worker().run(seconds=0.5)
    ImportItem.objects.update(due_at=from_now(), no_room_since=from_now(-timedelta(hours=7)))
    run_until(finished(times, job))
    assert times.status(job)["images"][0]["error_details"]["cause"] == "disk-full"
    assert len(origin.requests) <= 4


@mounting
def test_that_the_disk_was_full_is_forgotten_when_something_else_happens(
    times: Caller, origin: Origin, settings: Any, small_disk: Path
) -> None:
    settings.IMPORT_RETRY_SECONDS = [60]
    (small_disk / "fetch-other").write_bytes(bytes(60_000))
    origin.reply("/large", Reply(images.png(images.picture(1, 1)) + bytes(200_000)), Reply(status=503))
    times.import_images(image_item(origin.url("/large")))
    worker = Worker()
    worker.run(seconds=0.3)
    assert ImportItem.objects.get().no_room_since is not None
    run_until(lambda: ImportItem.objects.get().attempts == 1, worker)
    assert ImportItem.objects.get().no_room_since is None


# --- Pauses and order ------------------------------------------------------------------------------------------------


def test_a_paused_job_waits_and_says_so(times: Caller, origin: Origin) -> None:
    job = times.import_images(image_item(origin.reply("/a", PICTURE)))
    row = ImportJob.objects.get()
    assert services.pause_job(row)
    assert not services.pause_job(row)
    worker = Worker()
    worker.run(seconds=0.3)
    assert origin.requests == []
    assert progress(times, job)["waitingFor"] == "paused"
    assert services.resume_job(row)
    assert not services.resume_job(row)
    worker.run(seconds=5)
    assert times.status(job)["images"][0]["status"] == "success"


def test_a_paused_job_can_be_cancelled(times: Caller, origin: Origin) -> None:
    job = times.import_images(image_item(origin.url("/a")))
    services.pause_job(ImportJob.objects.get())
    services.cancel_job(ImportJob.objects.get())
    assert times.status(job)["finished"] is True


def test_a_job_that_is_put_first_is_done_first(times: Caller, origin: Origin) -> None:
    slow = Reply(images.png(images.picture(1, 1)), wait=0.05)
    first = times.import_images(*[image_item(origin.reply(f"/a{n}", slow)) for n in range(12)])
    second = times.import_images(*[image_item(origin.reply(f"/b{n}", slow)) for n in range(12)])
    services.order_job(ImportJob.objects.get(public_id=second), first=True)
    run_until(finished(times, first))
    paths = [request.path[1] for request in origin.requests]
    assert paths.index("a") >= 6, "the other one had all slots of the host first"


def test_the_commands_say_what_they_did(times: Caller, origin: Origin) -> None:
    job = times.import_images(image_item(origin.url("/a")))

    def said(*command: str) -> str:
        out = StringIO()
        call_command(*command, stdout=out)
        return out.getvalue().strip()

    assert said("pause_import", job) == f"{job} is paused"
    assert said("pause_import", job) == f"{job} was paused already, or has finished"
    assert said("resume_import", job) == f"{job} goes on"
    assert said("resume_import", job) == f"{job} was not paused"
    assert said("order_import", job, "--first") == f"{job} comes first in its project (priority 1)"
    assert said("brake_host", "https://pictures.example/", "--per-second", "0.5", "--hours", "22:00-06:00") == (
        "pictures.example:443: at most 0.5 requests a second, only from 22:00 to 06:00"
    )
    assert said("brake_host").startswith("pictures.example:443: at most 0.5")
    assert said("brake_host", "pictures.example", "--off") == "pictures.example:443 goes as fast as it can"
    assert said("brake_host", "pictures.example", "--off") == "pictures.example:443 had no brake"
    numbers = [["pictures.example", "--per-second", number] for number in ("0", "nan", "inf", "1e-9", "1e300")]
    for wrong in (["not a host"], ["pictures.example"], *numbers):
        with pytest.raises(CommandError):
            call_command("brake_host", *wrong)
    assert not HostBrake.objects.exists(), "workers end with an error where the next request is never due"
    assert f"{job}: open" in said("show_import", job, "--failed", "-1")
    assert f"{job}: open" in said("show_import", job, "--failed", "9" * 30)


# --- Brakes ----------------------------------------------------------------------------------------------------------


def test_a_braked_host_is_asked_no_faster_than_it_may(times: Caller, herald: Caller, origin: Origin) -> None:
    call_command("brake_host", origin.url("/"), "--per-second", "4", stdout=StringIO())
    jobs = [
        (caller, caller.import_images(*[image_item(origin.reply(f"/{n}", PICTURE)) for n in range(4)]))
        for caller in (times, herald)
    ]
    run_until(lambda: all(finished(*each)() for each in jobs))
    moments = sorted(request.at for request in origin.requests)
    assert len(moments) == 8
    assert moments[-1] - moments[0] >= 0.6, "eight requests, four a second, and a second's worth saved up at most"
    assert {state[2] for state in item_states()} == {0}


def test_hours_are_those_of_the_projects_zone() -> None:
    night = HostBrake(host="a:80", open_from=time(22), open_until=time(6))
    noon = HostBrake(host="a:80", open_from=time(12), open_until=time(13))
    at = datetime(2026, 7, 1, 21, 30, tzinfo=UTC)
    assert not is_open(night, at, "UTC")
    assert is_open(night, at, "Europe/Zurich")
    assert not is_open(noon, at, "UTC")
    assert is_open(noon, datetime(2026, 7, 1, 12, 0, tzinfo=UTC), "UTC")
    assert not is_open(noon, datetime(2026, 7, 1, 13, 0, tzinfo=UTC), "UTC")


def test_a_zone_that_is_not_known_goes_by_utc_and_is_reported_once(caplog: pytest.LogCaptureFixture) -> None:
    night = HostBrake(host="a:80", open_from=time(22), open_until=time(6))
    at = datetime(2026, 7, 1, 21, 30, tzinfo=UTC)
    assert not is_open(night, at, "Europe/Zurch")
    assert not is_open(night, at, "Europe/Zurch")
    assert [record.message for record in caplog.records] == [
        'there is no time zone "Europe/Zurch": its project\'s brakes go by UTC'
    ]


def test_a_host_outside_its_hours_is_not_asked(times: Caller, origin: Origin) -> None:
    now = datetime.now(UTC)
    start, end = ((now + timedelta(hours=hours)).time() for hours in (2, 4))
    call_command("brake_host", origin.url("/"), "--hours", f"{start:%H:%M}-{end:%H:%M}", stdout=StringIO())
    times.import_images(image_item(origin.reply("/a", PICTURE)))
    Worker().run(seconds=0.5)
    assert origin.requests == []


# --- What it says about it -------------------------------------------------------------------------------------------


def shown(job: str) -> str:
    """What an operator reads on the job's page; the command says the same."""
    row, out = ImportJob.objects.get(public_id=job), StringIO()
    page = operator().get(f"/admin/imports/importjob/{row.pk}/change/").content.decode()
    call_command("show_import", job, stdout=out)
    found = re2.search(r"Waits for (.+?)\.</p>", page)
    said = re2.search(r"waits for (.+)", out.getvalue())
    assert (found[1] if found else "") == (said[1] if said else "")
    return str(found[1]) if found else ""


def silent(*hosts: str) -> None:
    """Circuits that are open."""
    for host in hosts:
        row = HostCircuit(host=host, key=host_key(host))
        row.failing_since = row.last_silence_at = row.opened_at = row.probe_at = from_now()
        row.save()


def braked(host: str) -> None:
    """A host that may not be asked at this hour."""
    now = datetime.now(UTC)
    start, end = ((now + timedelta(hours=hours)).time() for hours in (2, 4))
    host_brakes.put(host, open_from=start, open_until=end)


def job_at(caller: Caller, *hosts: str) -> str:
    return caller.import_images(*[image_item(f"https://{host}/a") for host in hosts])


@pytest.mark.parametrize(
    ("what", "words"),
    [("storage", "the storage, which is away"), ("network", "our own network: no host can be reached")],
)
def test_a_job_that_waits_for_a_part_of_our_own_says_so_in_words(times: Caller, what: str, words: str) -> None:
    job = job_at(times, "a.example")
    assert shown(job) == ""
    ServiceOutage.objects.create(part=what, since=from_now(), probe_at=from_now())
    assert progress(times, job)["waitingFor"] == what
    assert shown(job) == words


def test_a_paused_job_says_so_in_words(times: Caller) -> None:
    job = job_at(times, "a.example")
    services.pause_job(ImportJob.objects.get())
    assert shown(job) == "an operator, who has paused it"


def test_a_job_of_silent_hosts_names_them(times: Caller) -> None:
    job = job_at(times, "b.example", "a.example", "b.example")
    silent("a.example:443", "c.example:443")
    assert "waitingFor" not in progress(times, job), "the other host is asked"
    silent("b.example:443")
    assert progress(times, job)["waitingFor"] == "host"
    assert shown(job) == "a.example:443, b.example:443 to answer"
    ImportItem.objects.filter(position=1).update(outcome="failed", reason="r", due_at=None)
    assert shown(job) == "b.example:443 to answer"


def test_of_many_silent_hosts_a_few_are_named(times: Caller) -> None:
    hosts = [f"{letter}.example" for letter in "abcdef"]
    job = job_at(times, *hosts)
    silent(*[f"{host}:443" for host in hosts])
    assert len(shown(job).split(", ")) == 4
    assert shown(job).endswith(", others to answer")


def test_a_job_outside_the_hours_of_its_hosts_names_the_brake(times: Caller) -> None:
    job = job_at(times, "a.example", "b.example")
    braked("a.example:443")
    assert "waitingFor" not in progress(times, job)
    braked("b.example:443")
    assert progress(times, job)["waitingFor"] == "brake"
    assert shown(job) == "the brake on a.example:443, b.example:443"
    silent("a.example:443")
    assert progress(times, job)["waitingFor"] == "brake", "it would not be asked, whether it answers or not"


def test_a_job_of_braked_and_silent_hosts_names_those_that_need_attention(times: Caller) -> None:
    job = job_at(times, "a.example", "b.example")
    braked("a.example:443")
    silent("b.example:443")
    assert progress(times, job)["waitingFor"] == "host"
    assert shown(job) == "b.example:443 to answer"


def test_documents_and_finished_jobs_wait_for_no_host(times: Caller) -> None:
    silent("a.example:443")
    job = job_at(times, "a.example")
    services.cancel_job(ImportJob.objects.get())
    assert "waitingFor" not in progress(times, job)
    documents = times.import_documents(document_item())
    assert shown(documents) == ""


def test_a_job_at_a_host_that_has_had_its_requests_waits_for_the_brake(times: Caller) -> None:
    job = job_at(times, "a.example")
    brake = host_brakes.put("a.example:443", per_second=0.1)
    assert shown(job) == ""
    HostBrake.objects.filter(pk=brake.pk).update(next_at=from_now(timedelta(seconds=9)))
    assert shown(job) == "the brake on a.example:443"
