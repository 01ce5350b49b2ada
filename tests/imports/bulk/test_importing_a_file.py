"""A file is imported by a command: posted in batches, followed, and what has failed is written down."""

import csv
import io
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from imports.models import ImportItem, ImportJob
from livingdocs_import.models import Project
from media_library.models import MediaEntry
from tests import images
from tests.api_client import Caller
from tests.commands import run_examples
from tests.imports.bulk.conftest import Run, Said
from tests.origin import Origin, Reply

HEAD = "url,id,fileName,metadata.caption"
Table = Callable[..., Path]


def row(number: int, url: str = "https://pictures.example.org/cat.jpg") -> str:
    return f"{url},cat-{number},Cat {number},It sleeps"


@pytest.fixture
def import_images(times: Caller, run: Run) -> Callable[..., Said]:
    def import_images(*arguments: object) -> Said:
        return run("import_images", *arguments, "--project", "times", "--system-name", "archive")

    return import_images


def items() -> list[tuple[str, int]]:
    """The external id and the position of each item of all jobs."""
    return list(ImportItem.objects.order_by("job", "position").values_list("external_id", "position"))


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_file_is_posted_in_batches_and_followed_to_its_end(
    import_images: Callable[..., Said], table: Table, origin: Origin, run_workers: Callable[[], None]
) -> None:
    good = origin.reply("/cat.png", Reply(images.png(images.picture())))
    path = table(HEAD, *(row(number, good) for number in range(5)), row(5, origin.url("/gone")))
    posted = import_images(path, "--batch-size", 2, "--no-wait", "--json")
    assert posted.report | {"jobs": 3} == posted.report | {"jobs": len(posted.report["jobs"])}
    assert (posted.code, posted.report["rows"], posted.report["posted"], posted.report["finished"]) == (0, 6, 6, False)
    run_workers()
    failures = path.with_name("failures.csv")
    ended = import_images(path, "--batch-size", 2, "--failures", failures)
    assert ended.code == 3
    assert ended.out.splitlines()[:4] == [
        "archive.csv: 6 rows",
        "  6 posted to project times in 3 jobs",
        "  5 imported",
        "  1 failed",
    ]
    assert "all rows were posted before: nothing new was posted" in ended.err
    assert "all rows were posted before" not in posted.err
    assert ImportJob.objects.count() == 3
    assert MediaEntry.objects.get(external_id="cat-0").metadata["caption"] == "It sleeps"
    (left,) = read(failures)
    assert (left["id"], left["import_error"][:22]) == ("cat-5", "Could not upload image")


def test_what_has_failed_can_be_imported_again_as_it_is(
    import_images: Callable[..., Said], table: Table, origin: Origin, run_workers: Callable[[], None]
) -> None:
    path = table(HEAD, row(1, origin.url("/late.png")), "1,2,3", row(3, "ftp://example.org/x"), 'a,"b')
    first, second = path.with_name("first.csv"), path.with_name("second.csv")
    import_images(path, "--no-wait")
    run_workers()
    assert import_images(path, "--failures", first).code == 3
    origin.reply("/late.png", Reply(images.png(images.picture())))
    import_images(first, "--no-wait")
    run_workers()
    again = import_images(first, "--failures", second, "--json").report
    assert (again["success"], again["refused"], again["toImportAgain"]) == (1, 3, 3)
    left, still = [
        [{**line, "import_error": ""} for line in read(path) if line["id"] != "cat-1"] for path in (first, second)
    ]
    assert left == still
    assert "; correct import_line, or fill in the cells" in second.read_text()


@pytest.mark.parametrize("line", ["1,2,3", 'a,"b'])
def test_the_cells_of_a_row_that_was_none_can_be_filled_in(
    import_images: Callable[..., Said], table: Table, line: str
) -> None:
    failures, head = table("url,id,fileName,metadata.caption,import_date", line).with_name("failures.csv"), HEAD
    options = ("--no-wait", "--map", "import_date=metadata.date")
    assert import_images(failures.with_name("archive.csv"), *options, "--failures", failures).code == 3
    (left,) = read(failures)
    with failures.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(left))
        writer.writeheader()
        writer.writerow(left | dict(zip(head.split(","), row(7).split(","), strict=True)))
    assert import_images(failures, *options).code == 0
    assert ImportItem.objects.get().external_id == "cat-7"


