"""The command `livingdocs-import`, as a shell runs it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from running_service import Service
from tests import images
from tests.origin import Origin

CLIENT = Path(__file__).parents[1]
WELL, FAILED, USAGE, SOME_FAILED = 0, 1, 2, 3


class Shell:
    """A shell in which the service and the token are set."""

    def __init__(self, **environment: str) -> None:
        theirs = {name: value for name, value in os.environ.items() if not name.startswith("LIVINGDOCS_IMPORT_")}
        self.environment = {**theirs, "PYTHONPATH": str(CLIENT / "src"), **environment}

    def __call__(self, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "livingdocs_import_client", *arguments]
        return subprocess.run(
            command, env=self.environment, input=given, capture_output=True, text=True, check=False, timeout=110
        )


@pytest.fixture
def shell(service: Service) -> Shell:
    return Shell(**service.environment)


def test_a_file_is_posted_waited_for_and_what_has_failed_is_shown(shell: Shell, rows: Path) -> None:
    done = shell("post", "images", str(rows), "--system-name", "shell", "--wait")
    assert done.returncode == SOME_FAILED, done.stderr
    job, failed = done.stdout.splitlines()
    assert job.endswith(": 3 images from item 0 on")
    assert failed.split("\t")[1] == "failed"
    assert "HTTP 404" in failed
    assert done.stderr.splitlines()[-1] == "3 done, 1 failed"


def test_with_the_key_that_it_prints_the_same_command_goes_on(shell: Shell, rows: Path) -> None:
    first = shell("post", "images", str(rows), "--system-name", "shell", "--json", "--max-items", "2")
    assert first.returncode == WELL, first.stderr
    key = first.stderr.split()[1].rstrip(":")
    again = shell(
        "post", "images", "-", "--system-name", "shell", "--json", "--max-items", "2", "--key", key,
        given=rows.read_text(),
    )  # fmt: skip
    assert again.stdout == first.stdout
    assert [json.loads(line)["offset"] for line in first.stdout.splitlines()] == [0, 2]


def test_jobs_are_waited_for_and_shown(shell: Shell, rows: Path) -> None:
    posted = shell("post", "images", str(rows), "--system-name", "shell", "--json")
    job = json.loads(posted.stdout)["job"]
    waited = shell("wait", "images", job, "--json")
    assert waited.returncode == SOME_FAILED, waited.stderr
    assert json.loads(waited.stdout) == {"total": 3, "done": 3, "success": 2, "skipped": 0, "failed": 1}
    shown = shell("show", "images", job, "--all", "--json")
    assert shown.returncode == SOME_FAILED, shown.stderr
    assert [json.loads(line)["state"] for line in shown.stdout.splitlines()] == ["imported", "imported", "failed"]
    media_id = json.loads(shown.stdout.splitlines()[0])["image"]["mediaId"]
    entry = shell("show", "entry", media_id)
    assert entry.returncode == WELL, entry.stderr
    assert json.loads(entry.stdout)["id"] == media_id


def test_a_folder_is_posted(shell: Shell, origin: Origin, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(images.jpeg())
    url = origin.serve_folder(f"/{tmp_path.parent.name}-{tmp_path.name}", tmp_path)
    done = shell(
        "post", "images", "--folder", str(tmp_path), "--base-url", url, "--system-name", str(tmp_path), "--wait"
    )
    assert done.returncode == WELL, done.stderr


def test_items_that_are_refused_are_reported_and_the_others_posted(shell: Shell, rows: Path) -> None:
    rows.write_text(f'{{"url": "nonsense"}}\n\n{rows.read_text()}')
    done = shell("post", "images", str(rows), "--system-name", "shell")
    assert done.returncode == SOME_FAILED
    refused, job = done.stdout.splitlines()
    assert refused.startswith("item 0: refused: ")
    assert "url: " in refused
    assert job.endswith(": 3 images from item 1 on")


def test_what_cannot_be_done_is_one_line(shell: Shell, rows: Path) -> None:
    rows.write_text('{"id": 1}\n[]\n')
    for arguments, message in [
        (("post", "images", str(rows), "--system-name", "s"), "line 2: an item is an object"),
        (("post", "images", "nowhere.ndjson", "--system-name", "s"), "No such file"),
        (("wait", "images", "0000000000"), "no import job found"),
        (("show", "entry", "unknown"), "404 Not Found"),
        (("--api", "http://127.0.0.1:9", "show", "entry", "x", "--retries", "1"), "unrecognized"),
    ]:
        done = shell(*arguments)
        assert done.returncode in (FAILED, USAGE)
        assert message in done.stderr.splitlines()[-1]
        assert "Traceback" not in done.stderr


def test_a_token_comes_from_a_file_or_the_environment_and_never_from_an_argument(
    service: Service, tmp_path: Path
) -> None:
    shell = Shell()
    assert "there is no token" in shell("--api", service.url, "show", "entry", "x").stderr
    assert "which service?" in shell("show", "entry", "x").stderr
    (tmp_path / "token").write_text(f"{service.token}\n")
    done = shell("--api", service.url, "--token-file", str(tmp_path / "token"), "show", "entry", "x")
    assert "404 Not Found" in done.stderr
    assert "--token " not in shell("--help").stdout


@pytest.mark.parametrize("arguments", [(), ("post",), ("wait",), ("show",)])
def test_it_explains_itself_without_a_service(arguments: tuple[str, ...]) -> None:
    done = Shell()(*arguments, "--help")
    assert done.returncode == WELL
    assert "usage: livingdocs-import" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("post", "images", "--system-name", "s"), "give a file"),
        (("post", "images", "--folder", ".", "--system-name", "s"), "--folder needs --base-url"),
        (("post", "pictures", "x", "--system-name", "s"), "invalid"),
        (("--api", "nonsense", "show", "entry", "x"), "no address of a service"),
    ],
)
def test_a_mistake_in_the_command_is_reported_before_any_request(arguments: tuple[str, ...], message: str) -> None:
    done = Shell(LIVINGDOCS_IMPORT_API="http://127.0.0.1:9", LIVINGDOCS_IMPORT_TOKEN="t")(*arguments)
    assert done.returncode == USAGE
    assert message in done.stderr
