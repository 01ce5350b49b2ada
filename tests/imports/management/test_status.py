"""status: for people, for monitoring, and by its exit code."""

from datetime import timedelta

from django.utils import timezone

from imports.models import ImportItem, LastSweep
from livingdocs_import.models import Project, ProjectReceiver, ServiceOutage, WebhookDelivery, WorkerProcess
from livingdocs_import.webhooks import receivers
from tests.api_client import Caller, image_item
from tests.commands import run, run_examples
from tests.queued_webhooks import queued


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


def test_webhooks_that_wait_for_another_try_are_not_nothing(times: Caller) -> None:
    all_is_well()
    queued(times, "https://a.example/x")
    WebhookDelivery.objects.update(attempts=1, due_at=timezone.now() + timedelta(minutes=9))
    ran = run("status")
    assert "webhooks: nothing is due, 1 waits for another try" in ran.lines
    assert any("1 waits for another try, 0 given up" in line for line in ran.lines)


def test_imports_without_a_worker_are_not_about_to_move(times: Caller) -> None:
    all_is_well()
    times.import_images(image_item("https://a.example/1"))
    ImportItem.objects.update(due_at=timezone.now() - timedelta(minutes=2))
    WorkerProcess.objects.all().delete()
    ran = run("status")
    assert ran.code == 1
    (line,) = [line for line in ran.lines if line.startswith("imports: ")]
    assert line.startswith("imports: waits, no worker, oldest due for 2")


def test_a_program_reads_the_handle_of_a_receivers_project(times: Caller) -> None:
    all_is_well()
    Project.objects.filter(pk=times.project.pk).update(label="The Times of Today")
    queued(times, "https://a.example/x")
    WebhookDelivery.objects.update(attempts=1)
    (fact,) = run("status", "--json").facts
    assert [each["project"] for each in fact["receivers"]] == ["times"]


def test_a_receiver_that_answers_again_is_not_said_to_fail(times: Caller) -> None:
    """Since when it fails is counted from its last success, not from the oldest message that was given up."""
    all_is_well()
    now = timezone.now()
    queued(times, "https://a.example/x")
    long_ago = {"created_at": now - timedelta(days=3), "ended_at": now - timedelta(days=2)}
    WebhookDelivery.objects.update(state="given up", due_at=None, attempts=9, **long_ago)
    receiver = receivers.receiver_for(times.project.pk, "https://a.example/x", "")
    state = ProjectReceiver.objects.filter(pk=receiver.pk)
    state.update(recent="200 503", failing_since=now - timedelta(minutes=13))
    assert "  https://a.example/x has not taken webhooks for 13 min: 1 given up" in run("status").lines
    state.update(recent="503 200", failing_since=None)
    said = "  https://a.example/x answers again, but what it did not take is not sent by itself: 1 given up"
    assert said in run("status").lines