def test_the_properties_of_a_line_that_was_no_object_can_be_written_in_its_place(
    import_images: Callable[..., Said], table: Table
) -> None:
    own = {"url": "https://example.org/1", "id": "1", "fileName": "One"}
    path = table(json.dumps(own | {"import_line": "{", "import_error": "the line is not valid"}), name="f.ndjson")
    assert import_images(path, "--no-wait").code == 0
    assert ImportItem.objects.get().external_id == "1"


def test_a_corrected_line_of_a_failures_file_is_read_in_place_of_the_cells(
    import_images: Callable[..., Said], table: Table
) -> None:
    path = table(HEAD, "https://example.org/1,cat-1,A cat")
    failures = path.with_name("failures.csv")
    assert import_images(path, "--no-wait", "--failures", failures).code == 3
    failures.write_text(failures.read_text().replace("cat-1,A cat", "cat-1,A cat,It sleeps"))
    assert import_images(failures, "--no-wait").code == 0
    assert ImportItem.objects.get().payload["metadata"] == {"caption": "It sleeps"}


def test_objects_are_imported_as_they_are_and_written_down_as_they_were(
    import_images: Callable[..., Said], table: Table
) -> None:
    good = {"url": "https://example.org/1", "id": "1", "fileName": "One", "metadata": {"caption": "A"}}
    bad = {"url": "https://example.org/2", "id": "2", "fileName": 7}
    path = table(json.dumps(good), json.dumps(bad), "{", name="archive.ndjson")
    failures = path.with_name("failures.ndjson")
    assert import_images(path, "--no-wait", "--failures", failures).code == 3
    assert ImportItem.objects.get().payload == good
    left = [json.loads(line) for line in failures.read_text().splitlines()]
    assert [line.pop("import_error") for line in left] == [
        'fileName: Invalid type: expected string, found "7"',
        "the line is not valid JSON: EOF while parsing an object at column 1",
    ]
    assert left == [bad, {"import_line": "{"}]
    again = failures.with_name("again.ndjson")
    assert import_images(failures, "--no-wait", "--failures", again).code == 3
    assert again.read_text() == failures.read_text()


def test_a_failures_file_has_the_format_of_the_input(import_images: Callable[..., Said], table: Table) -> None:
    path = table(json.dumps({"id": "1", "url": "https://a.org/1", "fileName": "A"}), name="archive.ndjson")
    for name, why in (("failures.csv", "must end with .ndjson"), ("no/f.ndjson", "there is no folder")):
        said = import_images(path, "--no-wait", "--failures", path.parent / name)
        assert (said.code, why in said.err) == (2, True)
    assert not ImportJob.objects.exists()


@pytest.mark.parametrize("option", ["--failures", "--state", "--plan"])
def test_no_input_is_overwritten(import_images: Callable[..., Said], table: Table, option: str) -> None:
    path = table(HEAD, row(1))
    before = path.read_bytes()
    said = import_images(path, option, path, *(["--dry-run"] if option == "--plan" else []))
    assert (said.code, f"{option} {path}: this is an input" in said.err) == (1, True)
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["archive.csv.plan", "archive.csv.dry-run.state"])
def test_no_input_is_overwritten_by_a_file_that_was_not_named(
    import_images: Callable[..., Said], table: Table, name: str
) -> None:
    path, mapping = table(HEAD, row(1)), table("url=url", name=name)
    said = import_images(path, "--mapping", mapping, "--dry-run", "--no-wait")
    assert (said.code, f"{mapping}: this is an input" in said.err) == (1, True)
    assert mapping.read_text() == "url=url\n"


