"""Small pictures of files that are stored elsewhere: requested, made by a worker, kept in the storage, withdrawn."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from imports import housekeeping_rounds, project_deletion, remote_pictures
from imports.asset_audit import findings
from livingdocs_import.egress.host_limits import host_key
from livingdocs_import.models import HostBrake, HostCircuit
from media_library import storage_cleanup
from media_library.entries import remote_pictures as rows
from media_library.models import Discard, MediaEntry, RemotePicture
from media_library.storage import REMOTE_PICTURES, assets
from tests import images
from tests.api_client import Caller
from tests.media_library.faulty_s3 import faulty_s3
from tests.media_library.stored_entries import asset
from tests.operators import member, operator
from tests.origin import Origin, Reply
from tests.s3 import use_endpoint

LIST = "/admin/media_library/mediaentry/"
PHOTO = images.jpeg(images.picture(1280, 854))


def remote_entry(caller: Caller, url: str, **fields: Any) -> MediaEntry:
    defaults = {"media_type": "image", "base_type": "mediaImage", "title": "Theirs"}
    stored = asset("their/key.jpg", url=url)
    return MediaEntry.objects.create(project=caller.project, asset=stored, asset_key=stored["key"], **defaults | fields)


@pytest.fixture
def entry(times: Caller, origin: Origin) -> MediaEntry:
    origin.reply("/a.jpg", Reply(PHOTO, content_type="text/plain"))
    return remote_entry(times, origin.url("/a.jpg?token=s3cret"))


def show(client: Client | None = None) -> str:
    """The list, in which the entry has a tile."""
    return str((client or operator()).get(LIST).content.decode())


def picture_of(entry: MediaEntry, client: Client | None = None) -> Any:
    return (client or operator()).get(f"{LIST}{entry.pk}/picture/")


def row() -> RemotePicture:
    return RemotePicture.objects.get()


def make() -> int:
    return remote_pictures.make_due()


def kept() -> list[str]:
    return list(assets().below(REMOTE_PICTURES))


@pytest.mark.parametrize("store", ["folder", "s3"])
def test_the_first_display_requests_it_and_a_later_one_shows_it(
    entry: MediaEntry, origin: Origin, store: str, request: pytest.FixtureRequest
) -> None:
    if store == "s3":
        request.getfixturevalue("s3")
    first = show()
    assert "stored elsewhere" in first
    assert not origin.requests, "a worker fetches it, no page"
    assert make() == 1
    second = show()
    assert f'src="{LIST}{entry.pk}/picture/?of=' in second
    assert origin.address not in first + second
    answer = picture_of(entry)
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("image/jpeg", "private, max-age=86400")
    with Image.open(io.BytesIO(answer.content)) as image:
        assert (image.format, image.size) == ("JPEG", (640, 427))
    assert kept() == [row().key]


def test_it_is_requested_once_however_often_it_is_shown(entry: MediaEntry, origin: Origin) -> None:
    client = operator()
    for _ in range(3):
        show(client)
    assert make() == 1
    show(client)
    client.get(f"{LIST}{entry.pk}/change/")
    assert make() == 0
    assert len(origin.requests) == 1


def test_a_display_writes_nothing_that_it_need_not(entry: MediaEntry) -> None:
    client = operator()
    show(client)
    with CaptureQueriesContext(connection) as queries:
        show(client)
    assert not [query for query in queries if query["sql"].startswith(("INSERT", "UPDATE"))]
    assert len(queries) <= 20


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Reply(status=404), "HTTP 404"),
        (Reply(b"<html>no"), "not an image: text/html"),
        (Reply(images.svg()), "no renditions of"),
        (Reply(status=503), "HTTP 503"),
    ],
)
def test_a_failure_is_named_and_requested_again_only_after_a_pause(
    times: Caller, origin: Origin, reply: Reply, why: str
) -> None:
    origin.reply("/b.jpg", reply, Reply(PHOTO))
    entry = remote_entry(times, origin.url("/b.jpg"))
    client = operator()
    show(client)
    make()
    assert why in client.get(f"{LIST}{entry.pk}/change/").content.decode()
    assert make() == 0
    RemotePicture.objects.update(retry_at=timezone.now())
    assert make() == 0, "no user has looked again"
    show(client)
    assert make() == 1
    assert (row().failure, row().attempts, bool(row().key)) == ("", 0, True)


def test_pauses_grow_with_the_failures(entry: MediaEntry, origin: Origin) -> None:
    origin.reply("/a.jpg", Reply(status=503))
    pauses = []
    show()
    for _ in range(5):
        make()
        retry_at = row().retry_at
        assert retry_at is not None
        pauses.append(round((retry_at - timezone.now()) / timedelta(minutes=10)))
        RemotePicture.objects.update(retry_at=timezone.now())
        show()
    assert pauses == [1, 12, 144, 1008, 1008]


def test_an_address_of_our_own_network_is_refused(times: Caller, settings: Any) -> None:
    settings.FETCH_ALLOWED_NETWORKS = []
    remote_entry(times, "http://127.0.0.1:9/a.jpg")
    show()
    make()
    assert row().failure == "the address is not allowed"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://a.example/x", "http://[", "data:image/png;base64,AA"])
def test_what_is_no_web_address_is_not_requested(times: Caller, url: str) -> None:
    remote_entry(times, url)
    show()
    assert not RemotePicture.objects.exists()


def test_a_file_beyond_the_limit_is_not_received(entry: MediaEntry, settings: Any) -> None:
    settings.IMAGE_MAX_BYTES = 1000
    show()
    make()
    assert row().failure.startswith("larger than 1000 bytes")


def test_a_host_that_does_not_answer_or_is_braked_is_not_asked(entry: MediaEntry, origin: Origin) -> None:
    show()
    host = origin.address
    HostBrake.objects.create(host=host, key=host_key(host), per_second=0.001, next_at=timezone.now() + timedelta(1))
    assert make() == 1
    HostBrake.objects.all().delete()
    moment = timezone.now()
    HostCircuit.objects.create(
        host=host, key=host_key(host), failing_since=moment, last_silence_at=moment, opened_at=moment, probe_at=moment
    )
    RemotePicture.objects.update(due_at=timezone.now())
    assert make() == 1
    assert not origin.requests
    assert (row().attempts, row().failure) == (0, ""), "it is no fault of the file"
    HostCircuit.objects.all().delete()
    RemotePicture.objects.update(due_at=timezone.now())
    make()
    assert kept()


def test_a_storage_that_is_away_is_no_fault_of_the_file(
    entry: MediaEntry, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    show()
    with faulty_s3() as server:
        use_endpoint(monkeypatch, server.endpoint)
        settings.ASSET_STORAGE = server.url
        server.faults["PUT"] = [500] * 20
        assert make() == 1
        assert (row().failure, row().attempts, row().due_at is None) == ("", 0, False)
        server.faults.clear()
        RemotePicture.objects.update(due_at=timezone.now())
        make()
        assert assets().stat(row().key).size


def test_a_worker_that_is_lost_loses_nothing(entry: MediaEntry) -> None:
    show()
    assert rows.claim() is not None
    assert rows.claim() is None, "another worker has it"
    RemotePicture.objects.update(due_at=timezone.now())  # when the lease has ended
    assert make() == 1
    assert kept()


def test_another_address_means_another_picture_and_the_former_is_deleted(entry: MediaEntry, origin: Origin) -> None:
    show()
    make()
    (former,) = kept()
    origin.reply("/new.jpg", Reply(images.jpeg(images.picture(50, 50))))
    entry.asset = entry.asset | {"url": origin.url("/new.jpg")}
    entry.save()
    assert "stored elsewhere" in show()
    assert picture_of(entry).status_code == 404
    make()
    sweep()
    assert kept() == [row().key] != [former]


def sweep() -> None:
    Discard.objects.update(due_at=timezone.now())
    storage_cleanup.sweep()


def test_clean_up_and_audit_know_it(entry: MediaEntry) -> None:
    show()
    make()
    sweep()
    assert kept()
    assert findings.audit_pictures().orphans == []
    RemotePicture.objects.all().delete()
    assert findings.audit_pictures().orphans == kept()
    assert not findings.audit_pictures().removable, "it is young"


@pytest.mark.parametrize("fields", [{"revoked": True}, {"invalid": True}])
def test_what_is_withdrawn_is_not_shown(entry: MediaEntry, fields: dict[str, Any]) -> None:
    show()
    make()
    MediaEntry.objects.update(**fields)
    assert "<img" not in show()
    assert picture_of(entry).status_code == 404


def test_users_of_other_projects_do_not_see_it(entry: MediaEntry, herald: Caller) -> None:
    show()
    make()
    assert picture_of(entry, member(times="viewer")).status_code == 200
    assert picture_of(entry, member(herald="administrator")).status_code == 404
    assert picture_of(entry, Client()).status_code == 302


def test_a_picture_that_the_storage_has_lost_is_made_anew(entry: MediaEntry) -> None:
    show()
    make()
    assets().delete(row().key)
    assert picture_of(entry).status_code == 404
    assert make() == 1
    assert picture_of(entry).status_code == 200


def test_the_deletion_of_the_project_deletes_it(entry: MediaEntry, times: Caller) -> None:
    show()
    make()
    project_deletion.delete_project(times.project, by="test", say=lambda _: None)
    sweep()
    assert not RemotePicture.objects.exists()
    assert kept() == []


def test_what_was_not_shown_for_long_is_purged(entry: MediaEntry) -> None:
    show()
    make()
    assert rows.purge(10) == 0
    RemotePicture.objects.update(shown_at=timezone.now() - rows.KEPT_FOR - timedelta(days=1))
    assert rows.purge(10) == 1
    sweep()
    assert kept() == []


def test_a_file_that_became_ours_is_not_fetched(entry: MediaEntry, origin: Origin) -> None:
    show()
    MediaEntry.objects.update(asset=asset("2026/ours.jpeg"))
    make()
    assert not origin.requests
    assert not RemotePicture.objects.exists()


def test_a_picture_requested_for_the_new_address_stays_when_the_former_one_is_forgotten(
    entry: MediaEntry, origin: Origin
) -> None:
    """A worker has claimed the former one, and sees the entry's new address, when a page requests its picture."""
    show()
    former = rows.claim()
    assert former is not None
    MediaEntry.objects.update(asset=asset("their/key.jpg", url=origin.url("/b.jpg")))
    show()
    rows.forget_former(former)
    assert row().address_digest == rows.digest(origin.url("/b.jpg"))
    rows.forget_former(row())
    assert not RemotePicture.objects.exists()


def test_one_process_makes_them_in_rounds_of_their_own(db: None) -> None:
    assert set(housekeeping_rounds.claim_slow()) == {"pictures_made"}
    assert housekeeping_rounds.claim_slow() == {}
