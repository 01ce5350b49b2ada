"""Deleting a project: never by halves, in steps that may be interrupted, and only after its handle was typed again."""

import io
import sys
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import ProtectedError
from django.utils import timezone

from documents.models import Document, DocumentReference, ImportLog, Revision
from imports import project_deletion
from imports.models import ImportItem, ImportJob
from livingdocs_import.models import AccessToken, IdempotentAnswer, Project, ProjectConfigRevision, WebhookDelivery
from media_library import storage_cleanup
from media_library.models import Discard, EntryChange, MediaEntry, MediaReference
from tests import images
from tests.api_client import Caller, document_item, image_item
from tests.newsroom import PUBLISH, image
from tests.operators import operator
from tests.origin import Origin, Reply

Run = Callable[[], None]
OF_A_PROJECT = (
    ImportJob, ImportItem, Document, Revision, ImportLog, DocumentReference, MediaEntry, EntryChange, MediaReference,
    AccessToken, IdempotentAnswer, ProjectConfigRevision, WebhookDelivery,
)  # fmt: skip


def said(*command: str, **options: Any) -> str:
    out = StringIO()
    call_command(*command, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def rows() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in OF_A_PROJECT}


def stored_files(folder: Path) -> list[Path]:
    return [path for path in (folder / "assets").rglob("*") if path.is_file()]


@pytest.fixture
def busy(times: Caller, herald: Caller, origin: Origin, run_workers: Run) -> Project:
    """A project with something of everything, and beside it another with the same."""
    url = origin.reply("/a", Reply(images.png(images.picture(1, 1))))
    for caller in (times, herald):
        item = image_item(url, metadata={"documentLink": {"$ref": "document", "reference": {"id": "1"}}})
        caller.import_images(item, webhook=origin.url("/hook"))
        caller.import_documents(document_item(content=[image()], flags=PUBLISH))
        entry = {
            "id": f"cat-{caller.project.handle}", "mediaType": "image", "metadata": {},
            "asset": {"key": f"{caller.project.handle}/1.jpg", "url": "https://cdn.example.org/1.jpg", "size": 5,
                      "width": 1, "height": 1, "filename": "1.jpg", "mimeType": "image/jpeg"},
        }  # fmt: skip
        body = {"mediaLibraryEntries": [entry]}
        assert caller.post("import/mediaLibrary", body, idempotency_key="once").json()["mediaLibraryEntries"][0]["ok"]
    run_workers()
    for caller in (times, herald):
        caller.import_images(image_item(url), image_item(url))  # open
    return times.project


@pytest.mark.parametrize("kind", ["images", "documents"])
def test_a_project_in_use_cannot_be_deleted_in_passing(times: Caller, kind: str) -> None:
    times.post(f"import/{kind}", {"systemName": "s", kind: []})
    with pytest.raises(ProtectedError):
        times.project.delete()
    assert Project.objects.get().config_revisions.exists()


def test_all_of_it_goes_and_nothing_of_others(busy: Project, tmp_path: Path, origin: Origin) -> None:
    before = rows()
    assert min(before.values()) >= 2, before
    reported = said("delete_project", "times", confirm="times")
    assert 'Project "times" has 3 import jobs (1 open), 1 documents and 2 media entries.' in reported
    assert "open jobs cancelled: 1\n" in reported
    assert list(Project.objects.values_list("handle", flat=True)) == ["herald"]
    assert rows() == {name: number / 2 for name, number in before.items()}

    # Its stored files go with the sweep, those of others stay, and so do the ones that clients brought themselves.
    assert len(stored_files(tmp_path)) == 2
    assert not any(discard.stem.startswith("times/") for discard in Discard.objects.all())
    Discard.objects.update(due_at=timezone.now() - timedelta(hours=1))
    storage_cleanup.sweep()
    (kept,) = stored_files(tmp_path)
    assert MediaEntry.objects.filter(asset_key=kept.relative_to(tmp_path / "assets").as_posix()).exists()


def test_an_interrupted_deletion_is_gone_on_with(busy: Project) -> None:
    before = rows()
    for stop_at in ("open jobs", "import items", "documents", "media entries", "webhook"):

        def say(line: str, stop_at: str = stop_at) -> None:
            if line.startswith(stop_at):
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            project_deletion.delete_project(busy, by="test", say=say)
        assert Project.objects.filter(pk=busy.pk).exists()
        assert not AccessToken.objects.filter(project=busy, suspended_at=None).exists(), "the door is shut first"
    said("delete_project", "times", confirm="times")
    assert rows() == {name: number / 2 for name, number in before.items()}


def test_what_is_begun_meanwhile_is_not_lost_by_halves(busy: Project) -> None:
    def say(line: str) -> None:
        if line.startswith("webhook"):
            ImportJob.objects.create(project=busy, kind="images", system_name="s")

    with pytest.raises(project_deletion.StillInUse, match="something new was begun"):
        project_deletion.delete_project(busy, by="test", say=say)
    assert ProjectConfigRevision.objects.filter(project=busy).exists()
    said("delete_project", "times", confirm="times")
    assert not Project.objects.filter(pk=busy.pk).exists()


def test_small_batches_are_enough(busy: Project, origin: Origin) -> None:
    caller = Caller(busy)
    caller.import_documents(*[document_item() for _ in range(project_deletion.BATCH + 1)])
    assert f"import items deleted: {project_deletion.BATCH + 5}" in said("delete_project", "times", confirm="times")


@pytest.mark.parametrize("typed", ["", "herald", "Times", None])
def test_nothing_goes_without_the_handle(busy: Project, monkeypatch: pytest.MonkeyPatch, typed: str | None) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    before = rows()
    with pytest.raises(CommandError, match="nothing was deleted"):
        said("delete_project", "times", confirm=typed)
    assert rows() == before


def test_the_handle_can_be_typed(times: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("times\n"))
    assert "project deleted" in said("delete_project", "times")
    with pytest.raises(CommandError, match='There is no project "times"'):
        said("delete_project", "times", confirm="times")


def test_the_admin_names_the_command(busy: Project) -> None:
    client, page = operator(), f"/admin/livingdocs_import/project/{busy.pk}/"
    assert "manage.py delete_project times" in client.get(f"{page}change/").content.decode()
    assert client.post(f"{page}delete/", {"post": "yes"}).status_code == 403
    assert Project.objects.filter(pk=busy.pk).exists()
