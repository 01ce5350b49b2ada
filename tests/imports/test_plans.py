"""A plan says what it would overwrite, and can be carried out in part."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from documents import services as documents
from documents.models import Document
from imports import plans, services
from imports.models import ImportItem, ImportJob
from imports.monitoring.day import day
from livingdocs_import.models import Project
from media_library.models import MediaEntry
from tests import images
from tests.api_client import Caller, document_item, image_item
from tests.commands import run, run_examples
from tests.newsroom import Newsroom
from tests.origin import Origin, Reply

DRY = {"options": {"dryRun": True}}
Run = Callable[[], None]


def patch(caller: Caller, external_id: str) -> None:
    """A change by hand: of the caption."""
    entry = MediaEntry.objects.get(external_id=external_id)
    operation = {"operation": "setMetadataProperty", "propertyName": "caption", "value": "by hand"}
    answer = caller.patch(f"mediaLibrary/{entry.media_id}", {"patches": [operation]})
    assert answer.status_code == 200, answer.content


@pytest.fixture
def job(times: Caller, origin: Origin, run_workers: Run) -> ImportJob:
    """A dry run of four images: an entry of an import, one that was changed by hand, a new one, and a wrong one."""
    origin.reply("/a", Reply(images.png(images.picture(1, 1))))
    known = [image_item(origin.url("/a"), id=name) for name in ("known", "touched")]
    times.import_images(*known)
    run_workers()
    patch(times, "touched")
    items = [*known, image_item(origin.url("/a"), id="new"), image_item(origin.url("/a"), id="x", mediaType="nothing")]
    again = [item | {"fileName": "Another title"} for item in items]
    planned = times.import_images(*again, **DRY)
    run_workers()
    return ImportJob.objects.get(public_id=planned)


def imported(job: ImportJob | None) -> list[str]:
    assert job is not None
    return list(job.items.order_by("position").values_list("external_id", flat=True))


def test_rows_name_what_would_overwrite_changes_by_hand(times: Caller, job: ImportJob) -> None:
    """DRY-15"""
    rows = times.status(job.public_id)["images"]
    assert [row["would"] for row in rows] == ["update", "update", "create", "fail"]
    assert [row.get("touched") for row in rows] == [None, True, None, None]


def test_a_later_import_takes_the_entry_back(times: Caller, origin: Origin, run_workers: Run, job: ImportJob) -> None:
    """DRY-15"""
    services.carry_out_plan(job)
    run_workers()
    assert not plans.touched(job).exists()


def test_validity_that_changes_by_time_is_no_change_by_hand(times: Caller, job: ImportJob) -> None:
    """DRY-15: neither does it hide one."""
    entry, other = MediaEntry.objects.get(external_id="touched"), MediaEntry.objects.get(external_id="known")
    for each in (entry, other):
        each.changes.create(version=9, actor="scheduler", operations=["invalidate"])
    assert [item.external_id for item in plans.touched(job)] == ["touched"]


def test_documents_that_were_changed_by_hand_are_named_too(newsroom: Newsroom, times: Caller, run_workers: Run) -> None:
    """DRY-15"""
    for name in ("known", "touched"):
        newsroom.fine(id=name, title="Old", checksum="1")
    edit_by_hand("touched")
    items = [document_item(id=name, title="New", checksum="2") for name in ("known", "touched")]
    planned = times.import_documents(*items, **DRY)
    run_workers()
    rows = times.status(planned, "documents")["logs"]
    assert [(row["would"], row.get("touched")) for row in rows] == [("update", None), ("update", True)]
    real = services.carry_out_plan(ImportJob.objects.get(public_id=planned), leave_touched=True)
    assert imported(real) == ["known"]


def edit_by_hand(external_id: str) -> None:
    """As in the admin."""
    document = Document.objects.get(import_logs__external_id=external_id)
    assert documents.change(document, title="By hand", metadata={}, by="eva")


@pytest.mark.parametrize(
    ("part", "names"),
    [
        ({}, ["known", "touched", "new", "x"]),
        ({"only_would_succeed": True}, ["known", "touched", "new"]),
        ({"leave_touched": True}, ["known", "new", "x"]),
        ({"only_would_succeed": True, "leave_touched": True}, ["known", "new"]),
    ],
)
def test_a_plan_is_carried_out_in_part(job: ImportJob, part: dict[str, Any], names: list[str]) -> None:
    """DRY-16"""
    real = services.carry_out_plan(job, **part)
    assert imported(real) == names
    assert real is not None
    assert list(real.items.order_by("position").values_list("position", flat=True)) == list(range(len(names)))
    assert real.total == len(names)


def test_what_was_changed_by_hand_after_the_plan_is_left_alone_as_well(times: Caller, job: ImportJob) -> None:
    """DRY-16"""
    patch(times, "known")
    assert imported(services.carry_out_plan(job, only_would_succeed=True, leave_touched=True)) == ["new"]


def test_what_is_skipped_or_fails_is_left_alone_as_well_if_it_was_changed_by_hand(
    times: Caller, origin: Origin, run_workers: Run
) -> None:
    """DRY-16: a file that could not be had when it was planned may be there when it is imported, or be another one."""
    names = ("same", "gone")
    urls = {name: origin.reply(f"/{name}", Reply(images.png(images.picture(1, 1)))) for name in names}
    items = [image_item(urls[name], id=name) for name in names]
    times.import_images(*items)
    run_workers()
    for name in names:
        patch(times, name)
    origin.reply("/gone", Reply(b"", status=404))
    items = [item | {"metadata": {"caption": "by hand"}} for item in (*items, image_item(urls["same"], id="new"))]
    planned = times.import_images(*items, options={"dryRun": True, "probe": 3})
    run_workers()
    job = ImportJob.objects.get(public_id=planned)
    assert [item.would for item in job.items.order_by("position")] == ["skip", "fail", "create"]
    origin.reply("/gone", Reply(images.png(images.picture(2, 2))))
    assert imported(services.carry_out_plan(job, leave_touched=True)) == ["new"]


def refused(job: ImportJob) -> str:
    """Why neither the service nor the command carries it out; nothing comes of it."""
    with pytest.raises(services.PlanIncomplete) as error:
        services.carry_out_plan(job, leave_touched=True)
    for asked in ((), ("--dry-run",)):
        ran = run("import_plan", job.public_id, "--leave-touched", *asked)
        assert (ran.code, str(error.value) in ran.err) == (1, True), ran.err
    assert not ImportJob.objects.filter(carries_out=job).exists()
    return str(error.value)


def test_a_dry_run_that_was_cancelled_is_not_carried_out(times: Caller, job: ImportJob) -> None:
    """DRY-16: what it has not planned may overwrite anything."""
    again = services.replay_job(job)
    assert services.cancel_job(again)
    assert "plan it again" in refused(again)


def test_a_plan_of_the_previous_version_is_not_carried_out(job: ImportJob) -> None:
    """DRY-16: it has the outcomes of its items only in their rows."""
    job.items.update(would="", compared_version=None)
    assert "plan it again" in refused(job)


def test_only_what_is_imported_counts(job: ImportJob) -> None:
    """DRY-16"""
    Project.objects.update(daily_limits={"images": 5})  # two were imported before
    real = services.carry_out_plan(job, only_would_succeed=True)
    assert real is not None


def test_a_plan_is_carried_out_once(times: Caller, run_workers: Run, job: ImportJob) -> None:
    """DRY-17"""
    real = services.carry_out_plan(job, only_would_succeed=True)
    assert real is not None
    with pytest.raises(services.CarriedOut) as refused:
        services.carry_out_plan(job)
    assert refused.value.job == real
    assert run("import_plan", job.public_id).err == (
        f"{job.public_id} is not imported again: it was imported as job {real.public_id}; "
        "plan it again to import it again."
    )
    again = services.replay_job(job)
    run_workers()
    assert services.carry_out_plan(again) is not None, "a plan of its own"


def test_an_import_and_its_plan_are_linked_both_ways(times: Caller, origin: Origin, run_workers: Run) -> None:
    """DRY-17: what the client sent beside the items is in the import, too."""
    about = {"webhook": "https://hooks.example/", "context": {"batch": 7}}
    planned = times.import_images(image_item(origin.url("/a")), **about, **DRY)
    run_workers()
    job = ImportJob.objects.get(public_id=planned)
    real = services.carry_out_plan(job)
    assert real is not None
    assert (real.carries_out, job.carried_out_by, real.replay_of) == (job, real, None)
    assert (real.webhook, real.context) == (about["webhook"], about["context"])


def test_an_import_by_a_process_of_the_previous_version_carries_the_plan_out_too(times: Caller, job: ImportJob) -> None:
    """DRY-17: one that was not stopped links it like a replay; it counts all the same."""
    old = services.replay_job(job)
    ImportJob.objects.filter(pk=old.pk).update(dry_run=False, probe=0)
    with pytest.raises(services.CarriedOut) as refused:
        services.carry_out_plan(job)
    assert refused.value.job == old
    used = 2 + old.total  # two were imported before
    Project.objects.update(daily_limits={"images": used})
    assert (
        times.post(
            "import/images", {"systemName": "archive", "images": [image_item("https://a.example/1")]}
        ).status_code
        == 429
    )
    (full,) = day(timezone.now())[1]
    assert (full.kind, full.used) == ("images", used)
    services.replay_job(old)
    services.replay_job(job)
    assert day(timezone.now())[1] == [full], "replays cost nothing"


def test_where_nothing_is_left_no_job_is_made(times: Caller, run_workers: Run) -> None:
    """DRY-16"""
    planned = times.import_images(image_item("https://a.example/1", mediaType="nothing"), **DRY)
    run_workers()
    job = ImportJob.objects.get(public_id=planned)
    before = ImportJob.objects.count()
    assert services.carry_out_plan(job, only_would_succeed=True) is None
    assert ImportJob.objects.count() == before


def test_the_examples_of_import_plan(job: ImportJob) -> None:
    asked, done = run_examples("import_plan", {"25bzj8j": job.public_id})
    assert asked.lines == [
        "1 would fail: media-type", "1 would overwrite changes by hand", "3 items would be imported",
    ]  # fmt: skip
    (public_id,) = done.lines
    assert imported(ImportJob.objects.get(public_id=public_id)) == ["known", "new"]
    (fact,) = run("import_plan", job.public_id, "--dry-run", "--json").facts
    assert (fact["items"], fact["touched"], fact["failures"]) == (4, 1, [{"cause": "media-type", "count": 1}])


def test_what_is_no_plan_is_not_imported(times: Caller, job: ImportJob) -> None:
    other = times.import_images(image_item("https://a.example/1"))
    assert run("import_plan", other).err == f"{other} is no dry run."
    planned = times.import_images(image_item("https://a.example/1"), **DRY)
    assert run("import_plan", planned).err == f"{planned} is still planned."
    Project.objects.update(daily_limits={"images": 1})
    ran = run("import_plan", job.public_id)
    assert ran.code == 1
    assert "cannot be imported today: Your plan does not allow" in ran.err


def test_every_item_that_would_fail_has_a_cause(job: ImportJob) -> None:
    """By which it is left out."""
    for item in ImportItem.objects.filter(job=job):
        assert (item.result["would"] == "fail") == bool(item.cause)
