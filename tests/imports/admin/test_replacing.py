"""The file of an entry is replaced by an upload: checked as by an import, once, with a version, a note and an event."""

import errno
import hashlib
import io
import re
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.utils import timezone

from imports.admin.media_entries import ReplaceableMediaEntryAdmin
from imports.admin.uploads import BoundedUpload
from livingdocs_import.models import WebhookDelivery
from livingdocs_import.project_config import store
from media_library import storage_cleanup
from media_library.models import Discard, EntryChange, FormerAsset, MediaEntry
from media_library.storage import assets, is_generated_key
from tests import images
from tests.api_client import Caller
from tests.media_library.faulty_s3 import faulty_s3
from tests.media_library.stored_entries import claimed, fetch, imported, url_of
from tests.newsroom import PICTURE, PUBLISH, Newsroom, image
from tests.operators import member, operator
from tests.s3 import use_endpoint
from tests.videos import mp4

LIST = "/admin/media_library/mediaentry/"
OLD, NEW = images.jpeg(images.picture(64, 48)), images.png(images.picture(80, 60))


@pytest.fixture(params=["folder", "s3"])
def entry(times: Caller, request: pytest.FixtureRequest) -> MediaEntry:
    if request.param == "s3":
        request.getfixturevalue("s3")
    return imported(times.project, OLD, metadata={"title": "A bridge"}, source_url="https://a.example/1.jpg")


def send(entry: MediaEntry, content: bytes, client: Client | None = None, **fields: Any) -> Any:
    file = SimpleUploadedFile(fields.pop("name", "scan.png"), content, fields.pop("mime_type", "image/png"))
    given = {"version": entry.version, "note": "larger scan", "file": file} | fields
    answer = (client or operator()).post(f"{LIST}{entry.pk}/replace/", given, follow=True)
    entry.refresh_from_db()
    return answer


def problems(answer: Any) -> list[str]:
    return re.findall(r'<(?:span class="error"|p class="errornote"[^>]*)>([^<]*)<', answer.content.decode())


def stored() -> list[str]:
    return list(assets().below(""))


def test_the_new_file_is_served_and_the_former_one_stays_readable(entry: MediaEntry) -> None:
    before = entry.asset_key
    assert "has a new file" in send(entry, NEW).content.decode()
    assert fetch(url_of(entry)).getvalue() == NEW
    assert fetch(url_of(entry, before)).getvalue() == OLD
    assert entry.asset == {
        "key": entry.asset_key,
        "size": len(NEW),
        "width": 80,
        "height": 60,
        "filename": "scan.png",
        "mimeType": "image/png",
    }
    assert is_generated_key(entry.asset_key)
    assert entry.asset_sha256 == hashlib.sha256(NEW).hexdigest()
    assert (entry.source_url, entry.metadata, entry.title) == ("", {"title": "A bridge"}, "Truck in flood water")
    assert FormerAsset.objects.get().asset_key == before
    shown = operator().get(f"{LIST}{entry.pk}/change/").content.decode()
    assert f'<a href="{url_of(entry, before)}"><code>{before}</code></a>' in shown


def test_it_is_one_version_by_the_user_with_a_note(entry: MediaEntry) -> None:
    shown = send(entry, NEW).content.decode()
    change = EntryChange.objects.get()
    assert (entry.version, change.version, change.actor, change.actor_name) == (2, 2, "user", "operator-0")
    assert change.note == "larger scan"
    assert "File replaced by an upload" in shown
    assert "· “larger scan”" in shown


def test_housekeeping_keeps_the_new_and_the_former_file(entry: MediaEntry) -> None:
    send(entry, NEW)
    before = stored()
    Discard.objects.update(due_at=timezone.now())
    assert storage_cleanup.sweep() == 1
    assert stored() == before
    assert len(before) == 2


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"<html>no picture", "not an image: text/html"),
        (b"", "The submitted file is empty."),
        (NEW[:200], "cut short: the file ends between two PNG chunks"),
        (OLD, "it has this file already"),
    ],
)
def test_a_file_that_an_import_would_refuse_changes_nothing(times: Caller, content: bytes, problem: str) -> None:
    entry = imported(times.project, OLD)
    MediaEntry.objects.update(asset_sha256=hashlib.sha256(OLD).hexdigest())
    answer = send(entry, content)
    assert len(problems(answer)) == 1
    assert problem.lower() in problems(answer)[0].lower()
    assert (entry.version, len(stored())) == (1, 1)
    assert 'value="larger scan"' in answer.content.decode()


def test_more_bytes_than_the_project_allows_are_not_received(times: Caller, settings: Any) -> None:
    settings.IMAGE_MAX_BYTES = 100_000
    entry = imported(times.project, OLD)
    for length in (100_001, 120_000, 2_000_000):  # the last is refused by its announced length
        answer = send(entry, NEW + bytes(length - len(NEW)))
        assert answer.status_code == 413
        assert problems(answer) == ["larger than 97.7\N{NO-BREAK SPACE}KB"]
    assert (entry.version, len(stored())) == (1, 1)


def test_a_large_file_passes_through_little_memory(times: Caller, settings: Any) -> None:
    settings.FILE_MAX_BYTES = 40_000_000
    entry = imported(times.project, b"old", "text/plain", base_type="mediaFile", media_type="file")
    client = operator()
    body = io.BytesIO(multipart(b"%PDF-1.7\n" + bytes(30_000_000), entry.version))
    request = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": f"{LIST}{entry.pk}/replace/",
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
        "CONTENT_LENGTH": str(len(body.getbuffer())),
        "wsgi.input": body,
    }
    tracemalloc.start()
    try:
        answer = client.request(**request)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert answer.status_code == 302, problems(answer)
    assert most < 10_000_000
    entry.refresh_from_db()
    assert entry.asset["mimeType"] == "application/pdf"


