"""More than 200 chosen rows are asked about once, carried out by workers, watched, cancelled and exported."""

import csv
import io
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from imports.models import ImportItem, ImportJob
from livingdocs_import.models import AccessToken, Membership, Operation, Role, WebhookDelivery
from livingdocs_import.operations import carrying_out, steps
from livingdocs_import.operations.kinds import kinds
from livingdocs_import.project_config import store
from livingdocs_import.webhooks import outbox
from media_library.models import MediaEntry
from tests.api_client import CONFIG, Caller
from tests.imports.admin.test_jobs import make_job
from tests.many_entries import make_entries, make_user, operation_on
from tests.operators import logged_in, operator

LIBRARY = "/admin/media_library/mediaentry/"
PAGES = "/admin/livingdocs_import/operation/"


@pytest.fixture
def anna(times: Caller) -> User:
    """An operator of the first project."""
    return make_user(times.project)


@pytest.fixture
def client(anna: User) -> Client:
    return logged_in(anna)


def choose(client: Client, address: str, action: str, rows: Any, **data: str) -> Any:
    """Choose an action for all that match in a list; the question, or what came of it."""
    chosen = {"action": action, "index": "0", "select_across": "1", "_selected_action": [rows[0].pk]}
    return client.post(address, chosen | data, follow=True)


def confirm(client: Client, question: Any, **filled: str) -> Any:
    [(address, _)] = question.redirect_chain
    return client.post(address, filled, follow=True)


def test_all_that_match_are_archived_once_that_is_confirmed(times: Caller, client: Client) -> None:
    entries = make_entries(times.project, 250)
    question = choose(client, LIBRARY, "archive", entries)
    text = question.content.decode()
    assert "250 rows of times" in text
    assert "Publications keep it" in text
    assert carrying_out.work() == 0
    page = confirm(client, question, note="old").content.decode()
    assert "0 of 250" in page
    assert "data-refresh=" in page
    assert ">Cancel</button>" in page
    assert "Archive: media entries" in client.get("/admin/").content.decode()
    carrying_out.work()
    assert MediaEntry.objects.filter(archived=True).count() == 250
    progress = client.get(f"{PAGES}{Operation.objects.get().pk}/progress/").content.decode()
    assert "250 of 250" in progress
    assert "Archive: media entries" not in client.get("/admin/").content.decode(), "none is open"


def test_a_second_confirmation_begins_nothing(times: Caller, client: Client) -> None:
    question = choose(client, LIBRARY, "archive", make_entries(times.project, 201))
    confirm(client, question, note="old")
    carrying_out.work()
    assert "201 of 201" in confirm(client, question, note="again").content.decode()
    assert carrying_out.work() == 0
    assert Operation.objects.get().inputs == {"note": "old"}


def test_what_is_filled_in_is_checked_before_it_begins(times: Caller, client: Client) -> None:
    question = choose(client, LIBRARY, "set_property", make_entries(times.project, 201))
    assert '<option value="source">Source</option>' in question.content.decode()
    assert "Select a valid choice" in confirm(client, question, choice="nonsense", value="x").content.decode()
    assert Operation.objects.get().state == "asked"
    confirm(client, question, choice="source", value="NASA")
    carrying_out.work()
    assert {entry.metadata["source"] for entry in MediaEntry.objects.all()} == {"NASA"}


def test_it_is_cancelled_on_its_page_by_who_may(times: Caller, client: Client) -> None:
    confirm(client, choose(client, LIBRARY, "archive", make_entries(times.project, 201)))
    running = Operation.objects.get()
    viewer = logged_in(make_user(times.project, name="vera", role="viewer"))  # type: ignore[arg-type]
    assert viewer.get(f"{PAGES}{running.pk}/change/").status_code == 200
    assert viewer.post(f"{PAGES}act/cancel/", {"object": running.pk, "yes": "1"}).status_code == 403
    assert "What is done already stays" in client.post(f"{PAGES}act/cancel/", {"object": running.pk}).content.decode()
    client.post(f"{PAGES}act/cancel/", {"object": running.pk, "yes": "1"})
    running.refresh_from_db()
    assert (running.state, running.note) == ("cancelled", "cancelled by anna")
    assert carrying_out.work() == 0


