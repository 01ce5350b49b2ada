"""The page of a dry run: what would become of its items and why, and the import that comes of it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from documents import services as documents
from documents.models import Document
from imports import services
from imports.admin.plans import heading
from imports.models import ImportItem, ImportJob
from imports.plans.causes import expected_failures
from livingdocs_import.models import Project
from media_library.models import MediaEntry
from tests import images
from tests.api_client import Caller, document_item, image_item, make_project, store_unreadable_config
from tests.newsroom import Newsroom
from tests.operators import member, operator
from tests.origin import Origin, Reply

DRY = {"options": {"dryRun": True}}
LIST = "/admin/imports/importjob/"
Run = Callable[[], None]


def patch(caller: Caller, external_id: str, value: str = "by hand") -> None:
    """A change by hand: of the caption."""
    entry = MediaEntry.objects.get(external_id=external_id)
    operation = {"operation": "setMetadataProperty", "propertyName": "caption", "value": value}
    answer = caller.patch(f"mediaLibrary/{entry.media_id}", {"patches": [operation]})
    assert answer.status_code == 200, answer.content


@pytest.fixture
def job(times: Caller, origin: Origin, run_workers: Run) -> ImportJob:
    """A dry run of five images: an entry of an import, one changed by hand, the same again, a new one, a wrong one."""
    origin.reply("/a", Reply(images.png(images.picture(1, 1))))
    known = [image_item(origin.url("/a?sig=s3cret"), id=name) for name in ("known", "touched", "same")]
    times.import_images(*known)
    run_workers()
    patch(times, "touched")
    again = [item | {"fileName": "Another title", "metadata": {"caption": "new"}} for item in known[:2]]
    new = [image_item(origin.url("/a"), id="new"), image_item(origin.url("/a"), id="wrong", mediaType="imgae")]
    hook = {"webhook": "https://hooks.example/done", "context": {"batch": 7}}
    planned = times.import_images(*again, known[2], *new, **hook, **DRY)
    run_workers()
    return ImportJob.objects.get(public_id=planned)


def look(client: Client, job: ImportJob, query: str = "") -> Any:
    answer = client.get(f"{LIST}{job.pk}/plan/{query}")
    assert answer.status_code == 200
    return answer


def text(client: Client, job: ImportJob, query: str = "") -> str:
    return str(look(client, job, query).content.decode())


def rows(client: Client, job: ImportJob, query: str = "") -> list[str]:
    return [row.item.external_id for row in look(client, job, query).context["rows"]]


def act(client: Client, action: str, job: ImportJob, **fields: str) -> Any:
    return client.post(f"{LIST}act/{action}/", {"object": job.pk} | fields, follow=True)


# --- What the page shows


def test_each_item_has_its_outcome_the_reason_and_what_would_change(job: ImportJob) -> None:
    shown = {row.item.external_id: row for row in look(operator(), job).context["rows"]}
    assert [(row.row, name, row.would) for name, row in shown.items()] == [
        (1, "known", "update"),
        (2, "touched", "update"),
        (3, "same", "update or skip"),
        (4, "new", "create"),
        (5, "wrong", "fail"),
    ]
    assert shown["known"].why == "metadata and title differ"
    changes = [(change.label, change.old, change.new) for change in shown["touched"].changes]
    assert changes == [("Title", shown["touched"].changes[0].old, "Another title"), ("Caption", "by hand", "new")]
    assert shown["new"].why == "no entry has this id"
    assert shown["same"].why == "depends on the file"
    assert "configured image media type" in shown["wrong"].problems[0]


def test_the_counts_are_those_of_the_job_and_the_heading_says_them(job: ImportJob) -> None:
    page = look(operator(), job)
    assert {one.would: one.number for one in page.context["counts"]} == {
        "create": 1, "update": 2, "update or skip": 1, "fail": 1,
    }  # fmt: skip
    shown = page.content.decode()
    assert "<h1>1 new image, 2 changed, 1 perhaps changed; 1 would fail</h1>" in shown
    assert 'aria-label="1 create, 2 update, 1 update or skip, 1 fail, of 5"' in shown


def test_it_names_who_has_changed_an_entry_by_hand(job: ImportJob) -> None:
    """Only where the import would overwrite it."""
    page = look(operator(), job)
    touched = [row.item.external_id for row in page.context["rows"] if row.is_touched]
    assert touched == ["touched"]
    assert page.context["by_hand"] == 1
    assert "changed by tests" in page.content.decode()
    entry = MediaEntry.objects.get(external_id="touched")
    assert f'href="/admin/media_library/mediaentry/{entry.pk}/change/"' in page.content.decode()


def test_causes_have_words_and_an_example(job: ImportJob) -> None:
    (cause,) = look(operator(), job).context["causes"]
    assert (cause.cause, cause.number, cause.words.title) == ("media-type", 1, "The media type is not configured")
    assert cause.example.external_id == "wrong"
    assert "mediaType must be the handle" in cause.problem


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["known", "touched", "same", "new", "wrong"]),
        ("?would=update", ["known", "touched"]),
        ("?would=update+or+skip", ["same"]),
        ("?would=fail", ["wrong"]),
        ("?would=nonsense", ["known", "touched", "same", "new", "wrong"]),
        ("?cause=media-type", ["wrong"]),
        ("?only=by-hand", ["touched"]),
        ("?only=changed", []),
        ("?q=TOUCH", ["touched"]),
        ("?q=another&would=update", ["known", "touched"]),
    ],
)
def test_items_are_found_by_what_one_asks_for(job: ImportJob, query: str, found: list[str]) -> None:
    assert rows(operator(), job, query) == found


@pytest.mark.parametrize("query", [f"?q={'x' * 1001}", "?q=%00"])
def test_a_query_that_no_filter_has_is_refused(job: ImportJob, query: str) -> None:
    assert operator().get(f"{LIST}{job.pk}/plan/{query}").status_code == 400


def test_pages_stay_within_the_plan(job: ImportJob) -> None:
    planned = {"would": "create", "result": job.items.get(external_id="new").result, "outcome": "skipped"}
    more = [
        ImportItem(job=job, position=position, external_id=f"x-{position}", payload={}, due_at=None, **planned)
        for position in range(5, 120)
    ]
    ImportItem.objects.bulk_create(more)
    client = operator()
    for number, first, last in (("1", 1, 50), ("3", 101, 120), ("99", 101, 120), ("-1", 101, 120), ("x", 1, 50)):
        shown = look(client, job, f"?p={number}").context["rows"]
        assert (shown[0].row, shown[-1].row) == (first, last), number
    assert len(rows(client, job, "?would=create&p=3")) == 16


def test_what_the_client_sent_is_text_and_shows_no_secret(times: Caller, job: ImportJob) -> None:
    nasty = "<script>alert(1)</script>"
    job.items.filter(external_id="new").update(title=nasty, external_id=nasty)
    shown = text(operator(), job)
    assert nasty not in shown
    assert "&lt;script&gt;alert(1)" in shown
    assert "s3cret" not in shown


def test_documents_have_the_paths_of_their_problems(newsroom: Newsroom, times: Caller, run_workers: Run) -> None:
    newsroom.fine(id="touched", title="Old", checksum="1")
    document = Document.objects.get(import_logs__external_id="touched")
    assert documents.change(document, title="By hand", metadata={}, by="eva")
    broken = document_item(id="broken", livingdoc={"content": [{"component": "no-such-thing"}]})
    planned = times.import_documents(document_item(id="touched", title="New", checksum="2"), broken, **DRY)
    run_workers()
    client, job = operator(), ImportJob.objects.get(public_id=planned)
    touched, wrong = look(client, job).context["rows"]
    assert (touched.present.by, touched.is_touched) == ("eva", True)
    assert touched.link == f"/admin/documents/document/{document.pk}/change/"
    assert [(change.label, change.old, change.new) for change in touched.changes] == [("Title", "By hand", "New")]
    (row,) = [row for row in times.status(planned, "documents")["logs"] if row["would"] == "fail"]
    (error,) = row["error_details"]["errors"]
    assert wrong.problems == [f"{error['path']}: {error['message']}"]
    assert "What the plan cannot know" not in text(client, job)


@pytest.mark.parametrize("kind", ["videos", "files"])
def test_other_media_have_plans_too(times: Caller, run_workers: Run, kind: str) -> None:
    planned = times.import_media(kind, image_item("https://a.example/1"), **DRY)
    run_workers()
    job = ImportJob.objects.get(public_id=planned)
    assert f"1 new {kind[:-1]}" in text(operator(), job)
    assert "none was looked at" in text(operator(), job)


# --- The sample


def test_a_sample_says_what_it_allows_to_expect(times: Caller, origin: Origin, run_workers: Run) -> None:
    origin.reply("/a", Reply(images.png(images.picture(1, 1))))
    good, gone = image_item(origin.url("/a")), image_item(origin.url("/gone"))
    items = [(good if number % 10 else gone) | {"id": f"x-{number}"} for number in range(40)]
    planned = times.import_images(*items, options={"dryRun": True, "probe": 4})
    run_workers()
    shown = text(operator(), ImportJob.objects.get(public_id=planned))
    assert "of 4 files that were looked at 0 can be imported" in shown
    assert "4 failed: The address leads nowhere (404)." in shown
    assert "Expect about 36 more failures of that kind." in shown


@pytest.mark.parametrize(
    ("others", "asked", "failed", "expected"),
    [(2950, 50, 1, 60), (100, 50, 0, 0), (0, 50, 3, 0), (10, 0, 0, 0), (7, 50, 25, 4), (9_900, 100, 100, 9_900)],
)
def test_as_many_of_the_others_are_expected_to_fail(others: int, asked: int, failed: int, expected: int) -> None:
    assert expected_failures(others, asked, failed) == expected


# --- What has changed since


def test_entries_that_were_changed_since_are_counted_and_marked(times: Caller, job: ImportJob) -> None:
    patch(times, "known")
    client = operator()
    page = look(client, job)
    assert page.context["moved"] == 1
    assert [row.item.external_id for row in page.context["rows"] if row.has_moved] == ["known"]
    assert rows(client, job, "?only=changed") == ["known"]
    assert page.context["by_hand"] == 2, "it would overwrite this one, too"
    assert "1 of these entries</a> was changed or made since" in page.content.decode()


def test_an_entry_that_was_made_since_counts_as_changed(times: Caller, job: ImportJob, run_workers: Run) -> None:
    item = job.items.get(external_id="new")
    times.import_images(item.payload)
    run_workers()
    assert rows(operator(), job, "?only=changed") == ["new"]


def test_after_the_import_nothing_counts_as_changed_since(job: ImportJob, run_workers: Run) -> None:
    real = services.carry_out_plan(job)
    run_workers()
    page = look(operator(), job)
    assert (page.context["moved"], page.context["real"]) == (0, real)
    assert "Does it still hold?" not in page.content.decode()


# --- The import


def test_now_really_asks_first_and_says_how_many_of_which(job: ImportJob) -> None:
    """DRY-12"""
    Project.objects.update(daily_limits={"images": 20})
    shown = act(operator(), "carry_out", job).content.decode()
    assert "Import these 5 items now?" in shown
    assert "17 of 20 images are left" in shown
    assert "1 would overwrite what people have changed here" in shown
    assert "Leave out the 1 that would fail" in shown
    assert "Leave alone what was changed by hand (1 would be overwritten)" in shown
    assert not ImportJob.objects.filter(carries_out=job).exists()


def test_a_button_fills_in_its_choice(job: ImportJob) -> None:
    client = operator()
    for chosen in (False, True):
        button = {"only_would_succeed": "on"} if chosen else {}
        form = act(client, "carry_out", job, **button).context["form"]
        assert bool(form["only_would_succeed"].value()) is chosen
        assert form["leave_touched"].value() is True


def test_what_is_changed_by_hand_while_the_question_is_shown_can_be_left_alone(
    times: Caller, origin: Origin, run_workers: Run
) -> None:
    """DRY-16: the choice is there, and made, also where nothing was changed yet."""
    item = image_item(origin.reply("/a", Reply(images.png(images.picture(1, 1)))), id="known")
    times.import_images(item)
    run_workers()
    planned = times.import_images(item | {"fileName": "Another title"}, **DRY)
    run_workers()
    job = ImportJob.objects.get(public_id=planned)
    client = operator()
    asked = act(client, "carry_out", job).content.decode()
    chosen = re.findall(r'<input type="checkbox" name="(\w+)"[^>]* checked', asked)
    assert chosen == ["leave_touched"]
    patch(times, "known")
    act(client, "carry_out", job, yes="1", **dict.fromkeys(chosen, "on"))
    assert not ImportJob.objects.filter(carries_out=job).exists()


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({}, ["known", "touched", "same", "new", "wrong"]),
        ({"only_would_succeed": "on"}, ["known", "touched", "same", "new"]),
        ({"only_would_succeed": "on", "leave_touched": "on"}, ["known", "same", "new"]),
    ],
)
def test_the_plan_is_imported_whole_or_in_part(job: ImportJob, fields: dict[str, str], names: list[str]) -> None:
    """DRY-16"""
    client = operator()
    answer = act(client, "carry_out", job, yes="1", **fields)
    real = ImportJob.objects.get(carries_out=job)
    assert list(real.items.order_by("position").values_list("external_id", flat=True)) == names
    assert (real.webhook, real.context) == ("https://hooks.example/done", {"batch": 7})
    assert answer.redirect_chain[-1][0] == f"{LIST}{job.pk}/plan/"
    assert f"is imported as job {real.public_id}, {len(names)} items" in answer.content.decode()
    assert LogEntry.objects.get().change_message == "Import this plan"


def test_it_cannot_be_started_twice(job: ImportJob) -> None:
    """DRY-17"""
    client = operator()
    act(client, "carry_out", job, yes="1")
    real = ImportJob.objects.get(carries_out=job)
    assert f"it was imported as job {real.public_id}" in act(client, "carry_out", job, yes="1").content.decode()
    assert ImportJob.objects.filter(dry_run=False).count() == 2
    shown = text(client, job)
    assert "Now really" not in shown
    assert f'href="{LIST}{real.pk}/change/"' in shown
    assert f">{job.public_id}</a>" in client.get(f"{LIST}{real.pk}/change/").content.decode()
    assert f">{real.public_id}</a>" in client.get(f"{LIST}{job.pk}/change/").content.decode()


def test_a_full_quota_is_said_and_nothing_is_imported(job: ImportJob) -> None:
    """DRY-12"""
    Project.objects.update(daily_limits={"images": 4})
    answer = act(operator(), "carry_out", job, yes="1").content.decode()
    assert "cannot be imported today: Your plan does not allow" in answer
    assert not ImportJob.objects.filter(carries_out=job).exists()
    assert not LogEntry.objects.exists()


def test_planning_again_is_a_new_dry_run_that_costs_imports_nothing(job: ImportJob, run_workers: Run) -> None:
    """DRY-12"""
    client = operator()
    shown = act(client, "plan_again", job).content.decode()
    again = job.replays.get()
    assert (again.dry_run, again.total) == (True, 5)
    assert f'href="{LIST}{again.pk}/plan/"' in shown
    assert "0 of 5 images are planned" in text(client, again)
    run_workers()
    assert text(client, again).count("Now really") == 1
    Project.objects.update(daily_limits={"images": 8})  # three were imported before
    assert services.carry_out_plan(again) is not None


# --- What is no plan, and plans that did not come to their end


def test_an_import_has_no_plan(times: Caller) -> None:
    job = ImportJob.objects.get(public_id=times.import_documents(document_item()))
    assert operator().get(f"{LIST}{job.pk}/plan/").status_code == 404
    assert "nothing to do" in act(operator(), "carry_out", job, yes="1").content.decode()


def test_a_plan_that_is_being_made_is_not_imported(times: Caller) -> None:
    job = ImportJob.objects.get(public_id=times.import_documents(document_item(), **DRY))
    client = operator()
    shown = text(client, job)
    assert "0 of 1 documents are planned" in shown
    assert "Now really" not in shown
    assert "nothing to do" in act(client, "carry_out", job, yes="1").content.decode()


def test_a_cancelled_dry_run_says_how_far_it_came(times: Caller) -> None:
    job = ImportJob.objects.get(public_id=times.import_documents(document_item(), **DRY))
    services.cancel_job(job, by="eva")
    shown = text(operator(), ImportJob.objects.get())
    assert "Of 1 items 0 were planned" in shown
    assert "not planned" in shown
    assert "Note: cancelled by eva." in shown


def test_a_plan_that_is_not_whole_is_to_be_planned_again(job: ImportJob) -> None:
    """DRY-16"""
    client = operator()
    again = services.replay_job(job)
    services.cancel_job(again)
    job.items.update(would="", compared_version=None)  # as the previous version has planned it
    for plan, why in ((again, "not all of its items are planned"), (job, "an earlier version has planned it")):
        shown = text(client, plan)
        assert f"<strong>It cannot be imported</strong>: {why}. Plan it again." in shown
        assert "Now really" not in shown
        assert ">Plan again</button>" in shown
        assert "none changed by hand" not in shown
        assert "nothing to do" in act(client, "carry_out", plan, yes="1").content.decode()
        assert not ImportJob.objects.filter(carries_out=plan).exists()


def test_a_dry_run_that_failed_as_a_whole_is_not_imported(times: Caller, run_workers: Run) -> None:
    public_id = times.import_documents(document_item(), **DRY)
    store_unreadable_config(times.project)
    run_workers()
    job = ImportJob.objects.get(public_id=public_id)
    assert job.state == "failed"
    shown = text(operator(), job)
    assert "Nothing could be planned" in shown
    assert "Now really" not in shown


@pytest.mark.parametrize(
    ("outcomes", "sentence"),
    [
        ({"create": 2614, "update": 203, "skip": 147, "fail": 36}, "2,614 new images, 203 changed; 36 would fail"),
        ({"skip": 3}, "Nothing would change"),
        ({"fail": 3}, "Nothing would be imported; 3 would fail"),
        ({"create": 1}, "1 new image"),
        ({}, "Nothing would be imported"),
    ],
)
def test_the_heading_is_the_plan_in_a_sentence(outcomes: dict[str, int], sentence: str) -> None:
    assert heading(ImportJob(kind="images", state="success", outcomes=outcomes)) == sentence


# --- The table


def test_the_plan_is_a_table_for_spreadsheets(job: ImportJob) -> None:
    job.items.filter(external_id="new").update(title="=1+1")
    client = operator()
    answer = client.get(f"{LIST}{job.pk}/plan/csv/")
    assert answer["Content-Disposition"] == f'attachment; filename="plan-{job.public_id}.csv"'
    table = b"".join(answer.streaming_content).decode()
    assert table.startswith("\N{BYTE ORDER MARK}row,external id,title,address,would,why")
    assert "'=1+1" in table
    assert "Caption: by hand → new" in table
    assert ",tests," in table
    assert "s3cret" not in table
    chosen = b"".join(client.get(f"{LIST}{job.pk}/plan/csv/?would=fail").streaming_content).decode()
    assert len(chosen.splitlines()) == 2
    assert "mediaType must be the handle" in chosen


# --- Rights


def test_viewers_look_and_operators_import(job: ImportJob) -> None:
    viewer = member(times="viewer")
    shown = text(viewer, job)
    for button in ("Now really", "Only what would succeed", "Plan again"):
        assert button not in shown
    assert "Download plan" in shown
    for action in ("carry_out", "plan_again"):
        assert act(viewer, action, job, yes="1").status_code == 403
    assert ImportJob.objects.count() == 2
    shown = text(member(times="operator"), job)
    assert "Now really" in shown


def test_members_of_other_projects_find_no_plan(job: ImportJob) -> None:
    make_project("herald")
    client = member(herald="administrator")
    for page in ("plan/", "plan/csv/"):
        assert client.get(f"{LIST}{job.pk}/{page}").status_code == 404
    act(client, "carry_out", job, yes="1")
    assert not ImportJob.objects.filter(carries_out=job).exists()


def test_who_may_not_see_items_sees_no_plan(job: ImportJob) -> None:
    client = operator("imports.view_importjob")
    assert client.get(f"{LIST}{job.pk}/plan/").status_code == 403
    assert "Show the plan" not in client.get(f"{LIST}{job.pk}/change/").content.decode()


def test_who_may_not_see_entries_does_not_see_what_is_in_them(job: ImportJob) -> None:
    """DRY-14"""
    client = operator("imports.view_importjob", "imports.view_importitem")
    shown = text(client, job) + b"".join(client.get(f"{LIST}{job.pk}/plan/csv/").streaming_content).decode()
    item = f"/admin/imports/importitem/{job.items.get(external_id='touched').pk}/change/"
    shown += client.get(item).content.decode()
    assert "by hand →" not in shown
    assert ">by hand<" not in shown
    assert "&quot;by hand&quot;" not in shown
    assert "&quot;by hand&quot;" in operator().get(item).content.decode()
    assert "a value that your role may not see" in shown


# --- From the list of jobs


def test_the_list_marks_dry_runs_and_filters_by_them(job: ImportJob) -> None:
    client = operator()
    real = ImportJob.objects.get(dry_run=False)
    listed = client.get(LIST).content.decode()
    assert listed.count(">dry run</span>") == 1
    assert ">planned</span>" in listed
    for query, found in (("run=dry", [job]), ("run=import", [real]), ("", [job, real])):
        assert list(client.get(f"{LIST}?{query}").context["cl"].result_list) == found


def test_the_page_of_a_dry_run_leads_to_its_plan(job: ImportJob) -> None:
    shown = operator().get(f"{LIST}{job.pk}/change/").content.decode()
    assert f'href="{LIST}{job.pk}/plan/"' in shown
    assert "Import this plan" not in shown


def test_an_old_plan_is_as_old_as_it_says(job: ImportJob) -> None:
    ImportJob.objects.filter(pk=job.pk).update(finished_at=timezone.now() - timedelta(hours=5, minutes=1))
    assert "5\N{NO-BREAK SPACE}hours" in text(operator(), job)
