"""The admin's first page: what runs, whether it moves, what went wrong today."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from imports.admin.overview import overview_context
from imports.housekeeping import measure
from imports.models import FailureGroup, ImportItem, ImportJob, LastSweep, Throughput
from imports.monitoring import Scopes, assess, overview
from livingdocs_import.models import (
    AccessToken,
    HostCircuit,
    Project,
    ProjectReceiver,
    ServiceOutage,
    WebhookDelivery,
    WorkerProcess,
)
from livingdocs_import.models.project_scope import ProjectScope
from livingdocs_import.webhooks import outbox, receivers
from tests.api_client import Caller
from tests.imports.admin.test_jobs import make_job
from tests.operators import member, operator

END_OF_HOUR = datetime(2026, 11, 29, 14, 59, 59, 999_999, tzinfo=UTC)


def context_at(now: datetime) -> dict[str, Any]:
    """What the page would show to a superuser at that time."""
    return overview_context(User.objects.create_superuser("operator"), now)


def test_with_nothing_to_do_it_says_so(times: Caller) -> None:
    shown = operator().get("/admin/").content.decode()
    assert shown.count("Nothing waits") == 2
    assert "everything that was accepted is done" in shown
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
    ImportItem.objects.update(due_at=END_OF_HOUR - timedelta(seconds=30))
    assert not overview(END_OF_HOUR).imports.stuck
    ImportItem.objects.update(due_at=END_OF_HOUR - timedelta(minutes=7, seconds=59))
    assert overview(END_OF_HOUR).imports.stuck
    shown = render_to_string("admin/imports/overview.html", context_at(END_OF_HOUR))
    assert "Nothing moves: no worker has taken anything for 7 min." in shown
    assert "Stuck: due for 7 min" in shown
    assert "Is one running, and does it reach the database" in shown


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
    assert "has never run: the logs of the workers say why" in shown
    swept()
    shown = operator().get("/admin/").content.decode()
    assert "last round" in shown
    assert "All is well. Nothing needs a person." in shown
    swept(minutes_ago=3)
    assert "has not run for 3 min" in operator().get("/admin/").content.decode()


def test_dead_import_workers_are_distinguished_from_the_rest(times: Caller) -> None:
    make_job(times, "", finished=False)
    ImportItem.objects.update(due_at=timezone.now() - timedelta(minutes=7))
    swept()
    seen(imports=True, minutes_ago=5)
    seen(webhooks=True)
    shown = operator().get("/admin/").content.decode()
    assert "no process for them was seen for 5 min. Is one running" in shown
    assert "last round" in shown
    with pytest.raises(CommandError, match=r"^imports are stuck, import workers: none seen for 5 min"):
        status()
    seen(imports=True)
    shown = operator().get("/admin/").content.decode()
    assert "no process for them was seen" not in shown
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


def give_up(times: Caller, subject: str, age: timedelta) -> None:
    delivery = outbox.notify(times.project, url="https://a.example/x?token=s3cret", subject=subject, body={})
    at = timezone.now() - age
    WebhookDelivery.objects.filter(pk=delivery.pk).update(state="given up", due_at=None, ended_at=at, created_at=at)


def test_receivers_of_deliveries_given_up_this_week_are_named_without_their_secrets(times: Caller) -> None:
    swept()
    for days in (1, 6, 8):
        give_up(times, f"job of {days} days", timedelta(days=days))
    shown = operator().get("/admin/").content.decode()
    assert "<strong>https://a.example/x?…</strong> has not taken webhooks for 6 d: 2 given up" in shown
    assert "/admin/livingdocs_import/webhookdelivery/?state__exact=given+up" in shown
    assert "s3cret" not in shown


def test_a_delivery_that_is_sent_again_needs_no_person(times: Caller) -> None:
    swept()
    give_up(times, "job x", timedelta(hours=1))
    outbox.send_again(WebhookDelivery.objects.get())
    look = overview(timezone.now())
    assert (look.deliveries.given_up, look.webhooks.depth) == (0, 1)
    assert "given up" not in operator().get("/admin/").content.decode()


def test_what_waits_for_another_try_is_counted(times: Caller) -> None:
    for number in range(3):
        outbox.notify(times.project, url="https://a.example/x", subject=f"job {number}", body={})
    in_a_moment = timezone.now() + timedelta(minutes=9, seconds=30)
    WebhookDelivery.objects.exclude(subject="job 0").update(attempts=1, due_at=in_a_moment)
    shown = operator().get("/admin/").content.decode()
    assert "2 wait for another try, the next in 9 min" in shown


def test_the_last_day_is_summed_up(times: Caller) -> None:
    make_job(times, "success", "success", "skipped:x", "failed:x")
    make_job(times, "failed:x")
    old = make_job(times, "success")
    ImportJob.objects.filter(pk=old.pk).update(started_at=timezone.now() - timedelta(hours=25))
    day = overview(timezone.now()).day
    assert (day.jobs, day.items, day.success, day.skipped, day.failed) == (2, 5, 2, 1, 2)


# --- What waits for something else is not stuck -----------------------------------------------------------------------


def stuck(times: Caller, **fields: Any) -> ImportJob:
    """A job with an item that has been due for long, and no worker."""
    job = make_job(times, "", finished=False)
    ImportJob.objects.filter(pk=job.pk).update(**fields)
    ImportItem.objects.update(due_at=timezone.now() - timedelta(minutes=7))
    assert overview(timezone.now()).imports.stuck == (not fields)
    return job


def test_a_paused_job_is_not_stuck(times: Caller) -> None:
    stuck(times, paused_at=timezone.now())


@pytest.mark.parametrize("part", ["storage", "network"])
def test_a_job_that_waits_for_an_outage_is_not_stuck(times: Caller, part: str) -> None:
    stuck(times)
    swept()
    at = timezone.now() - timedelta(minutes=7)
    outage = ServiceOutage.objects.create(part=part, since=at, probe_at=at)
    look = overview(timezone.now())
    assert not look.imports.stuck
    assert f"<strong>The {part}</strong> is away for 7 min" in operator().get("/admin/").content.decode()
    outage.delete()
    assert overview(timezone.now()).imports.stuck


def test_documents_do_not_wait_for_the_storage(times: Caller) -> None:
    job = stuck(times)
    ImportJob.objects.filter(pk=job.pk).update(kind="documents")
    ServiceOutage.objects.create(part="storage", since=timezone.now(), probe_at=timezone.now())
    assert overview(timezone.now()).imports.stuck


def test_a_job_whose_hosts_are_all_silent_is_not_stuck(times: Caller) -> None:
    stuck(times)
    now = timezone.now()
    circuit = HostCircuit.objects.create(
        host="a.example:443", key=ImportItem.objects.get().host_key, failing_since=now, opened_at=now, probe_at=now,
        last_silence_at=now,
    )  # fmt: skip
    assert not overview(timezone.now()).imports.stuck
    circuit.delete()
    assert overview(timezone.now()).imports.stuck


# --- Parts and people -------------------------------------------------------------------------------------------------


def test_the_part_that_is_fetched_anew_is_what_the_page_shows(times: Caller) -> None:
    make_job(times, "success", "", finished=False)
    client = operator()
    part = client.get(reverse("admin:overview"))
    assert part.status_code == 200
    assert "<html" not in part.content.decode()
    page = client.get("/admin/").content.decode()
    assert f'data-refresh="{reverse("admin:overview")}"' in page
    heading = part.content.decode().split("</h1>")[0]
    assert heading.strip() in page


def test_the_part_needs_the_permission_to_see_jobs(times: Caller) -> None:
    assert operator("livingdocs_import.view_project").get(reverse("admin:overview")).status_code == 403
    assert Client().get(reverse("admin:overview")).status_code == 302


def test_buttons_lead_to_pages_that_the_user_may_open(times: Caller) -> None:
    swept()
    seen(imports=True, webhooks=True)
    Project.objects.filter(pk=times.project.pk).update(daily_limits={"images": 2})
    make_job(times, "success", "success")
    assert "Raise the limit" in operator().get("/admin/").content.decode()
    shown = operator("imports.view_importjob").get("/admin/").content.decode()
    assert "has used all" not in shown
    shown = member(times="administrator").get("/admin/").content.decode()
    assert "has used all of its 2 images in 24 hours" in shown
    assert "Raise the limit" not in shown, "only administrators of all projects may"
    assert "Retry" not in shown


FACTS = {
    "livingdocs_import.view_project": ("Quotas over 80 %", "has used all of its 2 images", "hook-that-fails"),
    "livingdocs_import.view_webhookdelivery": ("Webhooks waiting", "https://a.example/x?…", "1 given up"),
    "livingdocs_import.view_accesstoken": ("token-that-ends",),
}


@pytest.mark.parametrize("permission", [None, *FACTS])
def test_each_fact_needs_the_permission_of_its_own_page(times: Caller, permission: str | None) -> None:
    swept()
    seen(imports=True, webhooks=True)
    Project.objects.filter(pk=times.project.pk).update(daily_limits={"images": 2})
    make_job(times, "success", "success")
    give_up(times, "job x", timedelta(hours=1))
    soon = timezone.now() + timedelta(days=2)
    AccessToken.objects.issue(times.project, name="token-that-ends", scopes=["public-api:read"], expires_at=soon)
    receivers.receiver_for(times.project.pk, "https://b.example/x", "hook-that-fails")
    ProjectReceiver.objects.update(failing_since=timezone.now(), switched_off_at=timezone.now())
    shown = operator("imports.view_importjob", *filter(None, [permission])).get("/admin/").content.decode()
    for needed, facts in FACTS.items():
        assert {fact in shown for fact in facts} == {needed == permission}, (needed, facts)


def test_an_error_of_the_storage_is_shown_to_users_of_all_projects(times: Caller, settings: Any, tmp_path: Any) -> None:
    (tmp_path / "secret-folder").write_text("")
    settings.ASSET_STORAGE = f"file://{tmp_path}/secret-folder/assets"
    assert "secret-folder" in operator().get("/admin/").content.decode()
    shown = member(times="administrator").get("/admin/").content.decode()
    assert "cannot be used from here: users who see the jobs of all projects see why" in shown
    assert "secret-folder" not in shown


def test_of_a_project_only_its_own_is_shown(times: Caller, herald: Caller) -> None:
    swept()
    make_job(times, "success", "success", "", finished=False)
    other = make_job(herald, "success", *["failed:x"] * 60, "", finished=False)
    FailureGroup.objects.create(
        job=other, cause="http-404", failed=60, first_at=timezone.now(), last_at=timezone.now()
    )  # fmt: skip
    give_up(herald, "job x", timedelta(hours=1))
    seen(imports=True, webhooks=True)
    WorkerProcess.objects.update(doing="downloads 8 images from secret.example", job=other.public_id)
    measure()
    own = ProjectScope(frozenset({times.project.pk}))
    mine, everything = overview(timezone.now(), Scopes(*[own] * 4)), overview(timezone.now())
    assert (mine.imports.depth, everything.imports.depth) == (1, 2)
    assert (mine.open_failures, everything.open_failures) == (0, 60)
    assert (mine.deliveries.given_up, everything.deliveries.given_up) == (0, 1)
    assert (mine.day.items, everything.day.items) == (3, 65)
    assert [one.job.project for one in mine.open_jobs] == [times.project]
    assert (mine.processes, mine.samples) == ([], {})
    assert assess(mine).sentence == "All is well. Nothing needs a person."


def test_what_ended_is_drawn_by_hour(times: Caller) -> None:
    hour = datetime(2026, 11, 29, 14, tzinfo=UTC)
    for ago, success in ((0, 96), (3, 48), (24, 1000)):
        Throughput.objects.create(
            project=times.project, kind="images", hour=hour - timedelta(hours=ago), success=success, failed=ago
        )
    context = context_at(END_OF_HOUR)
    assert "busiest: 96 at 14:00" in render_to_string("admin/imports/overview.html", context)
    columns = context["chart"]["drawn"].columns
    assert len(columns) == 24
    assert columns[-1].title == "Sun 14:00: 96 done, 0 skipped, 0 failed"
    assert sum(bool(column.segments) for column in columns) == 2


def test_the_navigation_counts_what_needs_a_person(times: Caller) -> None:
    job = make_job(times, "failed:x")
    FailureGroup.objects.create(job=job, cause="http-404", failed=1316, first_at=job.started_at, last_at=job.started_at)
    give_up(times, "job x", timedelta(hours=1))
    shown = operator().get("/admin/imports/importjob/").content.decode()
    assert 'Failures<span class="count bad">1,316</span>' in shown
    assert 'Webhooks<span class="count bad">1<span class="vh"> given up</span></span>' in shown


def test_workers_are_listed_with_what_they_do(times: Caller) -> None:
    job = make_job(times, "", finished=False)
    seen(imports=True)
    WorkerProcess.objects.update(doing="downloads 8 images from a.example", job=job.public_id, pace=0.5, memory=96e6)
    shown = operator().get("/admin/").content.decode()
    assert "downloads 8 images from a.example" in shown
    assert '<td class="num" data-label="Pace">0.5/s</td>' in shown
    assert "96 MB" in shown


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
