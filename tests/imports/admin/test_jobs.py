"""Jobs in the admin: progress, reasons, webhook, and the three things an operator can do about one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from imports import services
from imports.models import ImportItem, ImportJob
from livingdocs_import.models import AccessToken, WebhookDelivery
from tests.api_client import Caller, document_item
from tests.operators import operator

LIST = "/admin/imports/importjob/"
SECRET = "https://u:pw@hooks.example/done?token=s3cret"


def make_job(times: Caller, *outcomes: str, finished: bool = True, **fields: Any) -> ImportJob:
    """A job whose items ended like this; reasons follow a colon: `failed:Could not upload image`. "" is open."""
    items = [
        {"id": f"image-{number}", "url": "https://u:pw@a.example/1.jpg?sig=s3cret", "fileName": f"Image {number}"}
        for number, _ in enumerate(outcomes)
    ]
    fields = {"kind": "images", "system_name": "archive", "token": None} | fields
    job = services.start_job(times.project, items=items, **fields)
    for position, text in enumerate(outcomes):
        outcome, _, reason = text.partition(":")
        if outcome:
            job.items.filter(position=position).update(outcome=outcome, reason=reason, due_at=None, attempts=1)
    counts = {name: sum(text.startswith(name) for text in outcomes) for name in ("success", "skipped", "failed")}
    if finished and outcomes:
        counts |= {"state": "success", "finished_at": timezone.now()}
    ImportJob.objects.filter(pk=job.pk).update(started_at=timezone.now() - timedelta(seconds=10), **counts)
    job.refresh_from_db()
    return job


def page(client: Client, job: ImportJob) -> str:
    return client.get(f"{LIST}{job.pk}/change/").content.decode()


def act(client: Client, action: str, *jobs: ImportJob, yes: bool = True) -> Any:
    sure = {"yes": "1"} if yes else {}
    return client.post(f"{LIST}act/{action}/", {"object": [job.pk for job in jobs]} | sure, follow=True)


# --- Looking


def test_the_page_of_an_open_job_reports_how_far_and_how_fast(times: Caller) -> None:
    job = make_job(times, "success", "success", "failed:Could not upload image", "", "", finished=False)
    ImportItem.objects.filter(position=3).update(claimed=True, attempts=1)
    shown = page(operator(), job)
    assert 'aria-label="3 of 5 done: 2 success, 0 skipped, 1 failed"' in shown
    for fact in ("<dt>In work</dt><dd>1</dd>", "<dt>Not begun</dt><dd>1</dd>", "<dt>Pace</dt><dd>0.3/s</dd>"):
        assert fact in shown
    assert "<dt>ETA</dt>" in shown
    assert "Cancel job" in shown
    assert "Replay job" not in shown


def test_a_finished_job_can_be_replayed_but_not_cancelled(times: Caller) -> None:
    shown = page(operator(), make_job(times, "success"))
    assert "Replay job" in shown
    assert "Cancel job" not in shown
    assert "Try failed items again" not in shown
    assert "Not begun" not in shown


def test_reasons_are_counted_and_lead_to_their_items(times: Caller) -> None:
    reasons = ["failed:not an image & more", "skipped:not changed", "failed:not an image & more"]
    job = make_job(times, "success", *reasons)
    client = operator()
    shown = page(client, job)
    address = f"?job={job.public_id}&amp;outcome__exact=failed&amp;reason=not%20an%20image%20%26%20more"
    assert address in shown
    items = client.get(f"/admin/imports/importitem/{address.replace('&amp;', '&')}").content.decode()
    assert "2 import items" in items


def test_the_webhook_and_its_attempts_are_on_the_page(times: Caller) -> None:
    job = make_job(times, webhook=SECRET)
    delivery = WebhookDelivery.objects.get()
    delivery.tries.create(status=503, milliseconds=12, answer="busy")
    shown = page(operator(), job)
    assert "https://hooks.example/done?…" in shown
    assert ">503<" in shown
    assert delivery.delivery_id in shown


def test_no_page_of_a_job_shows_a_secret_of_a_url(times: Caller) -> None:
    job = make_job(times, "success", webhook=SECRET, context={"back": "https://a.example/?token=s3cret"})
    client = operator()
    item = job.items.get()
    shown = client.get(LIST).content + client.get("/admin/imports/importitem/").content
    shown += client.get(f"/admin/imports/importitem/{item.pk}/change/").content
    assert "s3cret" not in shown.decode() + page(client, job)
    assert "https://a.example/1.jpg?…" in shown.decode()


def test_what_a_client_sent_is_text_and_not_markup(times: Caller) -> None:
    nasty = "<script>alert(1)</script>"
    job = make_job(times, f"failed:{nasty}", system_name=nasty, context={"a": nasty})
    ImportItem.objects.update(title=nasty, external_id=nasty)
    client = operator()
    item = f"/admin/imports/importitem/{job.items.get().pk}/change/"
    for address in (LIST, f"{LIST}{job.pk}/change/", "/admin/imports/importitem/", item):
        shown = client.get(address).content.decode()
        assert nasty not in shown, address
        assert "&lt;script&gt;alert(1)" in shown, address


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=open", ["open"]),
        ("state=failures", ["failures"]),
        ("state=clean", ["clean"]),
        ("started=1", ["clean", "failures", "open"]),
        ("q={clean}", ["clean"]),
        ("q=nothing", []),
    ],
)
def test_jobs_are_found_by_what_one_asks_for(times: Caller, query: str, found: list[str]) -> None:
    jobs = {
        "old": make_job(times, "success"),
        "clean": make_job(times, "success"),
        "failures": make_job(times, "failed:x"),
        "open": make_job(times, "", finished=False),
    }
    ImportJob.objects.filter(pk=jobs["old"].pk).update(
        state="failed", failed=0, started_at=timezone.now() - timedelta(days=2)
    )
    names = {name: job.public_id for name, job in jobs.items()}
    shown = operator().get(f"{LIST}?{query.format(**names)}").content.decode()
    assert sorted(name for name, public_id in names.items() if f">{public_id}</a>" in shown) == found


# --- Doing


def test_cancelling_asks_first(times: Caller) -> None:
    job = make_job(times, "success", "", finished=False)
    answer = act(operator(), "cancel", job, yes=False)
    assert "This cannot be undone." in answer.content.decode()
    job.refresh_from_db()
    assert not job.finished


def test_a_cancelled_job_ends_and_says_who_did_it(times: Caller) -> None:
    """FLT-27"""
    job = make_job(times, "success", "", finished=False, webhook=SECRET)
    act(operator(), "cancel", job)
    job.refresh_from_db()
    assert (job.state, job.success, job.failed, job.note) == ("success", 1, 1, "cancelled by operator-0")
    assert job.items.get(position=1).reason == "cancelled"
    assert WebhookDelivery.objects.get().subject == f"job {job.public_id}"
    entry = LogEntry.objects.get()
    assert (entry.change_message, entry.object_id, entry.user.username) == ("Cancel job", str(job.pk), "operator-0")


def test_replaying_asks_first_and_makes_a_new_job_of_all_items(times: Caller) -> None:
    job = make_job(times, "success", "failed:x")
    client = operator()
    assert "All items are sent through again" in act(client, "replay", job, yes=False).content.decode()
    assert ImportJob.objects.count() == 1
    act(client, "replay", job)
    again = ImportJob.objects.get(replay_of=job)
    assert (again.total, again.note) == (2, f"replay of {job.public_id} by operator-0")
    assert again.public_id in page(client, job)


def test_trying_again_takes_the_failed_items_only(times: Caller) -> None:
    job = make_job(times, "success", "failed:x", "skipped:not changed")
    client = operator()
    assert "sent through again as a new job" in act(client, "retry", job, yes=False).content.decode()
    assert ImportJob.objects.count() == 1
    act(client, "retry", job)
    assert "nothing is left" in act(client, "retry", job).content.decode(), "a second time"
    again = ImportJob.objects.get(replay_of=job)
    assert [item.external_id for item in again.items.all()] == ["image-1"]
    job.refresh_from_db()
    assert (job.failed, job.state) == (1, "success")


def test_an_action_that_does_not_fit_changes_nothing_and_says_so(times: Caller) -> None:
    done, running = make_job(times, "success"), make_job(times, "", finished=False)
    client = operator()
    for action, job in (("cancel", done), ("retry", done), ("replay", running), ("retry", running)):
        assert "nothing to do" in act(client, action, job).content.decode()
    assert ImportJob.objects.count() == 2
    assert not LogEntry.objects.exists()


def test_several_jobs_are_cancelled_from_the_list_after_one_question(times: Caller) -> None:
    jobs = [make_job(times, "", finished=False), make_job(times, "", finished=False)]
    client = operator()
    chosen = {"action": "cancel", "_selected_action": [job.pk for job in jobs]}
    asked = client.post(LIST, chosen).content.decode()
    assert all(f'name="object" value="{job.pk}"' in asked for job in jobs)
    assert ImportJob.objects.filter(state="started").count() == 2
    act(client, "cancel", *jobs)
    assert ImportJob.objects.filter(state="started").count() == 0


def test_the_actions_of_the_list_do_what_the_buttons_do(times: Caller) -> None:
    job = make_job(times, "failed:x")
    client = operator()
    client.post(LIST, {"action": "retry", "_selected_action": [job.pk], "yes": "1"})
    assert ImportJob.objects.filter(replay_of=job).count() == 1
    client.post(LIST, {"action": "replay", "_selected_action": [job.pk], "yes": "1"})
    assert ImportJob.objects.filter(replay_of=job).count() == 2


@pytest.mark.parametrize("action", ["cancel", "retry", "replay", "unheard-of"])
def test_who_may_only_look_can_do_nothing(times: Caller, action: str) -> None:
    done, running = make_job(times, "failed:x"), make_job(times, "", finished=False)
    client = operator("imports.view_importjob")
    assert "<button" not in page(client, done).partition('id="content"')[2]
    assert act(client, action, done).status_code == 403
    assert act(client, action, running).status_code == 403
    client.post(LIST, {"action": action, "_selected_action": [done.pk, running.pk], "yes": "1"})
    running.refresh_from_db()
    assert not running.finished
    assert ImportJob.objects.count() == 2


def test_who_may_cancel_may_not_therefore_replay(times: Caller) -> None:
    job = make_job(times, "failed:x")
    client = operator("imports.view_importjob", "imports.change_importjob")
    assert act(client, "replay", job).status_code == 403
    assert act(client, "cancel", job).status_code == 200


def test_looking_at_the_address_of_a_button_does_nothing(times: Caller) -> None:
    assert operator().get(f"{LIST}act/cancel/").status_code == 405


def test_a_button_without_the_page_s_token_does_nothing(times: Caller) -> None:
    job = make_job(times, "", finished=False)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = operator().cookies
    assert strict.post(f"{LIST}act/cancel/", {"object": job.pk, "yes": "1"}).status_code == 403
    job.refresh_from_db()
    assert not job.finished


@pytest.mark.parametrize("model", ["importjob", "importitem"])
def test_history_cannot_be_added_changed_or_deleted(times: Caller, model: str) -> None:
    job = make_job(times, "success")
    row = job if model == "importjob" else job.items.get()
    client = operator()
    base = f"/admin/imports/{model}/"
    assert client.get(f"{base}add/").status_code == 403
    assert client.post(f"{base}{row.pk}/change/", {"note": "x", "title": "x"}).status_code == 403
    assert client.post(f"{base}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(base, {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
    assert type(row).objects.filter(pk=row.pk).exists()


def test_a_replay_is_carried_out_like_any_other_job(times: Caller, run_workers: Callable[[], None]) -> None:
    job = make_job(times, "failed:x")
    act(operator(), "retry", job)
    run_workers()
    assert ImportJob.objects.get(replay_of=job).finished


def test_a_dry_run_shows_its_plan_and_can_be_carried_out(times: Caller, run_workers: Callable[[], None]) -> None:
    """DRY-12"""
    client = operator()
    job = ImportJob.objects.get(public_id=times.import_documents(document_item(), options={"dryRun": True}))
    run_workers()
    shown = page(client, job)
    assert "create 1" in shown
    assert "Show the plan" in shown
    assert "Replay job" not in shown
    act(client, "carry_out", job)
    real = job.carried_out_by
    assert (real.dry_run, real.total) == (False, 1)
    act(client, "plan_again", job)
    assert job.replays.filter(dry_run=True).exists()
    assert ">dry run</span> documents from archive" in client.get(LIST).content.decode()


def test_jobs_of_an_api_client_are_linked_from_its_page(times: Caller) -> None:
    first = times.import_documents(document_item())
    other = times.with_scopes("public-api:write")
    second = other.import_documents(document_item())
    client, token = operator(), AccessToken.objects.earliest("pk")
    page = client.get(f"/admin/livingdocs_import/accesstoken/{token.pk}/change/").content.decode()
    assert f'href="{LIST}?client={token.pk}"' in page
    listed = client.get(f"{LIST}?client={token.pk}").content.decode()
    assert first in listed
    assert second not in listed
    assert client.get(f"{LIST}?client=none").context["cl"].result_count == 0
