"""A project whose newest configuration cannot be read: readers are answered with an older one, work is not begun."""

from collections.abc import Callable

import pytest

from documents.models import Document
from imports.models import ImportJob
from livingdocs_import.models import ProjectConfigRevision
from livingdocs_import.project_config import store
from tests import images
from tests.api_client import CONFIG, Caller, image_item, store_unreadable_config
from tests.newsroom import PUBLISH, Newsroom
from tests.origin import Origin, Reply

Run = Callable[[], None]
UNAVAILABLE = {"status": 503, "error": "Service Unavailable"}


@pytest.mark.parametrize("kind", ["images", "documents"])
def test_a_job_that_failed_for_an_unusable_configuration_says_so_at_once(
    times: Caller, run_workers: Run, kind: str
) -> None:
    """JOB-07"""
    times.project.config_revisions.all().delete()
    store_unreadable_config(times.project)
    item = {"id": "a", "checksum": "1", "title": "t", "contentType": "article"} if kind == "documents" else None
    answer = times.post(f"import/{kind}", {"systemName": "s", kind: [item or image_item("https://pictures.example/a")]})
    job = answer.json()["id"]
    run_workers()
    failed = {"finished": True, "state": "failed", "id": job}
    assert times.status(job, kind) == failed
    assert times.status(job, kind, extra="&expand=items") == failed, "a failed job has no list"
    assert times.status(job, kind, extra="&expand=items,progress")["progress"]["failed"] == 1
    assert "plugin-that-was-taken-away" in ImportJob.objects.get().note


def test_a_running_job_says_so_without_any_configuration(times: Caller) -> None:
    """JOB-04"""
    job = times.import_images(image_item("https://pictures.example/a"))
    times.project.config_revisions.all().delete()
    store_unreadable_config(times.project)
    assert times.status(job, extra="&expand=progress")["state"] == "started"


def test_readers_are_answered_with_the_newest_revision_that_can_be_read(
    times: Caller, origin: Origin, run_workers: Run
) -> None:
    url = origin.reply("/a", Reply(images.png(images.picture(1, 1))))
    job = times.import_images(image_item(url))
    run_workers()
    imgix = {"name": "imgix", "host": "https://newest.imgix.net"}
    store.store(times.project, CONFIG | {"settings": {"mediaLibrary": {"imageService": imgix}}}, by="test")
    store_unreadable_config(times.project)
    store_unreadable_config(times.project)
    row = times.status(job)["images"][0]
    assert row["image"]["url"].startswith("https://newest.imgix.net/")
    media_id = row["image"]["mediaId"]
    assert times.get(f"mediaLibrary/{media_id}").status_code == 200
    assert times.get(f"mediaLibrary?ids={media_id}").json()["mediaLibraryEntries"][0]["id"] == media_id


def test_documents_are_read_with_an_older_revision_too(newsroom: Newsroom, times: Caller) -> None:
    newsroom.fine(flags=PUBLISH)
    store_unreadable_config(times.project)
    newsroom.publication(Document.objects.get().pk)
    assert len(times.get("documents/latestPublications").json()) == 1


def test_nothing_is_written_with_an_older_revision(times: Caller, run_workers: Run) -> None:
    store_unreadable_config(times.project)
    entry = {"id": "a", "mediaType": "image", "asset": {"key": "a.png", "url": "https://cdn.example/a.png"}}
    assert times.post("import/mediaLibrary", {"mediaLibraryEntries": [entry]}).json() == UNAVAILABLE
    job = times.import_images(image_item("https://pictures.example/a"))
    run_workers()
    assert times.status(job)["state"] == "failed"


def test_a_project_of_which_no_revision_can_be_read_is_a_503_for_readers(times: Caller) -> None:
    times.project.config_revisions.all().delete()
    store_unreadable_config(times.project)
    answer = times.get("mediaLibrary?ids=a")
    assert (answer.status_code, answer.json()) == (503, UNAVAILABLE)


def test_an_unreadable_revision_is_not_read_again_for_each_question(times: Caller) -> None:
    store_unreadable_config(times.project)
    store.readable(times.project)
    ProjectConfigRevision.objects.all().delete()  # what is asked of it from now on would fail
    assert store.readable(times.project).media_type("image") is not None
    with store.compiled.fresh(), pytest.raises(ProjectConfigRevision.DoesNotExist):
        store.readable(times.project)
