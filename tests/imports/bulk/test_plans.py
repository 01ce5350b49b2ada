"""A dry run of a file gathers its plan, which is then carried out in part."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from imports.models import ImportItem, ImportJob
from media_library.models import MediaEntry
from tests import images
from tests.api_client import Caller, image_item
from tests.imports.bulk.conftest import Run, Said
from tests.origin import Origin, Reply

HEAD = "url,id,fileName,mediaType,metadata.caption"
Table = Callable[..., Path]


@pytest.fixture
def url(origin: Origin) -> str:
    return origin.reply("/cat.png", Reply(images.png(images.picture())))


@pytest.fixture
def entries(times: Caller, url: str, run_workers: Callable[[], None]) -> None:
    """Three entries; a person has changed the caption of `touched`."""
    ids = ("same", "changed", "touched")
    times.import_images(*(image_item(url, id=each, fileName=each, metadata={"caption": "A"}) for each in ids))
    run_workers()
    touched = MediaEntry.objects.get(external_id="touched")
    change = {"operation": "setMetadataProperty", "propertyName": "caption", "value": "By hand"}
    assert times.patch(f"mediaLibrary/{touched.media_id}", {"patches": [change]}).status_code == 200


@pytest.fixture
def rows(table: Table, url: str) -> Path:
    return table(
        HEAD,
        f"{url},same,same,,A",
        f"{url},changed,changed,,B",
        f"{url},touched,touched,,B",
        f"{url},new,new,,A",
        f"{url},wrong,wrong,painting,A",
        "ftp://example.org/x,refused,refused,,A",
    )


@pytest.fixture
def import_images(times: Caller, run: Run, run_workers: Callable[[], None], rows: Path) -> Callable[..., Said]:
    """Run the command with the workers at the same time: first to post, then to read what came of it."""

    def import_images(*arguments: str) -> Said:
        given = ("import_images", rows, "--project", "times", "--system-name", "archive", "--json", *arguments)
        run(*given, "--no-wait")
        run_workers()
        return run(*given)

    return import_images


def plan_of(path: Path) -> dict[str, dict[str, Any]]:
    lines = path.with_name("archive.csv.plan").read_text().splitlines()[1:]
    return {line["id"]: line for line in map(json.loads, lines)}


@pytest.mark.usefixtures("entries")
def test_a_dry_run_says_of_each_row_what_it_would_do(import_images: Callable[..., Said], rows: Path) -> None:
    before = MediaEntry.objects.count()
    said = import_images("--dry-run")
    assert said.code == 3
    assert said.report["would"] == {"update or skip": 1, "update": 2, "create": 1, "fail": 1}
    assert said.report["refused"] == 1
    plan = plan_of(rows)
    assert {name: (row["row"], row["would"]) for name, row in plan.items()} == {
        "same": (2, "update or skip"),
        "changed": (3, "update"),
        "touched": (4, "update"),
        "new": (5, "create"),
        "wrong": (6, "fail"),
    }
    assert [name for name, row in plan.items() if row.get("touched")] == ["touched"]
    assert plan["changed"]["changes"] == [{"property": "metadata.caption", "old": "A", "new": "B"}]
    assert MediaEntry.objects.count() == before
    assert not rows.with_name("archive.csv.dry-run.state").exists(), "the next dry run plans anew"


@pytest.mark.usefixtures("entries")
def test_only_what_would_succeed_is_imported_and_hand_work_is_left_alone(
    import_images: Callable[..., Said], rows: Path, tmp_path: Path
) -> None:
    import_images("--dry-run")
    failures = tmp_path / "failures.csv"
    said = import_images("--only-would-succeed", "--leave-touched", "--failures", str(failures))
    assert (said.report["posted"], said.report["leftAlone"], said.report["refused"]) == (3, 1, 2)
    last = ImportJob.objects.latest("pk")
    names = ImportItem.objects.filter(job=last).order_by("position").values_list("external_id", flat=True)
    assert list(names) == ["same", "changed", "new"]
    assert MediaEntry.objects.get(external_id="touched").metadata["caption"] == "By hand"
    assert 'it would fail: Unknown mediaType: ""painting""' in failures.read_text()


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize("part", [(), ("--leave-touched",), ("--only-would-succeed", "--leave-touched")])
def test_an_import_does_not_go_on_with_another_part_of_its_plan(
    part: tuple[str, ...], import_images: Callable[..., Said], times: Caller, run: Run, rows: Path
) -> None:
    """Other rows would be left out, and so the batches would be others."""
    import_images("--dry-run")
    given = ("import_images", rows, "--project", "times", "--system-name", "archive", "--no-wait", "--json")
    assert run(*given, "--only-would-succeed").report["posted"] == 4
    said = run(*given, *part)
    assert (said.code, "differs in: the plan, or what of it is carried out." in said.err) == (1, True)
    assert run(*given, "--only-would-succeed").report["posted"] == 4
    assert ImportJob.objects.filter(dry_run=False, items__external_id="new").count() == 1


@pytest.mark.usefixtures("entries")
def test_an_import_does_not_go_on_with_another_plan(
    import_images: Callable[..., Said], times: Caller, run: Run, rows: Path
) -> None:
    import_images("--dry-run")
    given = ("import_images", rows, "--project", "times", "--system-name", "archive", "--no-wait", "--leave-touched")
    run(*given)
    plan = rows.with_name("archive.csv.plan")
    plan.write_text(plan.read_text().replace(',"touched":true', ""))
    said = run(*given)
    assert (said.code, "differs in: the plan, or what of it is carried out." in said.err) == (1, True)


@pytest.mark.usefixtures("entries")
def test_a_plan_of_another_input_is_not_carried_out(import_images: Callable[..., Said], rows: Path) -> None:
    assert "make it with --dry-run first" in import_images("--only-would-succeed").err
    import_images("--dry-run")
    rows.write_text(rows.read_text().replace(",new,new", ",newer,newer"))
    said = import_images("--only-would-succeed")
    assert (said.code, "plan again with --dry-run" in said.err) == (1, True)


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize("choice", ["--only-would-succeed", "--leave-touched"])
def test_a_row_that_is_not_in_the_plan_is_not_imported(
    choice: str, import_images: Callable[..., Said], rows: Path
) -> None:
    import_images("--dry-run")
    plan = rows.with_name("archive.csv.plan")
    plan.write_text("".join(line for line in plan.read_text().splitlines(keepends=True) if '"new"' not in line))
    said = import_images(choice)
    assert "it is not in the plan: plan again with --dry-run" in said.refused[0]["problems"][0]["message"]
    assert not ImportItem.objects.filter(job__dry_run=False, external_id="new").exists()


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize("gone", ["the job", "an item"])
def test_a_dry_run_whose_job_is_gone_makes_no_plan(
    gone: str, times: Caller, run: Run, rows: Path, run_workers: Callable[[], None]
) -> None:
    given = ("import_images", rows, "--project", "times", "--system-name", "archive", "--dry-run")
    run(*given, "--no-wait")
    run_workers()
    job = ImportJob.objects.latest("pk")
    if gone == "the job":
        job.delete()
    else:
        ImportItem.objects.filter(job=job).latest("pk").delete()
    said = run(*given)
    assert (said.code, "rows 2 to 7 have no plan" in said.err) == (1, True)
    assert not rows.with_name("archive.csv.plan").exists()
    rows.with_name("archive.csv.dry-run.state").unlink()
    run(*given, "--no-wait")
    run_workers()
    run(*given)
    assert len(plan_of(rows)) == 5


def test_documents_say_for_themselves_that_hand_work_is_left_alone(times: Caller, run: Run, table: Table) -> None:
    path = table("id,title,contentType,checksum", "a-1,A,article,1")
    run("import_documents", path, "--project", "times", "--system-name", "s", "--leave-touched", "--no-wait")
    assert ImportItem.objects.get().payload["flags"] == {"onlyOverwriteUntouched": True}


def test_a_dry_run_of_ready_made_entries_is_answered_at_once(times: Caller, run: Run, table: Table) -> None:
    asset = "a/b.pdf,https://files.example.org/b.pdf,1,b.pdf,application/pdf"
    path = table(
        "externalId,mediaType,asset.key,asset.url,asset.size,asset.filename,asset.mimeType",
        f"e-1,file,{asset}",
        f"e-2,nothing,{asset}",
    )
    said = run("import_media_entries", path, "--project", "times", "--system-name", "s", "--dry-run", "--json")
    assert (said.code, said.report["would"], said.report["refused"]) == (3, {"create": 1, "fail": 1}, 0)
    assert [row["would"] for row in plan_of(path).values()] == ["create", "fail"]
    assert not MediaEntry.objects.exists()


def test_a_probe_is_for_a_dry_run(import_images: Callable[..., Said]) -> None:
    assert import_images("--probe", "5").code == 2


@pytest.mark.usefixtures("entries")
def test_reconciling_finds_what_is_missing_surplus_or_different(times: Caller, run: Run, table: Table) -> None:
    path = table("url,id,fileName,metadata.caption", "https://a.org/1,same,same,A", "https://a.org/1,changed,Other,B",
                 "https://a.org/1,new,new,A")  # fmt: skip
    said = run("import_images", path, "--project", "times", "--system-name", "archive", "--reconcile", "--json")
    assert said.code == 3
    found = [json.loads(line)["difference"] for line in said.out.splitlines()[:-1]]
    assert [(each["what"], each["id"], each["row"], each["properties"]) for each in found] == [
        ("differs", "changed", 3, ["fileName", "metadata.caption"]),
        ("missing", "new", 4, []),
        ("without a row", "touched", None, []),
    ]
    assert ImportJob.objects.count() == 1


@pytest.mark.usefixtures("entries")
def test_an_entry_whose_row_is_refused_has_a_row(times: Caller, run: Run, table: Table) -> None:
    path = table("url,id,fileName,metadata.caption", "ftp://a.org/1,same,same,A", "https://a.org/1,changed,changed,A",
                 "https://a.org/1,touched,touched,A")  # fmt: skip
    said = run("import_images", path, "--project", "times", "--system-name", "archive", "--reconcile", "--json")
    assert "without a row" not in said.report["differences"]
    assert said.report["refused"] == 1


def test_rows_without_the_id_of_the_other_system_are_not_compared_which_is_a_finding(
    times: Caller, run: Run, table: Table
) -> None:
    head = "id,mediaType,asset.key,asset.url,asset.size,asset.filename,asset.mimeType"
    path = table(head, "a-1,file,a/b.pdf,https://files.example.org/a/b.pdf,1,b.pdf,application/pdf")
    given = ("import_media_entries", path, "--project", "times", "--system-name", "archive")
    said = run(*given, "--reconcile")
    assert (said.code, "1 row without externalId: not compared" in said.out) == (3, True)
    assert "1 row without externalId, the id of your system" in run(*given, "--check").out


def test_documents_are_reconciled_by_their_checksums(
    times: Caller, run: Run, table: Table, run_workers: Callable[[], None]
) -> None:
    head, options = "id,title,contentType,checksum", ("--project", "times", "--system-name", "s", "--json")
    run("import_documents", table(head, "a-1,A,article,1", "a-2,B,article,1"), *options, "--no-wait")
    run_workers()
    said = run("import_documents", table(head, "a-1,A,article,2", name="new.csv"), *options, "--reconcile")
    assert said.report["differences"] == {"differs": 1, "without a row": 1}


def test_the_report_says_what_is_wrong_in_particular(
    times: Caller, run: Run, run_workers: Callable[[], None], table: Table, url: str
) -> None:
    path = table("url,id,fileName,metadata.painter", f"{url},a,A,Ann", f"{url},b,B,Ann")
    given = ("import_images", path, "--project", "times", "--system-name", "archive")
    unconfigured = "The metadata property 'painter' is not configured"
    for mode, what in (("--dry-run", "would fail"), ("--json", "failed")):
        run(*given, mode, "--no-wait")
        run_workers()
        said = run(*given, mode)
        assert said.code == 3, what
        assert unconfigured in said.out
    assert said.report["reasons"] == [{"reason": "Invalid metadata", "count": 2, "example": unconfigured}]
    assert plan_of(path)["a"]["why"] == f"Invalid metadata ({unconfigured})"