@pytest.mark.parametrize(
    ("options", "written"),
    [
        (("--plan", "other.csv", "--state", "other.csv"), "other.csv"),
        (("--state", "archive.csv.plan"), "archive.csv.plan"),
        (("--plan", "archive.csv.dry-run.state"), "archive.csv.dry-run.state"),
    ],
)
def test_two_files_that_are_written_are_never_one(
    import_images: Callable[..., Said], table: Table, options: tuple[str, ...], written: str
) -> None:
    path = table(HEAD, row(1))
    named = [each if each.startswith("--") else path.with_name(each) for each in options]
    said = import_images(path, "--dry-run", "--failures", path.with_name("failures.csv"), *named)
    one = path.with_name(written)
    assert (said.code, f"--state {one}, --plan {one}: this is one file" in said.err) == (1, True)
    assert not one.exists()


def test_check_reports_every_row_that_the_schemas_refuse_and_posts_nothing(
    import_images: Callable[..., Said], table: Table
) -> None:
    path = table(HEAD, row(1), *(row(number, "ftp://example.org/x") for number in range(2, 30)), "x")
    said = import_images(path, "--check")
    assert said.code == 3
    assert said.out.splitlines()[0] == (
        'archive.csv, row 3, column "url": must match format "uri" (http or https, without credentials), '
        'found "ftp://example.org/x"'
    )
    assert len([line for line in said.out.splitlines() if line.startswith("archive.csv, row")]) == 29
    assert not ImportJob.objects.exists()
    assert not path.with_name("archive.csv.state").exists()
    refused = import_images(path, "--check", "--json").refused
    assert refused[0]["row"] == 3
    assert refused[0]["problems"][0]["column"] == "url"
    assert import_images(table(HEAD, row(1), name="good.csv"), "--check").code == 0


def test_ids_that_come_twice_are_reported_also_across_batches(import_images: Callable[..., Said], table: Table) -> None:
    path = table(HEAD, row(1), row(2), row(3), row(1), row(2))
    report = import_images(path, "--batch-size", 2, "--no-wait", "--json").report
    assert report["repeated"] == 2
    assert report["repeatedIds"][0] == {"id": "cat-1", "firstRow": 2, "row": 5}
    assert len(items()) == 5


def test_nothing_is_posted_before_the_head_is_understood(import_images: Callable[..., Said], table: Table) -> None:
    said = import_images(table("url,id,fileNmae", "https://example.org/1,1,One"))
    assert said.code == 1
    assert "did you mean 'fileName'?" in said.err
    assert "no column is fileName" in said.err
    assert not ImportJob.objects.exists()


def test_standard_input_needs_a_place_for_the_state(
    import_images: Callable[..., Said], table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pipe(text: str) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Once(text.encode())))

    pipe(f"{HEAD}\n{row(1)}\n")
    said = import_images("-")
    assert (said.code, "--state FILE" in said.err) == (2, True)
    for _ in range(2):
        pipe(f"{HEAD}\n{row(1)}\nx\n")
        failures = tmp_path / "failures.csv"
        assert import_images("-", "--state", tmp_path / "s", "--no-wait", "--failures", failures).code == 3
    assert items() == [("cat-1", 0)]
    assert read(failures)[0]["import_line"] == "x"