def test_what_is_for_administrators_is_cancelled_by_administrators(times: Caller, client: Client) -> None:
    ada = make_user(times.project, name="ada", role=Role.ADMINISTRATOR)
    suspend = kinds.get("livingdocs_import.accesstoken.suspend")
    assert suspend is not None
    running = steps.freeze(AccessToken.objects.all(), suspend, user=ada, project=times.project)
    steps.begin(running, {})
    shown = client.get(f"{PAGES}{running.pk}/change/")
    assert shown.status_code == 200
    assert ">Cancel</button>" not in shown.content.decode()
    refused = client.post(f"{PAGES}act/cancel/", {"object": running.pk, "yes": "1"}, follow=True)
    assert "your role in the project does not allow it" in refused.content.decode()
    running.refresh_from_db()
    assert running.state == "waiting"
    other = logged_in(make_user(times.project, name="otto", role=Role.ADMINISTRATOR))
    other.post(f"{PAGES}act/cancel/", {"object": running.pk, "yes": "1"})
    running.refresh_from_db()
    assert running.note == "cancelled by otto"


def test_a_question_is_for_the_one_who_chose(times: Caller, client: Client) -> None:
    choose(client, LIBRARY, "archive", make_entries(times.project, 201))
    asked = Operation.objects.get()
    other = logged_in(make_user(times.project, name="otto"))
    assert other.get(f"{PAGES}{asked.pk}/begin/").status_code == 404
    assert other.post(f"{PAGES}{asked.pk}/begin/").status_code == 404
    assert str(asked.pk) not in re.findall(r"operation/(\d+)/change", other.get(PAGES).content.decode())
    Membership.objects.update(role="viewer")
    assert client.post(f"{PAGES}{asked.pk}/begin/").status_code == 404
    asked.refresh_from_db()
    assert asked.state == "asked"


def test_who_had_permissions_before_there_were_roles_sees_their_own(times: Caller) -> None:
    client = operator("media_library.change_mediaentry")
    question = choose(client, LIBRARY, "archive", make_entries(times.project, 201))
    assert "0 of 201" in confirm(client, question).content.decode()
    assert client.post(f"{PAGES}act/cancel/", {"object": Operation.objects.get().pk}).status_code == 403


def test_rows_of_several_projects_are_chosen_one_project_at_a_time(
    times: Caller, herald: Caller, anna: User, client: Client
) -> None:
    Membership.objects.create(user=anna, project=herald.project, role="operator")
    make_entries(times.project, 150)
    make_entries(herald.project, 150)
    page = choose(client, LIBRARY, "archive", MediaEntry.objects.all())
    assert "nothing was done: choose one project" in page.content.decode()
    assert not Operation.objects.exists()
    everything = choose(operator(), LIBRARY, "archive", MediaEntry.objects.all())
    assert "300 rows." in everything.content.decode()


def test_rows_on_which_the_user_may_not_act_are_not_chosen(
    times: Caller, herald: Caller, anna: User, client: Client
) -> None:
    Membership.objects.create(user=anna, project=herald.project, role="viewer")
    make_entries(times.project, 201)
    make_entries(herald.project, 201)
    page = choose(client, LIBRARY, "archive", MediaEntry.objects.all())
    assert "201 rows of times" in page.content.decode()
    assert set(MediaEntry.objects.filter(pk__in=Operation.objects.get().rows.values("key")).values_list("project")) == {
        (times.project.pk,)
    }


def test_failures_are_listed_and_exported(times: Caller, anna: User, client: Client) -> None:
    entries = make_entries(times.project, 120, "=cmd")
    entries.update(media_type="gone")
    MediaEntry.objects.filter(title="=cmd 1").update(media_type="image")
    running = operation_on(entries, anna)
    carrying_out.work()
    page = client.get(f"{PAGES}{running.pk}/change/?p=2").content.decode()
    assert page.count("is not configured any more") == 50
    answer: Any = client.get(f"{PAGES}{running.pk}/failures/")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert len(rows) == 119
    assert all(row["name"].startswith("'=cmd") for row in rows)


