"""The admin's first page: what runs, whether it moves, what went wrong today."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from imports.models import ImportItem, ImportJob, LastSweep
from imports.monitoring import overview
from livingdocs_import.models import WebhookDelivery, WorkerProcess
from livingdocs_import.webhooks import outbox
from tests.api_client import Caller
from tests.imports.admin.test_jobs import make_job
from tests.operators import operator


def test_with_nothing_to_do_it_says_so(times: Caller) -> None:
    shown = operator().get("/admin/").content.decode()
    assert shown.count("Nothing waits") == 2
    assert "Everything that was accepted is done." in shown
    assert "Stuck" not in shown


def test_open_jobs_are_listed_with_their_progress(times: Caller) -> None:
    job = make_job(times, "success", "", finished=False)
    done = make_job(times, "success")
    shown = operator().get("/admin/").content.decode()
    assert job.public_id in shown
    assert 'aria-label="1 of 2 done' in shown
    assert done.public_id not in shown


def test_a_queue_is_stuck_when_its_oldest_row_has_been_due_for_minutes(times: Caller) -> None:
    make_job(times, "", finished=False)
    now = timezone.now()
    ImportItem.objects.update(due_at=now - timedelta(seconds=30))
    assert not overview(now).imports.stuck
    ImportItem.objects.update(due_at=now - timedelta(minutes=7))
    assert overview(now).imports.stuck
    shown = operator().get("/admin/").content.decode()
    assert "Stuck: due for 7 min" in shown
    assert "Is a worker running" in shown


def test_a_queue_that_a_worker_draws_from_is_not_stuck_however_long_it_is(times: Caller) -> None:
    job = make_job(times, "", "", finished=False)
    now = timezone.now()
    ImportItem.objects.update(due_at=now - timedelta(minutes=7))
    ImportJob.objects.filter(pk=job.pk).update(last_claimed_at=now - timedelta(seconds=10))
    assert not overview(now).imports.stuck
    ImportJob.objects.filter(pk=job.pk).update(last_claimed_at=now - timedelta(minutes=5))
    assert overview(now).imports.stuck
    ImportItem.objects.filter(position=0).update(claimed=True, due_at=now + timedelta(seconds=20))
    assert not overview(now).imports.stuck
    ImportItem.objects.filter(position=0).update(due_at=now - timedelta(minutes=2))
    assert overview(now).imports.stuck, "the worker that held it is dead"


def test_an_item_that_waits_for_its_duplicate_or_for_its_next_try_is_not_stuck(times: Caller) -> None:
    make_job(times, "", "", finished=False)
    now = timezone.now()
    ImportItem.objects.filter(position=0).update(due_at=now + timedelta(minutes=1))
    ImportItem.objects.filter(position=1).update(due_at=now - timedelta(hours=1), blocked_by=0)
    assert overview(now).imports.waits is None


def test_stuck_webhooks_are_distinguished_from_stuck_imports(times: Caller) -> None:
    outbox.notify(times.project, url="https://a.example/", subject="job x", body={})
    now = timezone.now() + timedelta(minutes=5)
    look = overview(now)
    assert look.webhooks.stuck
    assert not look.imports.stuck
    WebhookDelivery.objects.get().tries.create(at=now - timedelta(seconds=5), status=500)
    assert not overview(now).webhooks.stuck


def seen(**what: Any) -> None:
    """A worker process has left a sign of life, so many minutes ago."""
    at = timezone.now() - timedelta(minutes=what.pop("minutes_ago", 0))
    WorkerProcess.objects.create(
        **{"imports": False, "webhooks": False} | what, host="a", pid=1, started_at=at, seen_at=at
    )


def swept(minutes_ago: float = 0) -> None:
    LastSweep.objects.all().delete()
    LastSweep.objects.create(pk=LastSweep.NOTIFYING, at=timezone.now() - timedelta(minutes=minutes_ago))


def test_missing_housekeeping_is_noticed_after_two_minutes(times: Caller) -> None:
    """FLT-28"""
    seen(imports=True, webhooks=True)
    shown = operator().get("/admin/").content.decode()
    assert "Never done" in shown
    assert "none notices what is due" in shown
    swept()
    shown = operator().get("/admin/").content.decode()
    assert "last round" in shown
    assert "none notices what is due" not in shown
    swept(minutes_ago=3)
    assert "Not done for 3 min" in operator().get("/admin/").content.decode()


def test_dead_import_workers_are_distinguished_from_the_rest(times: Caller) -> None:
    make_job(times, "", finished=False)
    ImportItem.objects.update(due_at=timezone.now() - timedelta(minutes=7))
    swept()
    seen(imports=True, minutes_ago=5)
    seen(webhooks=True)
    shown = operator().get("/admin/").content.decode()
    assert "None seen for 5 min" in shown
    assert "Is a worker running" in shown
    assert "last round" in shown
    with pytest.raises(CommandError, match=r"^imports are stuck, import workers: none seen for 5 min"):
        status()
    seen(imports=True)
    shown = operator().get("/admin/").content.decode()
    assert "None seen" not in shown
    assert "do they reach the broker" in shown


def status() -> str:
    out = StringIO()
    call_command("status", stdout=out)
    return out.getvalue()


def test_monitoring_may_ask_for_the_status(times: Caller) -> None:
    with pytest.raises(
        CommandError, match="import workers: none seen, webhook workers: none seen, housekeeping: never"
    ):
        status()
    make_job(times, "", finished=False)
    seen(imports=True)
    seen(imports=True)
    seen(webhooks=True)
    swept()
    said = status()
    assert "imports: about to move, oldest due for" in said
    assert "webhooks: nothing waits" in said
    assert "import workers: 2, last seen" in said
    assert "webhook workers: 1, last seen" in said
    assert "housekeeping: last round" in said
    ImportItem.objects.update(due_at=timezone.now() - timedelta(minutes=7))
    with pytest.raises(CommandError, match=r"^imports are stuck: see docs"):
        status()


def test_deliveries_given_up_today_are_named_without_their_secrets(times: Caller) -> None:
    for subject, age in (("job today", timedelta(hours=1)), ("job before", timedelta(hours=25))):
        delivery = outbox.notify(times.project, url="https://a.example/x?token=s3cret", subject=subject, body={})
        now = timezone.now()
        WebhookDelivery.objects.filter(pk=delivery.pk).update(
            state="given up", due_at=None, ended_at=now, created_at=now - age
        )
    shown = operator().get("/admin/").content.decode()
    assert "job today" in shown
    assert "job before" not in shown
    assert "s3cret" not in shown


def test_the_last_day_is_summed_up(times: Caller) -> None:
    make_job(times, "success", "success", "skipped:x", "failed:x")
    make_job(times, "failed:x")
    old = make_job(times, "success")
    ImportJob.objects.filter(pk=old.pk).update(started_at=timezone.now() - timedelta(hours=25))
    day = overview(timezone.now()).day
    assert (day.jobs, day.items, day.success, day.skipped, day.failed) == (2, 5, 2, 1, 2)


def test_who_may_not_see_jobs_sees_no_overview(times: Caller) -> None:
    job = make_job(times, "", finished=False)
    shown = operator("livingdocs_import.view_project").get("/admin/").content.decode()
    assert job.public_id not in shown
    assert "Projects" in shown


def test_the_banner_names_the_installation(times: Caller, settings: object) -> None:
    settings.PUBLIC_URL, settings.DEBUG = "https://import.example.org", False
    shown = operator().get("/admin/").content.decode()
    assert "import.example.org" in shown
    assert "development" not in shown
    settings.DEBUG = True
    assert "<strong>development</strong>" in operator().get("/admin/").content.decode()