class Once(io.BytesIO):
    """A stream that cannot be read again, like a pipe."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_: Any) -> int:
        raise io.UnsupportedOperation


def test_a_used_up_quota_stops_the_import_which_goes_on_later(import_images: Callable[..., Said], table: Table) -> None:
    Project.objects.filter(handle="times").update(daily_limits={"images": 2})
    path = table(HEAD, row(1), row(2), row(3))
    said = import_images(path, "--batch-size", 2, "--no-wait")
    assert (said.code, "There is room again in" in said.err) == (1, True)
    Project.objects.filter(handle="times").update(daily_limits={"images": 3})
    assert import_images(path, "--batch-size", 2, "--no-wait").code == 0
    assert sorted(items()) == [("cat-1", 0), ("cat-2", 1), ("cat-3", 0)]


@pytest.mark.parametrize(("option", "value"), [("--webhook", "nowhere"), ("--system-name", " ")])
def test_what_the_api_would_refuse_of_every_batch_is_a_wrong_usage(
    option: str, value: str, times: Caller, run: Run, table: Table
) -> None:
    given = {"--project": "times", "--system-name": "archive"} | {option: value}
    said = run("import_images", table(HEAD, row(1)), *(part for pair in given.items() for part in pair))
    assert (said.code, said.err.startswith(f"{option}: must match")) == (2, True)
    assert not ImportJob.objects.exists()


@pytest.mark.parametrize("kind", ["videos", "files"])
def test_other_media_are_imported_alike(kind: str, times: Caller, run: Run, table: Table) -> None:
    said = run(f"import_{kind}", table(HEAD, row(1)), "--project", "times", "--system-name", "archive", "--no-wait")
    assert said.code == 0
    assert ImportJob.objects.get().kind == kind


def test_documents_are_imported(times: Caller, run: Run, table: Table, run_workers: Callable[[], None]) -> None:
    path = table("id,title,contentType,checksum,flags.autoPublish", "a-1,A cat,article,1,maybe", "a-2,A dog,article,1,")
    options = ("--project", "times", "--system-name", "archive", "--json")
    report = run("import_documents", path, *options, "--no-wait").report
    assert (report["refused"], report["posted"]) == (1, 1)
    run_workers()
    assert run("import_documents", path, *options).report["success"] == 1


def test_media_entries_are_written_at_once(times: Caller, run: Run, table: Table) -> None:
    head = "externalId,mediaType,asset.key,asset.url,asset.size,asset.filename,asset.mimeType,asset.width,asset.height"
    good = "e-1,image,a/b.jpg,https://files.example.org/a/b.jpg,100,b.jpg,image/jpeg,10,20"
    path = table(head, good, good.replace("image,a", "painting,a").replace("e-1", "e-2"))
    options = ("--project", "times", "--system-name", "archive", "--json")
    failures = path.with_name("failures.csv")
    checked = run("import_media_entries", path, *options, "--check")
    assert [each["row"] for each in checked.refused] == [3]
    for _ in range(2):
        said = run("import_media_entries", path, *options, "--failures", failures)
        assert (said.code, said.report["success"], said.report["refused"]) == (3, 1, 1)
    assert MediaEntry.objects.get().external_id == "e-1"
    assert "Unknown mediaType" in read(failures)[0]["import_error"]


def test_the_examples_in_the_help_import_a_file(
    times: Caller, table: Table, tmp_path: Path, run_workers: Callable[[], None]
) -> None:
    plain, named = table("url,id,fileName", "ftp://a,1,A"), table("url,id,Title", "ftp://a,1,A", name="named.csv")
    rows = {"archive.csv": str(plain), "archive.xlsx": str(named), "failures.csv": str(tmp_path / "failures.csv")}
    assert [ran.code for ran in run_examples("import_images", rows)] == [3, 3]
    assert [ran.code for ran in run_examples("import_videos", rows | {"archive.csv": str(copy(plain, "v.csv"))})] == [
        3,
        3,
    ]
    assert [ran.code for ran in run_examples("import_files", rows | {"archive.csv": str(copy(plain, "f.csv"))})] == [
        3,
        3,
    ]
    document = table('{"id": "1"}', name="articles.ndjson")
    documents = {"articles.ndjson": str(document), "failures.ndjson": str(tmp_path / "failures.ndjson")}
    documents["articles.csv"] = str(table("id,title,checksum", "1,A,1", name="articles.csv"))
    assert [ran.code for ran in run_examples("import_documents", documents)] == [3, 0]
    entries = {"entries.ndjson": str(copy(document, "e.ndjson")), "failures.ndjson": str(tmp_path / "failures.ndjson")}
    entries["entries.csv"] = str(table("externalId,mediaType,asset.key", "e-1,image,a/b.jpg", name="entries.csv"))
    assert [ran.code for ran in run_examples("import_media_entries", entries)] == [3, 3]


def copy(path: Path, name: str) -> Path:
    """The same rows under another name, with a state of its own."""
    return Path(shutil.copy(path, path.with_name(name)))
