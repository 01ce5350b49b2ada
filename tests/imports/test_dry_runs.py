"""A dry run says what an import would do, and does nothing."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from documents.models import Document, PublicationEvent
from imports import services
from imports.claiming.due_items import OpenJobs, claim_planned
from imports.handlers.base import ItemOutcome
from imports.handlers.images import ImageHandler
from imports.handlers.kinds import DOWNLOADS
from imports.models import ImportItem, ImportJob, PlannedState
from imports.outcomes.item_plans import record_plans
from livingdocs_import.db.read_only import WriteRefused, read_only
from livingdocs_import.errors import QuotaExceeded
from livingdocs_import.models import Project, WebhookDelivery
from livingdocs_import.project_config import store
from media_library.models import MediaEntry
from tests import images
from tests.api_client import CONFIG, Caller, document_item, image_item
from tests.newsroom import PUBLISH, Newsroom, paragraph
from tests.origin import Origin, Reply
from tests.workers import end_leases

DRY = {"options": {"dryRun": True}}
PICTURE = Reply(images.png(images.picture(4, 3)))


@pytest.fixture
def plan(times: Caller, run_workers: Callable[[], None]) -> Callable[..., list[dict[str, Any]]]:
    """Plan items of a kind; the rows of the finished dry run."""

    def plan(kind: str, *items: dict[str, Any], **fields: Any) -> list[dict[str, Any]]:
        before = counts()
        job = times.import_media(kind, *items, **(DRY | fields))
        run_workers()
        status = reader(times).status(job, kind)
        assert status["finished"]
        assert counts() == before
        assert not PlannedState.objects.exists()
        rows: list[dict[str, Any]] = status["logs" if kind == "documents" else kind]
        return rows

    return plan


def reader(caller: Caller) -> Caller:
    """The same client with a token that may read drafts, too."""
    return caller.with_scopes(*caller.scopes, "public-api:drafts:read")


Planner = Callable[..., list[dict[str, Any]]]


def counts() -> list[int]:
    return [model.objects.count() for model in (Document, MediaEntry, WebhookDelivery, PublicationEvent)]


def would(rows: list[dict[str, Any]]) -> list[str]:
    return [row["would"] for row in rows]


# --- Documents -------------------------------------------------------------------------------------------------------


def test_rows_are_skipped_and_say_what_an_import_would_do(plan: Planner, newsroom: Newsroom) -> None:
    """DRY-01"""
    newsroom.fine(id="known", title="Old", checksum="1")
    newsroom.fine(id="same", checksum="1")
    rows = plan(
        "documents",
        document_item(id="new"),
        document_item(id="known", title="New", checksum="2"),
        document_item(id="same", checksum="1"),
        document_item(id="wrong", contentType="nothing"),
    )
    assert {(row["state"], row["reason"]) for row in rows} == {("skipped", "dry run")}
    assert would(rows) == ["create", "update", "skip", "fail"]
    assert rows[0]["why"] == "no document has this id"
    assert rows[1]["changes"] == [{"property": "title", "old": "Old", "new": "New"}]
    assert rows[2]["why"] == "checksum unchanged"
    assert rows[3]["why"] == 'Unknown contentType "nothing"'
    assert rows[3]["error_details"]["cause"] == "content-type"


def test_changes_are_listed_by_property(plan: Planner, newsroom: Newsroom) -> None:
    """DRY-02"""
    first = newsroom.fine(id="a", content=[paragraph("one")], metadata={"description": "old"})
    (row,) = plan(
        "documents",
        document_item(
            id="a", title="Article", checksum="2", content=[paragraph("one"), paragraph("two")],
            metadata={"description": "new"}, flags=PUBLISH,
        ),
    )  # fmt: skip
    changes = {change["property"]: (change["old"], change["new"]) for change in row["changes"]}
    assert changes["metadata.description"] == ("old", "new")
    assert changes["content"] == ("1 component", "2 components")
    assert changes["publication"] == (None, "published")
    assert (row["document_id"], row["version"]) == (first["document_id"], 1)


@pytest.mark.parametrize(("scope", "is_shown"), [("public-api:drafts:read", True), ("public-api:read", False)])
def test_old_values_are_returned_to_tokens_that_may_read_them(newsroom: Newsroom, scope: str, is_shown: bool) -> None:
    """DRY-14"""
    newsroom.fine(id="a", title="Old")
    newsroom.caller.token = newsroom.caller.with_scopes("public-api:write", scope).token
    (row,) = newsroom.bring(document_item(id="a", title="New", checksum="2"), **DRY)
    old = {"old": "Old"} if is_shown else {}
    assert row["changes"] == [{"property": "title", "new": "New"} | old]


def test_ids_that_come_twice_are_decided_in_order(plan: Planner, settings: Any) -> None:
    """DRY-04"""
    settings.IMPORT_DOCUMENTS_CHUNK = 1
    rows = plan(
        "documents",
        document_item(id="a", checksum="1", title="One"),
        document_item(id="a", checksum="1"),
        document_item(id="a", checksum="2", title="Two"),
        document_item(id="a", checksum="3", contentType="author", title="Two"),
        document_item(id="a", checksum="4", title="Two", flags={"onlyOverwriteUntouched": True}),
    )
    assert would(rows) == ["create", "skip", "update", "fail", "update"]
    assert rows[2]["changes"] == [{"property": "title", "old": "One", "new": "Two"}]


def test_progress_shows_that_it_is_a_dry_run(times: Caller, run_workers: Callable[[], None]) -> None:
    """DRY-03"""
    job = times.import_documents(document_item(), document_item(), **DRY)
    run_workers()
    progress = times.status(job, "documents", extra="&expand=progress")["progress"]
    assert progress["dryRun"] is True
    assert progress["would"] == {"create": 2}
    assert (progress["skipped"], progress["failed"]) == (2, 0)
    real = times.import_documents(document_item())
    assert "dryRun" not in times.status(real, "documents", extra="&expand=progress")["progress"]


def test_no_webhook_is_sent(times: Caller, origin: Origin, run_workers: Callable[[], None]) -> None:
    """DRY-05"""
    times.import_documents(document_item(flags=PUBLISH), webhook=origin.url("/hook"), **DRY)
    run_workers()
    assert not WebhookDelivery.objects.exists()
    assert not PublicationEvent.objects.exists()


def test_an_earlier_failure_stays_unresolved(plan: Planner, newsroom: Newsroom) -> None:
    """DRY-05"""
    newsroom.one(id="a", contentType="nothing")
    plan("documents", document_item(id="a"))
    assert ImportItem.objects.filter(outcome="failed").get().resolved_at is None


# --- Media -----------------------------------------------------------------------------------------------------------


def test_without_their_files_media_are_created_or_fail_or_depend_on_them(
    plan: Planner, times: Caller, origin: Origin, run_workers: Callable[[], None]
) -> None:
    """DRY-06"""
    origin.reply("/a.png", PICTURE)
    times.import_images(image_item(origin.url("/a.png"), id="known", fileName="A"))
    run_workers()
    asked = len(origin.requests)
    rows = plan(
        "images",
        image_item(origin.url("/a.png"), id="new"),
        image_item(origin.url("/a.png"), id="known", fileName="A"),
        image_item(origin.url("/a.png"), id="known", fileName="B"),
        image_item(origin.url("/a.png"), id="wrong", metadata={"nothing": 1}),
        image_item(origin.url("/a.png"), id="other", mediaType="nothing"),
    )
    assert len(origin.requests) == asked
    assert would(rows) == ["create", "update or skip", "update", "fail", "fail"]
    assert rows[1]["why"] == "depends on the file"
    assert rows[2]["changes"][0] == {"property": "title", "old": "A", "new": "B"}
    assert rows[3]["error_details"]["errors"]
    assert {(row["status"], row["state"], row["reason"]) for row in rows} == {("skipped", "skipped", "dry run")}


@pytest.mark.parametrize("kind", ["images", "videos", "files"])
def test_every_kind_of_media_can_be_planned(plan: Planner, kind: str) -> None:
    (row,) = plan(kind, image_item("https://pictures.example/a"))
    assert row["would"] == "create"


def test_media_ids_that_come_twice_are_decided_in_order(plan: Planner) -> None:
    """DRY-04"""
    url = "https://pictures.example/a.jpg"
    rows = plan(
        "images",
        image_item(url, id="a", fileName="A"),
        image_item(url, id="a", fileName="B"),
        image_item(url, id="a", fileName="B"),
    )
    assert would(rows) == ["create", "update", "update or skip"]


def test_a_sample_of_files_is_looked_at(plan: Planner, times: Caller, origin: Origin) -> None:
    """DRY-07"""
    origin.reply("/a.png", PICTURE)
    origin.reply("/gone.png", Reply(status=404))
    items = [image_item(origin.url(f"/{name}.png"), id=name) for name in ("a", "b", "gone", "d")]
    rows = plan("images", *items, options={"dryRun": True, "probe": 2})
    assert sorted(request.path for request in origin.requests) == ["/a.png", "/gone.png"]
    assert would(rows) == ["create", "create", "fail", "create"]
    assert rows[2]["error_details"]["cause"] == "http-404"


def test_a_probed_file_decides_between_update_and_skip(
    plan: Planner, times: Caller, origin: Origin, run_workers: Callable[[], None]
) -> None:
    """DRY-07"""
    origin.reply("/a.png", PICTURE)
    item = image_item(origin.url("/a.png"), id="a")
    times.import_images(item)
    run_workers()
    (row,) = plan("images", item, options={"dryRun": True, "probe": 1})
    assert (row["would"], row["why"]) == ("skip", "already exists")
    origin.reply("/a.png", Reply(images.png(images.picture(8, 8))))
    (row,) = plan("images", item, options={"dryRun": True, "probe": 1})
    assert row["would"] == "update"
    (change,) = row["changes"]
    assert (change["property"], change["old"]["width"], change["new"]["width"]) == ("file", 4, 8)


def test_a_probed_file_is_compared_with_what_earlier_items_would_have_made(
    plan: Planner, times: Caller, origin: Origin, run_workers: Callable[[], None]
) -> None:
    """DRY-04, DRY-07: the last item has the bytes of the entry, which the one before it would have replaced."""
    first = image_item(origin.reply("/first.png", PICTURE), id="a", fileName="A")
    other = Reply(images.png(images.picture(8, 8)))
    second = image_item(origin.reply("/second.png", other), id="a", fileName="A")
    times.import_images(first)
    run_workers()
    rows = plan("images", second, first, first, options={"dryRun": True, "probe": 3})
    assert [(row["would"], row["why"]) for row in rows] == [
        ("update", "file differs"),
        ("update", "file differs"),
        ("skip", "already exists"),
    ]


@pytest.mark.parametrize(
    ("kind", "options", "at"),
    [
        ("images", {"probe": 1}, "options.probe"),
        ("images", {"dryRun": True, "probe": 101}, "options.probe"),
        ("images", {"dryRun": "yes"}, "options.dryRun"),
        ("images", {"dryrun": True}, "options.dryrun"),
        ("documents", {"dryRun": True, "probe": 1}, "options.probe"),
        ("documents", True, "options"),
    ],
)
def test_options_that_are_none_are_refused(times: Caller, kind: str, options: Any, at: str) -> None:
    """DRY-09"""
    answer = times.post(f"import/{kind}", {"systemName": "s", kind: [], "options": options})
    assert answer.status_code == 400
    assert at in answer.content.decode()


def requiring(handle: str) -> dict[str, Any]:
    """A configuration whose images must have this property; what `creator` is their files may say themselves."""
    required = {"handle": handle, "type": "li-text", "config": {"required": True}}
    return CONFIG | {
        "mediaTypes": [
            kind | {"metadata": [*(each for each in kind["metadata"] if each["handle"] != handle), required]}
            if kind["handle"] == "image"
            else kind
            for kind in CONFIG["mediaTypes"]
        ]
    }


@pytest.mark.parametrize(("handle", "expected"), [("creator", "create"), ("rights", "fail")])
def test_what_a_file_may_bring_along_is_not_missing_yet(
    plan: Planner, times: Caller, handle: str, expected: str
) -> None:
    """DRY-06"""
    store.store(times.project, requiring(handle), by="test")
    (row,) = plan("images", image_item("https://pictures.example/a.jpg"))
    assert row["would"] == expected


def test_media_without_time_are_planned_later(times: Caller) -> None:
    """DRY-04"""
    times.import_images(*[image_item("https://pictures.example/a.jpg") for _ in range(3)], **DRY)
    (open_job,) = OpenJobs().all()
    job, handler, config = ImportJob.objects.get(), DOWNLOADS["images"], store.current(times.project)
    for left in (2, 1, 0):
        batch = handler.begin(job, config, claim_planned(open_job, 3))
        record_plans(job, handler, config, batch, until=-math.inf)
        assert ImportItem.objects.filter(outcome="open").count() == left


# --- Workers ---------------------------------------------------------------------------------------------------------


def test_one_chunk_of_a_dry_run_is_planned_at_a_time(times: Caller) -> None:
    """DRY-04"""
    times.import_documents(*(document_item() for _ in range(3)), **DRY)
    (job,) = OpenJobs().all()
    assert len(claim_planned(job, 2)) == 2
    assert claim_planned(job, 2) == []
    ImportItem.objects.update(claimed=False, due_at=timezone.now())
    assert len(claim_planned(job, 2)) == 2


@pytest.mark.parametrize("kind", ["images", "documents"])
def test_a_dry_run_whose_worker_was_lost_is_planned_by_another(plan: Planner, times: Caller, kind: str) -> None:
    item = document_item() if kind == "documents" else image_item("https://pictures.example/a.jpg")
    job = times.import_media(kind, item, item, **DRY)
    (open_job,) = OpenJobs().all()
    assert claim_planned(open_job, 1)
    end_leases()
    (row,) = plan(kind, document_item() if kind == "documents" else image_item("https://pictures.example/b.jpg"))
    assert row["would"] == "create"
    rows = times.status(job, kind)["logs" if kind == "documents" else kind]
    assert would(rows) == ["create", "skip" if kind == "documents" else "update or skip"]


def test_a_cancelled_dry_run_has_no_plan_for_what_is_left(times: Caller) -> None:
    job = ImportJob.objects.get(public_id=times.import_documents(document_item(), webhook="https://a.example", **DRY))
    assert services.cancel_job(job)
    (row,) = times.status(job.public_id, "documents")["logs"]
    assert (row["state"], row["reason"]) == ("failed", "cancelled")
    assert "would" not in row
    assert not WebhookDelivery.objects.exists()


# --- Allowances, and what comes after --------------------------------------------------------------------------------


def test_dry_runs_have_an_allowance_of_their_own(times: Caller) -> None:
    """DRY-11"""
    Project.objects.update(daily_limits={"documents": 2})
    body = {"systemName": "s", "documents": [document_item(), document_item()]}
    assert times.post("import/documents", body | DRY).status_code == 200
    assert times.post("import/documents", body | DRY).status_code == 429
    assert times.post("import/documents", body).status_code == 200
    assert times.post("import/documents", body).status_code == 429


def test_carrying_a_plan_out_is_a_new_import_that_counts(times: Caller, run_workers: Callable[[], None]) -> None:
    """DRY-12"""
    Project.objects.update(daily_limits={"documents": 2})
    job = ImportJob.objects.get(public_id=times.import_documents(document_item(), document_item(), **DRY))
    run_workers()
    real = services.carry_out_plan(job, by="eva")
    run_workers()
    assert [row["state"] for row in times.status(real.public_id, "documents")["logs"]] == ["imported"] * 2
    assert times.post("import/documents", {"systemName": "s", "documents": [document_item()]}).status_code == 429
    again = services.replay_job(job)
    run_workers()
    with pytest.raises(QuotaExceeded):
        services.carry_out_plan(again)


def test_carrying_out_a_plan_of_images_fetches_all_of_them(
    times: Caller, origin: Origin, run_workers: Callable[[], None]
) -> None:
    """DRY-12"""
    origin.reply("/a.png", PICTURE)
    items = [image_item(origin.url("/a.png")) for _ in range(3)]
    job = ImportJob.objects.get(public_id=times.import_images(*items, **DRY))
    run_workers()
    real = services.carry_out_plan(job)
    run_workers()
    assert [row["status"] for row in times.status(real.public_id)["images"]] == ["success"] * 3


def test_a_dry_run_can_be_planned_again(times: Caller, run_workers: Callable[[], None]) -> None:
    """DRY-12"""
    url = "https://pictures.example/a.jpg"
    job = ImportJob.objects.get(public_id=times.import_images(image_item(url), **DRY))
    run_workers()
    again = services.replay_job(job)
    run_workers()
    assert again.dry_run
    assert [row["would"] for row in times.status(again.public_id)["images"]] == ["create"]


# --- The database proves it ------------------------------------------------------------------------------------------


def test_the_database_itself_refuses_to_write(times: Caller) -> None:
    """DRY-10"""
    with pytest.raises(WriteRefused), read_only():
        Project.objects.update(label="written")
    Project.objects.update(label="after")  # the transaction around it may write again
    assert Project.objects.get().label == "after"


class WritingHandler(ImageHandler):
    """A handler with a bug: its plans write."""

    def plan(self, job: ImportJob, *args: Any, **fields: Any) -> list[ItemOutcome]:
        Project.objects.update(label="written")
        return super().plan(job, *args, **fields)


def test_a_plan_that_would_write_fails_its_item(times: Caller) -> None:
    """DRY-10: it is no outage of the database, for whose end its worker would wait."""
    public_id = times.import_images(image_item("https://pictures.example/a.jpg"), **DRY)
    (open_job,) = OpenJobs().all()
    job, handler, config = ImportJob.objects.get(), WritingHandler(), store.current(times.project)
    batch = handler.begin(job, config, claim_planned(open_job, 1))
    record_plans(job, handler, config, batch, until=math.inf)
    (row,) = times.status(public_id)["images"]
    assert row["would"] == "fail"
    assert row["why"] == "The item could not be stored (WriteRefused)"
    assert ImportItem.objects.get().cause == "internal-error"
    assert Project.objects.get().label != "written"


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_on_postgresql_a_plan_sees_one_moment() -> None:
    """DRY-10"""
    with read_only(), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')")
        assert cursor.fetchone() == ("repeatable read", "on")
