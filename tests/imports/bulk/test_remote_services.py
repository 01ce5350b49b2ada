"""A file is imported over the API of another installation, on the client library."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from imports.models import ImportItem, ImportJob
from livingdocs_import.models import IdempotentAnswer
from livingdocs_import_client import Kind
from livingdocs_import_client.batches import route
from livingdocs_import_client.service import API_VERSION
from media_library.models import MediaEntry
from tests import images
from tests.api_client import Caller
from tests.imports.bulk.conftest import Run, Said
from tests.origin import Origin, Reply

Table = Callable[..., Path]
HEAD = "url,id,fileName,metadata.caption"


@pytest.fixture
def remote(
    live_server: Any, transactional_db: None, times: Caller, run: Run, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Said]:
    monkeypatch.setenv("LIVINGDOCS_IMPORT_TOKEN", times.token)

    def remote(command: str, path: Path, *arguments: object) -> Said:
        return run(command, path, "--api", live_server.url, "--system-name", "archive", "--json", *arguments)

    return remote


def test_rows_are_posted_followed_and_reported_over_the_api(
    remote: Callable[..., Said], table: Table, origin: Origin, run_workers: Callable[[], None], tmp_path: Path
) -> None:
    good = origin.reply("/cat.png", Reply(images.png(images.picture())))
    path = table(HEAD, *(f"{good},{n},Cat {n},A" for n in range(3)), f"{origin.url('/gone')},3,Gone,B", "x")
    posted = remote("import_images", path, "--batch-size", 2, "--no-wait").report
    assert (posted["posted"], posted["refused"], len(posted["jobs"])) == (4, 1, 2)
    run_workers()
    failures = tmp_path / "failures.csv"
    ended = remote("import_images", path, "--batch-size", 2, "--failures", failures)
    assert (ended.code, ended.report["success"], ended.report["failed"]) == (3, 3, 1)
    assert "carried out: 4 of 4 (100 %), 1 failed" in ended.err
    assert [line.split(",")[1] for line in failures.read_text().splitlines()] == ["id", "3", ""]
    assert ImportJob.objects.count() == 2
    compared = remote("import_images", path, "--reconcile", "--batch-size", 2)
    found = [json.loads(line)["difference"] for line in compared.out.splitlines()[:-1]]
    assert [each["id"] for each in found if each] == ["3"]
    assert "the API has no list of all entries" in compared.err
    assert "not compared: fileName (the API does not give it)" in compared.err


def test_a_remote_import_goes_on_where_it_was_interrupted(remote: Callable[..., Said], table: Table) -> None:
    path = table(HEAD, *(f"https://pictures.example.org/{n},{n},Cat {n},A" for n in range(5)))
    state = path.with_name("archive.csv.state")
    assert remote("import_images", path, "--batch-size", 2, "--no-wait").code == 0
    whole = state.read_bytes()
    for end in range(whole.index(b"\n") + 1, len(whole), 211):
        state.write_bytes(whole[:end])
        assert remote("import_images", path, "--batch-size", 2, "--no-wait").code == 0
        assert sorted(ImportItem.objects.values_list("external_id", flat=True)) == ["0", "1", "2", "3", "4"]


def test_rows_of_a_job_that_the_service_has_lost_are_unknown_and_the_others_are_followed(
    remote: Callable[..., Said], table: Table, run_workers: Callable[[], None], origin: Origin, tmp_path: Path
) -> None:
    good = origin.reply("/cat.png", Reply(images.png(images.picture())))
    path, failures = table(HEAD, *(f"{good},{n},Cat {n},A" for n in range(3))), tmp_path / "failures.csv"
    lost, _ = remote("import_images", path, "--batch-size", 2, "--no-wait").report["jobs"]
    run_workers()
    ImportJob.objects.get(public_id=lost).delete()
    ended = remote("import_images", path, "--batch-size", 2, "--failures", failures)
    assert (ended.code, ended.report["unknown"], ended.report["success"]) == (3, 2, 1)
    assert [line.split(",")[1] for line in failures.read_text().splitlines()] == ["id", "0", "1"]
    assert "what became of it is not known: " in failures.read_text()


def test_a_remote_key_is_trusted_for_less_than_a_day(remote: Callable[..., Said], table: Table) -> None:
    path = table(HEAD, "https://pictures.example.org/1,1,Cat,A")
    assert remote("import_images", path, "--no-wait").code == 0
    state = path.with_name("archive.csv.state")
    lines = state.read_text().splitlines()[:2]
    for hours, code in ((24, 1), (22, 0)):
        at = datetime.now(UTC) - timedelta(hours=hours)
        state.write_text(f"{lines[0]}\n{json.dumps(json.loads(lines[1]) | {'at': at.isoformat()})}\n")
        assert remote("import_images", path, "--no-wait").code == code
    assert ImportJob.objects.count() == 1


def test_a_conflict_over_its_own_key_is_an_unknown_outcome(remote: Callable[..., Said], table: Table) -> None:
    path = table(HEAD, "https://pictures.example.org/1,1,Cat,A")
    assert remote("import_images", path, "--no-wait").code == 0
    state = path.with_name("archive.csv.state")
    noted = "\n".join(state.read_text().splitlines()[:2]) + "\n"
    IdempotentAnswer.objects.update(digest="of another body")
    state.write_text(noted)
    unknown = remote("import_images", path, "--no-wait")
    assert (unknown.code, unknown.report["unknown"]) == (3, 1)


def test_a_conflict_over_something_else_is_an_error(remote: Callable[..., Said], table: Table, origin: Origin) -> None:
    path = table(HEAD, "https://pictures.example.org/1,1,Cat,A")
    origin.reply(
        f"/api/{API_VERSION}/{route(Kind.IMAGES).path}", Reply(b'{"status": 409, "error": "Read only"}', status=409)
    )
    said = remote("import_images", path, "--no-wait", "--api", origin.url(""))
    assert (said.code, said.err.splitlines()[-1][:3]) == (1, "409")


def test_ready_made_entries_and_their_dry_run_are_answered_at_once(remote: Callable[..., Said], table: Table) -> None:
    asset = "a/b.pdf,https://files.example.org/b.pdf,1,b.pdf,application/pdf"
    head = "externalId,mediaType,asset.key,asset.url,asset.size,asset.filename,asset.mimeType"
    path = table(head, f"e-1,file,{asset}", f"e-2,nothing,{asset}")
    assert remote("import_media_entries", path, "--dry-run").report["would"] == {"create": 1, "fail": 1}
    assert not MediaEntry.objects.exists()
    said = remote("import_media_entries", path)
    assert (said.code, said.report["success"], said.report["refused"]) == (3, 1, 1)
    assert MediaEntry.objects.get().external_id == "e-1"


def test_a_wrong_token_is_named_and_never_an_argument(
    remote: Callable[..., Said], table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = table(HEAD, "https://pictures.example.org/1,1,Cat,A")
    (tmp_path / "token").write_text("wrong\n")
    said = remote("import_images", path, "--token-file", tmp_path / "token")
    assert (said.code, said.err.splitlines()[-1][:16]) == (1, "401 Unauthorized")
    monkeypatch.delenv("LIVINGDOCS_IMPORT_TOKEN")
    said = remote("import_images", path)
    assert (said.code, "there is no token" in said.err) == (2, True)
