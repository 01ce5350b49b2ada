"""An interrupted import goes on where it stopped: each row becomes one item of one job, whenever it was killed."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from imports.bulk.state_file import StateFile
from imports.models import ImportItem, ImportJob
from livingdocs_import.models import IdempotentAnswer, Project, ProjectConfigRevision
from media_library.models import MediaEntry
from tests.api_client import Caller
from tests.imports.bulk.conftest import Run, Said

Table = Callable[..., Path]
HEAD = "url,id,fileName"
ROWS = 11
IDS = [f"cat-{number:02}" for number in range(ROWS)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "archive.csv"
    path.write_text("\n".join([HEAD, *(f"https://pictures.example.org/{each}.jpg,{each},A cat" for each in IDS)]))
    return path


@pytest.fixture
def go_on(times: Caller, run: Run, path: Path) -> Callable[..., Said]:
    def go_on(*arguments: object) -> Said:
        options = {"--batch-size": 2, "--project": "times", "--system-name": "archive"}
        given = dict(zip(arguments[::2], arguments[1::2], strict=True))
        return run(
            "import_images", path, "--no-wait", "--json", *(part for pair in (options | given).items() for part in pair)
        )

    return go_on


def state_of(path: Path) -> Path:
    return path.with_name("archive.csv.state")


def ids() -> list[str]:
    return sorted(ImportItem.objects.values_list("external_id", flat=True))


def test_a_second_run_posts_nothing(go_on: Callable[..., Said], path: Path) -> None:
    assert go_on().code == 0
    state = state_of(path).read_bytes()
    assert go_on().report["posted"] == ROWS
    assert (ids(), state_of(path).read_bytes()) == (IDS, state)


def test_after_each_moment_at_which_it_can_be_killed_no_row_is_lost_or_doubled(
    go_on: Callable[..., Said], path: Path
) -> None:
    """The state file then ends anywhere: in the middle of a line, or after a POST that it does not know of yet."""
    assert go_on().code == 0
    whole = state_of(path).read_bytes()
    for end in sorted({*range(0, len(whole), 97), len(whole) - 1}):
        state_of(path).write_bytes(whole[: max(end, whole.index(b"\n") + 1)])
        assert go_on().code == 0
        assert ids() == IDS


def test_a_batch_that_was_noted_and_never_posted_is_posted(go_on: Callable[..., Said], path: Path) -> None:
    assert go_on().code == 0
    lines = state_of(path).read_bytes().splitlines(keepends=True)
    ImportItem.objects.filter(external_id__in=IDS[2:]).delete()
    IdempotentAnswer.objects.exclude(pk=IdempotentAnswer.objects.earliest("pk").pk).delete()
    state_of(path).write_bytes(b"".join(lines[:4]))
    assert json.loads(lines[3])["batch"] == 2
    assert go_on().code == 0
    assert ids() == IDS


def test_rows_whose_job_is_unknown_are_no_success_and_are_written_down(
    go_on: Callable[..., Said], path: Path, tmp_path: Path
) -> None:
    assert go_on().code == 0
    IdempotentAnswer.objects.update(digest="of a body that an earlier version made")
    lines = state_of(path).read_bytes().splitlines(keepends=True)
    state_of(path).write_bytes(b"".join(lines[:-1]))
    failures = tmp_path / "failures.csv"
    for said in (go_on("--failures", failures), go_on("--failures", failures)):
        assert (said.code, said.report["posted"], said.report["unknown"]) == (3, ROWS - 1, 1)
        assert [line.split(",")[1] for line in failures.read_text().splitlines()] == ["id", "cat-10"]
    assert ids() == IDS


def test_rows_of_a_job_that_is_gone_are_no_success_and_are_written_down(times: Caller, run: Run, path: Path) -> None:
    given = ("import_images", path, "--project", "times", "--system-name", "archive", "--json")
    run(*given, "--no-wait")
    ImportJob.objects.get().delete()
    said = run(*given, "--failures", path.with_name("failures.csv"))
    assert (said.code, said.report["unknown"], said.report["toImportAgain"]) == (3, ROWS, ROWS)
    assert "was removed" in path.with_name("failures.csv").read_text().splitlines()[1]


@pytest.mark.parametrize(
    ("option", "value", "named"),
    [
        ("--system-name", "other", "--system-name"),
        ("--batch-size", 3, "--batch-size"),
        ("--map", "id=metadata.number", "the mapping of its columns"),
        ("--encoding", "cp1252", "--format, --encoding, --delimiter or --sheet"),
    ],
)
def test_another_import_does_not_go_on_with_this_state(
    option: str, value: object, named: str, go_on: Callable[..., Said]
) -> None:
    assert go_on().code == 0
    said = go_on(option, value) if option != "--map" else go_on("--map", "url=url")
    assert (said.code, f"differs in: {named}." in said.err) == (1, True)
    assert ids() == IDS


def test_a_changed_input_is_refused(go_on: Callable[..., Said], path: Path) -> None:
    assert go_on().code == 0
    path.write_text(path.read_text().replace("A cat", "A dog"))
    said = go_on()
    assert (said.code, "differs in: the input." in said.err) == (1, True)
    assert ids() == IDS


def test_a_key_that_the_service_has_forgotten_is_not_used_again(go_on: Callable[..., Said], path: Path) -> None:
    assert go_on().code == 0
    lines = state_of(path).read_text().splitlines()[:-1]
    old = json.loads(lines[-1]) | {"at": "2020-01-01T00:00:00+00:00"}
    state_of(path).write_text("\n".join([*lines[:-1], json.dumps(old, separators=(",", ":"))]) + "\n")
    said = go_on()
    assert (said.code, "the service may have forgotten their key" in said.err) == (1, True)
    assert ids() == IDS


def test_two_commands_cannot_carry_out_one_import(go_on: Callable[..., Said], path: Path) -> None:
    with StateFile(state_of(path)):
        said = go_on()
    assert (said.code, "another command is carrying out this import" in said.err) == (1, True)


@pytest.mark.parametrize("text", ["my notes", "my notes\nof today\n", "{}\n"])
def test_a_file_that_is_no_state_is_left_alone(text: str, go_on: Callable[..., Said], path: Path) -> None:
    state_of(path).write_text(text)
    assert go_on().code == 1
    assert state_of(path).read_text() == text


class Rewriting(io.StringIO):
    """Rewrites a file when a row is refused: all of the file was read by then, and nothing posted."""

    def __init__(self, path: Path, text: str) -> None:
        super().__init__()
        self._path, self._text = path, text

    def write(self, text: str) -> int:
        if "found" in text:
            self._path.write_text(self._text)
        return super().write(text)


def test_failures_are_not_written_from_an_input_that_was_changed_meanwhile(times: Caller, path: Path) -> None:
    path.write_text(path.read_text() + "\nftp://example.org/x,refused,A cat")
    failures, err = path.with_name("failures.csv"), Rewriting(path, path.read_text().replace("A cat", "A dog"))
    given = ("--project", "times", "--system-name", "archive", "--no-wait", "--failures", str(failures))
    with pytest.raises(CommandError, match="rows 2 to 13 are not those that were posted: the input"):
        call_command("import_images", str(path), *given, stdout=io.StringIO(), stderr=err)
    assert (ids(), failures.exists()) == (IDS, False)


def test_a_shorter_input_is_a_changed_one(go_on: Callable[..., Said], times: Caller, path: Path) -> None:
    path.write_text(path.read_text() + "\nftp://example.org/x,refused,A cat")
    given = ("--project", "times", "--system-name", "archive", "--no-wait", "--batch-size", "6")
    err = Rewriting(path, "\n".join([*path.read_text().splitlines()[:7]]))
    with pytest.raises(CommandError, match="rows that were posted are not in the input any more"):
        call_command(
            "import_images",
            str(path),
            *given,
            "--failures",
            str(path.with_name("f.csv")),
            stdout=io.StringIO(),
            stderr=err,
        )


def test_of_ready_made_entries_it_says_what_a_second_import_would_do(times: Caller, run: Run, table: Table) -> None:
    path = entries_without_ids(table)
    given = ("import_media_entries", path, "--project", "times", "--system-name", "archive")
    assert run(*given).code == 0
    lines = state_of(path).read_text().splitlines()[:2]
    old = json.loads(lines[1]) | {"at": "2020-01-01T00:00:00+00:00"}
    state_of(path).write_text(f"{lines[0]}\n{json.dumps(old)}\n")
    said = run(*given)
    assert (said.code, "those without an external id are there twice" in said.err.replace("\n", " ")) == (1, True)
    state_of(path).unlink()
    assert (run(*given).code, MediaEntry.objects.count()) == (0, 2)


def entries_without_ids(table: Table) -> Path:
    asset = "a/b.pdf,https://files.example.org/b.pdf,1,b.pdf,application/pdf"
    return table("mediaType,asset.key,asset.url,asset.size,asset.filename,asset.mimeType", f"file,{asset}")


def test_a_file_that_cannot_be_written_is_an_error_that_says_how_to_go_on(
    go_on: Callable[..., Said], path: Path, tmp_path: Path
) -> None:
    (tmp_path / "failures.csv").mkdir()
    said = go_on("--failures", tmp_path / "failures.csv")
    assert (said.code, "Is a directory" in said.err, "run the same command again" in said.err) == (1, True, True)
    (tmp_path / "failures.csv").rmdir()
    assert go_on("--failures", tmp_path / "failures.csv").code == 0
    assert ids() == IDS


def test_a_configuration_that_cannot_be_read_is_an_error_that_says_how_to_go_on(
    times: Caller, run: Run, table: Table
) -> None:
    Project.objects.update(config_revision=9)
    ProjectConfigRevision.objects.create(project=Project.objects.get(handle="times"), revision=9, config={"v": "two"})
    said = run("import_media_entries", entries_without_ids(table), "--project", "times", "--system-name", "archive")
    assert (said.code, "run the same command again" in said.err) == (1, True)
