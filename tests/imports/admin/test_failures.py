"""The page of failures: by cause and one by one; retried, exported, marked as dealt with."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from imports import services
from imports.models import FailureGroup, ImportItem, ImportJob
from imports.outcomes import job_end
from livingdocs_import.admin.spreadsheets import harmless
from tests.api_client import Caller, image_item
from tests.operators import operator
from tests.origin import Origin, Reply

Run = Callable[[], None]
PAGE = "/admin/imports/importitem/failures/"
ACT = f"{PAGE}act/"


@pytest.fixture
def failed(times: Caller, herald: Caller, origin: Origin, run_workers: Run) -> str:
    """Two projects: three failures of one in two causes, one of the other."""
    job = times.import_images(
        image_item(f"{origin.url('/a/031877.tif')}?sig=verySecret", id="TB-031877", fileName="Bahnhofplatz"),
        image_item(origin.url("/b.jpg"), id="TB-5", fileName="<b>Katze</b>"),
        image_item(origin.reply("/c.jpg", Reply(b"<title>No</title>", 403)), id="=cmd()", fileName="Fasnacht"),
    )
    herald.import_images(image_item(origin.url("/d.jpg"), id="GL-1"))
    run_workers()
    return job


def shown(page: Any) -> list[str]:
    return [item.external_id for item, _ in page.context["items"]]


def act(client: Any, query: str = "", **fields: Any) -> Any:
    until = client.get(PAGE).context["until"]
    return client.post(f"{ACT}?{query}", {"until": until} | fields)


def test_failures_are_explained_by_cause_with_an_exact_answer(failed: str) -> None:
    page = operator().get(PAGE)
    assert [(one["cause"].code, one["cause"].number) for one in page.context["causes"]] == [
        ("http-404", 3),
        ("http-403", 1),
    ]
    text = page.content.decode()
    assert "The address leads nowhere (404)" in text
    assert "What usually helps" in text
    assert "&lt;title&gt;No&lt;/title&gt;" in text
    assert "&lt;b&gt;Katze" in text
    assert "verySecret" not in text


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("q=TB-03", {"TB-031877"}),
        ("q=TB-", {"TB-031877", "TB-5"}),
        ("q=katze", {"TB-5"}),
        ("q=/a/0318", {"TB-031877"}),
        ("q=verySecret", set()),
        ("q=sig", set()),
        ("cause=http-403", {"=cmd()"}),
        ("cause=unrecorded", set()),
        ("job={job}", {"TB-031877", "TB-5", "=cmd()"}),
        ("project={project}", {"TB-031877", "TB-5", "=cmd()"}),
        ("group={group}", {"=cmd()"}),
        ("group=x", {"TB-031877", "TB-5", "=cmd()", "GL-1"}),
        ("since=1", {"TB-031877", "TB-5", "=cmd()", "GL-1"}),
        ("show=dealt-with", set()),
    ],
)
def test_failures_are_found(failed: str, query: str, ids: set[str]) -> None:
    job = ImportJob.objects.get(public_id=failed)
    group = FailureGroup.objects.get(cause="http-403").pk
    page = operator().get(f"{PAGE}?{query.format(job=failed, project=job.project_id, group=group)}")
    assert set(shown(page)) == ids
    assert page.context["number"] == len(ids)


def test_a_retry_of_a_cause_asks_and_makes_one_job_for_each(failed: str) -> None:
    client = operator()
    question = act(client, action="retry:http-404")
    assert "3 items of 2 jobs" in question.content.decode()
    assert ImportJob.objects.count() == 2
    done = act(client, action="retry:http-404", yes="1")
    assert done.status_code == 302
    again = ImportJob.objects.filter(replay_of__isnull=False)
    assert sorted(again.values_list("total", flat=True)) == [1, 2]
    assert shown(client.get(PAGE)) == ["=cmd()"]
    dealt_with = client.get(f"{PAGE}?show=dealt-with")
    assert dealt_with.context["number"] == 3
    assert again[0].public_id in dealt_with.content.decode()
    act(client, action="retry:http-404", yes="1")
    assert ImportJob.objects.count() == 4, "what is dealt with is not tried again"


def test_the_overview_counts_what_is_still_open(failed: str) -> None:
    client = operator()
    assert client.get("/admin/").context["open_failures"] == 4
    act(client, action="retry:http-404", yes="1")
    assert client.get("/admin/").context["open_failures"] == 1


def test_chosen_failures_are_marked_with_who_and_when(failed: str) -> None:
    client = operator()
    chosen = ImportItem.objects.get(external_id="TB-5")
    act(client, action="mark", _selected_action=[chosen.pk], yes="1")
    chosen.refresh_from_db()
    assert chosen.resolved_by.startswith("operator-")
    assert chosen.resolved_at is not None
    assert client.get(PAGE).context["number"] == 3
    assert f"by {chosen.resolved_by}" in client.get(f"{PAGE}?show=dealt-with").content.decode()


def test_all_that_match_the_filter_are_those_of_the_page(failed: str) -> None:
    client = operator()
    until = client.get(PAGE).context["until"]
    later = ImportItem.objects.get(external_id="TB-5")
    later.failed_at = client.get(PAGE).context["chosen"].now
    later.save()
    client.post(f"{ACT}?q=TB-", {"until": until, "action": "mark", "select_across": "1", "yes": "1"})
    assert set(ImportItem.objects.open_failures().values_list("external_id", flat=True)) == {"TB-5", "=cmd()", "GL-1"}


def test_all_jobs_are_counted_and_those_with_the_most_failures_are_named(failed: str) -> None:
    first = ImportJob.objects.get(public_id=failed)
    jobs = ImportJob.objects.bulk_create(
        ImportJob(
            project=first.project,
            kind="images",
            system_name="s",
            total=1,
            state="success",
            started_at=at,
            finished_at=at,
        )
        for at in [timezone.now()] * 2100
    )
    FailureGroup.objects.bulk_create(
        FailureGroup(job=job, cause=cause, host_key=1, host="a.example:443", failed=number, first_at=at, last_at=at)
        for job, at in zip(jobs, [timezone.now()] * len(jobs), strict=True)
        for cause, number in (("timed-out", 3 if job == jobs[5] else 1), ("http-404", 2))
    )
    page = operator().get(PAGE)
    causes = {one["cause"].code: one["cause"] for one in page.context["causes"]}
    assert {code: cause.number for code, cause in causes.items()} == {
        "timed-out": 2102,
        "http-404": 4203,
        "http-403": 1,
    }
    assert (causes["timed-out"].job_count, causes["timed-out"].host_count) == (2100, 1)
    assert [number for _, number in causes["timed-out"].jobs] == [3, 1, 1, 1, 1]
    assert causes["timed-out"].jobs[0][0] == jobs[5]
    assert page.context["number"] == 6306
    assert causes["http-404"].evidence["status"] == 404


@pytest.mark.parametrize("cause", ["cancelled", "stalled"])
def test_what_fails_in_a_dry_run_is_no_failure(times: Caller, cause: str) -> None:
    public_id = times.import_images(image_item("https://a.example/1", id="dry"), options={"dryRun": True})
    job = ImportJob.objects.get(public_id=public_id)
    job_end.end_early(job, state="failed", reason="x", cause=cause, note="x")
    assert job.items.get().outcome == "failed"
    again = services.retry_job(job)
    assert again is not None
    services.cancel_job(again)
    assert not FailureGroup.objects.exists()
    # as from before
    FailureGroup.objects.create(job=job, cause=cause, failed=1, first_at=timezone.now(), last_at=timezone.now())
    client = operator()
    for query in ("", "show=dealt-with", "q=dry"):
        page = client.get(f"{PAGE}?{query}")
        assert (shown(page), page.context["number"]) == ([], 0)
    assert client.get("/admin/").context["open_failures"] == 0
    act(client, action="mark", _selected_action=[job.items.get().pk], yes="1")
    assert job.items.get().resolved_by == ""


@pytest.mark.parametrize("action", ["mark", "retry"])
def test_a_search_changes_no_more_than_was_confirmed(failed: str, action: str) -> None:
    """Of the newest 5,000 some are found; with these out of the way, older ones are not found instead."""
    ImportItem.objects.all().delete()
    job = ImportJob.objects.get(public_id=failed)
    ImportJob.objects.filter(pk=job.pk).update(total=5100)
    at, request = timezone.now(), {"url": "https://a.example/1"}
    found, others = [("Katze", n) for n in range(150)], [("Hund", n) for n in range(150, 5000)]
    older = [("Katze", n) for n in range(5000, 5100)]
    ImportItem.objects.bulk_create(
        ImportItem(
            job=job, position=100 + n, external_id=f"X-{n}", title=title, payload=request, outcome="failed", reason="x",
            cause="http-404", due_at=None, failed_at=at - timedelta(seconds=n // 100),
        )
        for title, n in reversed(found + others + older)
    )  # fmt: skip
    client = operator()
    until = client.get(PAGE).context["until"]
    question = client.post(f"{ACT}?q=katze", {"until": until, "action": action, "select_across": "1"})
    assert question.context["number"] == 150
    client.post(f"{ACT}?q=katze", dict(question.context["fields"]) | {"yes": "1"})
    # Confirmed once more, as by a second click
    client.post(f"{ACT}?q=katze", dict(question.context["fields"]) | {"yes": "1"})
    dealt_with = ImportItem.objects.filter(resolved_at__isnull=False)
    assert dealt_with.count() == 150
    assert dealt_with.filter(position__gte=250).count() == 0


def test_an_export_is_a_table_that_no_spreadsheet_takes_for_formulas(failed: str) -> None:
    answer = act(operator(), action="export", select_across="1")
    assert answer["Content-Type"].startswith("text/csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["external id"] for row in rows} == {"TB-031877", "TB-5", "'=cmd()", "GL-1"}
    assert {row["cause"] for row in rows} == {"http-404", "http-403"}
    assert "verySecret" not in text


@pytest.mark.parametrize("value", ["=1", "+1", "-1", "@x", "\t=1", " =1", "\uff1d1"])
def test_a_formula_is_quoted(value: str) -> None:
    assert harmless(value) == f"'{value}"


def test_who_may_only_look_can_change_nothing(failed: str) -> None:
    client = operator("imports.view_importitem")
    page = client.get(PAGE)
    assert page.context["may"] == {"retry": False, "mark": False, "export": True}
    for action in ("retry", "mark"):
        assert act(client, action=action, select_across="1", yes="1").status_code == 403
    assert operator("imports.view_importjob").get(PAGE).status_code == 403


@pytest.mark.parametrize("query", ["q=%00", f"q={'x' * 5000}"])
def test_nonsense_is_refused(times: Caller, query: str) -> None:
    assert operator().get(f"{PAGE}?{query}").status_code == 400


@pytest.mark.parametrize("until", ["", "yesterday", "2026-13-45T00:00:00Z", "2026-01-01T00:00:00"])
def test_a_form_without_a_moment_is_refused(times: Caller, until: str) -> None:
    assert operator().post(ACT, {"action": "mark", "select_across": "1", "until": until}).status_code == 400


@pytest.mark.parametrize("action", ["", "delete", "retry"])
def test_nothing_chosen_changes_nothing(failed: str, action: str) -> None:
    answer = act(operator(), action=action, yes="1")
    assert answer.status_code == (302 if action == "retry" else 403)
    assert ImportJob.objects.count() == 2


def test_the_page_costs_a_bounded_number_of_queries(
    failed: str, times: Caller, origin: Origin, run_workers: Run
) -> None:
    client = operator()
    client.get(PAGE)
    with CaptureQueriesContext(connection) as few:
        client.get(f"{PAGE}?q=TB&since=7")
    for number in range(3):
        times.import_images(*[image_item(origin.url(f"/{number}/{n}"), id=f"TB-{number}-{n}") for n in range(5)])
    run_workers()
    with CaptureQueriesContext(connection) as many:
        client.get(f"{PAGE}?q=TB&since=7")
    assert len(many) == len(few) <= 20


@pytest.mark.postgres
@pytest.mark.parametrize(
    "query", ["", "q=TB-1", "project={project}", "job={job}&cause=http-404", "since=1", "show=dealt-with"]
)
def test_no_plan_reads_the_whole_table_of_items(failed: str, query: str) -> None:
    """Among forty thousand items that did not fail, and a thousand that did."""
    job = ImportJob.objects.get(public_id=failed)
    with connection.cursor() as cursor:
        columns = (
            "job_id, position, external_id, title, payload, outcome, reason, cause, failed_at, resolved_at, host_key"
        )
        cursor.execute(
            f"""
            INSERT INTO imports_importitem ({columns})
            SELECT %s, 100 + n, 'TB-' || n, 'A title', '{{"url": "https://a.example/1"}}',
                   CASE WHEN n %% 40 = 0 THEN 'failed' ELSE 'success' END, 'x', 'http-404', now(),
                   CASE WHEN n %% 80 = 0 THEN now() END, 1
            FROM generate_series(1, 40000) AS n
            """,
            [job.pk],
        )
        cursor.execute("ANALYZE imports_importitem")
    client = operator()
    with CaptureQueriesContext(connection) as captured:
        client.get(f"{PAGE}?{query.format(job=failed, project=job.project_id)}")
    asked = [one["sql"] for one in captured if 'FROM "imports_importitem"' in one["sql"]]
    assert asked
    with connection.cursor() as cursor:
        for sql in asked:
            cursor.execute(f"EXPLAIN {sql}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "Seq Scan on imports_importitem" not in plan, plan