def multipart(content: bytes, version: int) -> bytes:
    """A form as a browser sends it."""
    head = f'--x\r\nContent-Disposition: form-data; name="version"\r\n\r\n{version}\r\n--x\r\n'
    file = 'Content-Disposition: form-data; name="file"; filename="a.pdf"\r\nContent-Type: text/plain\r\n\r\n'
    return b"".join((head.encode(), file.encode(), content, b"\r\n--x--\r\n"))


def test_a_form_that_is_sent_twice_replaces_once(entry: MediaEntry) -> None:
    send(entry, NEW)
    answer = send(entry, images.png(images.picture(10, 10)), version=1)
    assert problems(answer) == ["It was changed meanwhile and has version 2 now."]
    assert (entry.version, entry.asset["width"]) == (2, 80)
    assert 'name="version" value="2"' in answer.content.decode()


@pytest.mark.parametrize("state", ["archived", "revoked"])
def test_what_is_archived_or_revoked_has_no_such_form(times: Caller, state: str) -> None:
    entry = imported(times.project, OLD, **{state: True})
    client = operator()
    assert "Replace file" not in client.get(f"{LIST}{entry.pk}/change/").content.decode()
    assert send(entry, NEW, client).status_code == 403
    assert entry.version == 1


def test_operators_of_the_project_replace_and_others_do_not(times: Caller, herald: Caller) -> None:
    entry = imported(times.project, OLD)
    assert send(entry, NEW, member(times="viewer")).status_code == 403
    assert send(entry, NEW, member(herald="operator")).status_code == 404
    assert entry.version == 1
    assert "Replace file" not in member(times="viewer").get(f"{LIST}{entry.pk}/change/").content.decode()
    assert send(entry, NEW, member(times="operator")).status_code == 200
    assert entry.version == 2


def test_a_form_from_another_site_is_refused(times: Caller) -> None:
    entry = imported(times.project, OLD)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = operator().cookies
    assert send(entry, NEW, strict).status_code == 403
    assert entry.version == 1


def test_a_file_stored_elsewhere_becomes_one_of_ours(times: Caller) -> None:
    entry = claimed(times.project, "their/key.jpg", title="Theirs")
    send(entry, NEW)
    assert "url" not in entry.asset
    assert fetch(url_of(entry)).getvalue() == NEW


def test_a_video_is_replaced_by_a_video_and_by_nothing_else(times: Caller) -> None:
    entry = imported(times.project, b"old", "video/mp4", base_type="mediaVideo", media_type="video")
    assert len(problems(send(entry, NEW))) == 1
    send(entry, mp4(), name="snow.mp4", mime_type="video/mp4")
    assert (entry.asset["mimeType"], entry.asset["key"][:7]) == ("video/mp4", "videos/")


def test_a_storage_that_is_away_leaves_the_entry_and_no_file_behind(
    times: Caller, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = imported(times.project, OLD)
    with faulty_s3() as server:
        use_endpoint(monkeypatch, server.endpoint)
        settings.ASSET_STORAGE = server.url
        server.faults["PUT"] = [500] * 20
        assert problems(send(entry, NEW)) == ["the file could not be stored"]
    assert (entry.version, Discard.objects.count()) == (1, 1)
    assert not list(Path(settings.DATA_DIR, "tmp").glob("fetch-*"))


class UploadToFullDisk(BoundedUpload):
    """The first piece finds no room."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        raise OSError(errno.ENOSPC, "No space left on device")


class AdminOnFullDisk(ReplaceableMediaEntryAdmin):
    upload_handler = UploadToFullDisk


def test_a_disk_that_fills_during_the_upload_is_named_in_the_form(times: Caller, rf: RequestFactory) -> None:
    """FLT-16"""
    entry = imported(times.project, OLD)
    request = rf.post(
        f"{LIST}{entry.pk}/replace/",
        {"version": entry.version, "note": "larger scan", "file": SimpleUploadedFile("scan.png", NEW, "image/png")},
    )
    request.user = User.objects.create(username="full", is_staff=True, is_superuser=True)
    request.session = SessionStore()
    request.csrf_processing_done = True  # type: ignore[attr-defined]
    answer: Any = AdminOnFullDisk(MediaEntry, admin.site).replace_view(request, str(entry.pk))
    assert answer.status_code == 507
    assert problems(answer.render()) == ["there was no room for the file"]
    assert (MediaEntry.objects.get().version, len(stored())) == (1, 1)


def test_the_project_s_webhooks_report_the_user(times: Caller) -> None:
    entry = imported(times.project, OLD)
    hook = {"handle": "h", "url": "https://hook.example/", "events": [{"name": "mediaLibraryEntry.update"}]}
    config = times.project.config_revisions.latest("revision").config
    webhooks = {"active": True, "configurations": [hook]}
    store.store(times.project, config | {"settings": config["settings"] | {"webhooks": webhooks}}, by="test")
    send(entry, NEW)
    body = str(WebhookDelivery.objects.get().body)
    assert "mediaLibraryEntry.update" in body
    assert '"user"' in body


def test_the_question_says_what_publications_show(newsroom: Newsroom) -> None:
    """Their content has the address of the file."""
    entry = imported(newsroom.caller.project, OLD, media_id=PICTURE["mediaId"])
    address = f"{LIST}{entry.pk}/replace/"
    assert "publication" not in operator().get(address).content.decode()
    newsroom.fine(content=[image()], flags=PUBLISH)
    assert "One publication uses it, and shows the former file" in operator().get(address).content.decode()
