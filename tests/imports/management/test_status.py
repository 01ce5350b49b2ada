"""status: for people, for monitoring, and by its exit code."""

from datetime import timedelta

from django.utils import timezone

from imports.models import LastSweep
from livingdocs_import.models import ServiceOutage, WorkerProcess
from tests.api_client import Caller, image_item
from tests.commands import run, run_examples


def all_is_well() -> None:
    """Workers of both kinds have been seen, and housekeeping runs."""
    now = timezone.now()
    WorkerProcess.objects.create(host="h", pid=1, imports=True, webhooks=True, started_at=now, seen_at=now)
    LastSweep.objects.update_or_create(pk=LastSweep.NOTIFYING, defaults={"at": now})


def test_the_examples_of_status(times: Caller) -> None:
    all_is_well()
    times.import_images(image_item("https://a.example/1"))
    people, programs = run_examples("status", {})
    assert (people.code, programs.code) == (0, 0)
    assert "open jobs: 1" in people.lines
    (fact,) = programs.facts
    assert (fact["well"], fact["problems"], fact["openJobs"]) == (True, [], 1)
    assert fact["importWorkers"]["alive"] == 1
    assert fact["imports"]["stuck"] is False


def test_what_is_wrong_is_said_to_programs_and_by_the_exit_code(times: Caller) -> None:
    all_is_well()
    now = timezone.now()
    ServiceOutage.objects.create(part="storage", since=now - timedelta(hours=1), probe_at=now)
    WorkerProcess.objects.all().delete()
    ran = run("status", "--json")
    (fact,) = ran.facts
    assert ran.code == 1
    assert fact["well"] is False
    assert fact["problems"] == ["import workers: none seen", "webhook workers: none seen", "the storage is away"]
    assert fact["away"][0]["part"] == "storage"
    assert "the storage is away: see docs/operations.md" in ran.err