def test_deliveries_are_sent_again(times: Caller, client: Client) -> None:
    made = outbox.notify(times.project, url="https://hooks.example/", subject="job 1", body={})
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(project=times.project, url=made.url, lane=made.lane, subject="job 1", body="{}")
        for _ in range(220)
    )
    WebhookDelivery.objects.update(state="given up", due_at=None, ended_at=made.created_at)
    question = choose(client, "/admin/livingdocs_import/webhookdelivery/", "send_again", WebhookDelivery.objects.all())
    confirm(client, question)
    carrying_out.work()
    assert WebhookDelivery.objects.filter(state="pending", due_at__isnull=False).count() == 221


def test_jobs_are_paused_and_cancelled(times: Caller, client: Client) -> None:
    first = make_job(times, "", finished=False)
    ImportJob.objects.bulk_create(
        ImportJob(project=times.project, kind="images", system_name="archive", total=1, started_at=first.started_at)
        for _ in range(200)
    )
    for action, state in (("pause", {"paused_at__isnull": False}), ("cancel", {"finished_at__isnull": False})):
        confirm(client, choose(client, "/admin/imports/importjob/", action, ImportJob.objects.all()))
        carrying_out.work()
        assert ImportJob.objects.filter(**state).count() == 201


@pytest.mark.parametrize("action", ["retry", "mark"])
def test_failed_items_are_retried_by_one_job_for_each_old_one(times: Caller, client: Client, action: str) -> None:
    jobs = [make_job(times, *["failed:x"] * 110) for _ in range(2)]
    assert len(jobs) == 2
    ImportItem.objects.update(failed_at=jobs[0].started_at)
    until = client.get("/admin/imports/importitem/failures/").context["until"]
    chosen = {"action": action, "until": until, "select_across": "1"}
    question = client.post("/admin/imports/importitem/failures/act/?q=", chosen, follow=True)
    assert "220 rows of times" in question.content.decode()
    assert ("2 new jobs, one for each of theirs" in question.content.decode()) == (action == "retry")
    confirm(client, question)
    carrying_out.work()
    operation = Operation.objects.get()
    assert (operation.state, operation.done) == ("done", 220)
    again = ImportJob.objects.filter(replay_of__isnull=False)
    assert [job.total for job in again] == ([110, 110] if action == "retry" else [])
    assert ImportItem.objects.filter(outcome="failed", resolved_by="anna").count() == (220 if action == "mark" else 0)


@pytest.mark.parametrize("path", ["", "{pk}/change/", "{pk}/progress/", "{pk}/begin/"])
def test_a_page_costs_few_queries(times: Caller, anna: User, client: Client, path: str) -> None:
    entries = make_entries(times.project, 3)
    running = operation_on(entries, anna)
    if path.endswith("begin/"):
        Operation.objects.update(state="asked", due_at=None)
    client.get(PAGES)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(PAGES + path.format(pk=running.pk)).status_code == 200
    assert len(queries) <= 20


def test_a_question_that_the_configuration_does_not_answer_is_a_message(times: Caller, client: Client) -> None:
    question = choose(client, LIBRARY, "revoke", make_entries(times.project, 201))
    [(address, _)] = question.redirect_chain
    media_type = {"handle": "image", "type": "mediaImage", "metadata": [{"handle": "title", "type": "li-gone"}]}
    times.project.config_revisions.update(config=CONFIG | {"mediaTypes": [media_type]})
    with store.compiled.fresh():
        for ask in (client.get, client.post):
            shown = ask(address, follow=True)
            assert shown.status_code == 200
            assert "configuration cannot be used" in shown.content.decode()
            assert "li-gone" in shown.content.decode()
    assert Operation.objects.get().state == "asked"
