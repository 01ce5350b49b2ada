"""A key that a client names reaches nothing but what is exactly its own, also if it is a folder of others (THR-5)."""

from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from imports.asset_audit import findings
from media_library import storage_cleanup
from media_library.delivery import rendition_cache
from media_library.entries import remote_pictures
from media_library.models import Discard, MediaEntry, RemotePicture
from media_library.storage import AssetStore, assets
from tests.api_client import CONFIG, Caller, make_project
from tests.media_library.entries.test_create import create, image
from tests.media_library.stored_entries import asset, claimed, imported, put

KEY = "2026/03/14/c316ace8-0ded-5e41-9388-386a5759c01f.jpeg"
OTHERS = ("2026", "2026/03", "2026/03/14", "remote-pictures", "remote-pictures/77", "v", "photos")
PHOTO = b"a photo"


@pytest.fixture(params=["folder", "s3"], autouse=True)
def store(request: pytest.FixtureRequest, db: None) -> AssetStore:
    if request.param == "s3":
        request.getfixturevalue("s3")
    return assets()


@pytest.fixture
def theirs(times: Caller) -> list[MediaEntry]:
    """Of another project: an imported file and one of a client, both with renditions, and a picture of a third one."""
    entries = [imported(times.project, PHOTO, key=KEY), claimed(times.project, put(PHOTO, "photos/w1.jpeg"))]
    for entry in entries:
        for width in (64, 128):
            put(b"smaller", f"v/{entry.asset_key}/w{width}-max-q75-original")
    row = RemotePicture(entry=claimed(times.project, "elsewhere.jpeg"), address_digest="0" * 64, due_at=None)
    row.key = put(b"picture", remote_pictures.key_of(row))
    row.save()
    return entries


@pytest.fixture
def deleting(db: None) -> Caller:
    """A project whose revocations delete files."""
    settings = CONFIG["settings"] | {"mediaLibrary": {"revokeDeletesAsset": True}}
    return Caller(make_project("deleting", CONFIG | {"settings": settings}))


def name(caller: Caller, *keys: str) -> str:
    """An entry of the client to which it gives these keys, one after the other; its id."""
    value = asset("mine.jpg", width=1, height=1, url="https://cdn.example.com/a.jpg")
    create(caller, image(id="mine", asset=value))
    for key in keys:
        patches = [{"operation": "replaceAsset", "value": value | {"key": key}}]
        assert caller.patch("mediaLibrary/mine", {"patches": patches}).status_code == 200
    return "mine"


def keys_of(caller: Caller, media_id: str) -> Any:
    return caller.get(f"mediaLibrary/{media_id}/keys", "2026-03").json()["results"]


def revoke(caller: Caller, media_id: str) -> None:
    answer = caller.patch(f"mediaLibrary/{media_id}", {"patches": [{"operation": "revokeAsset"}]})
    assert answer.status_code == 200, answer.content
    Discard.objects.update(due_at=timezone.now())
    storage_cleanup.sweep()


def test_a_folder_lists_nothing_of_the_files_in_it(theirs: list[MediaEntry], herald: Caller) -> None:
    """KEY-01"""
    media_id = name(herald, *OTHERS)
    assert sorted(keys_of(herald, media_id)) == sorted(("mine.jpg", *OTHERS))


def test_revoking_a_folder_deletes_nothing_of_the_files_in_it(
    theirs: list[MediaEntry], deleting: Caller, store: AssetStore
) -> None:
    media_id, before = name(deleting, *OTHERS), store.below("")
    revoke(deleting, media_id)
    assert store.below("") == before
    assert not Discard.objects.exists(), "nothing is left to be tried again"


def test_a_key_of_another_project_lists_and_deletes_nothing_of_its_file(
    theirs: list[MediaEntry], deleting: Caller, store: AssetStore
) -> None:
    key = theirs[1].asset_key
    media_id, before = name(deleting, key), store.below("")
    assert keys_of(deleting, media_id) == [key, "mine.jpg"]
    revoke(deleting, media_id)
    assert keys_of(deleting, media_id) == [key, "mine.jpg"]
    assert store.below("") == before


def test_renditions_of_a_file_that_is_also_a_folder_are_listed_and_deleted_without_those_of_others(
    theirs: list[MediaEntry], deleting: Caller, store: AssetStore
) -> None:
    """In a bucket a key may be both."""
    media_id, before = name(deleting, "photos"), store.below("")
    rendition = put(b"smaller", "v/photos/w64-max-q75-webp")
    assert keys_of(deleting, media_id) == ["photos", "mine.jpg", rendition]
    revoke(deleting, media_id)
    assert store.below("") == before


def test_the_renditions_of_a_withdrawn_file_are_listed_for_its_project(times: Caller, theirs: list[MediaEntry]) -> None:
    """KEY-01: caches are purged after a revocation."""
    MediaEntry.objects.filter(pk=theirs[0].pk).update(revoked=True)
    sizes = [f"v/{KEY}/w{width}-max-q75-original" for width in (128, 64)]
    assert keys_of(times, theirs[0].media_id) == [KEY, *sizes]


def test_all_renditions_of_a_file_are_deleted_however_many_there_are(times: Caller, store: AssetStore) -> None:
    """Web processes that render at the same time may keep more than a request lists."""
    for height in range(rendition_cache.MAX_RENDITIONS + 5):
        put(b"x", f"v/{KEY}/w64-h{height + 1}-crop-q75-webp")
    rendition_cache.forget(KEY)
    assert store.below("") == []


def test_the_audit_of_pictures_leaves_renditions_of_clients_files_alone(
    times: Caller, theirs: list[MediaEntry]
) -> None:
    put(b"smaller", "v/remote-pictures/77/w64-max-q75-webp")
    assert (findings.audit_pictures().stored, findings.audit_pictures().orphans) == (1, [])


def test_the_audit_of_a_day_leaves_folders_of_clients_alone(times: Caller, theirs: list[MediaEntry]) -> None:
    client_key = f"{KEY[:-5]}/a.jpeg"
    put(b"of a client", client_key)
    claimed(times.project, f"{KEY[:-5]}/missing.jpeg")
    found = findings.audit(date(2026, 3, 14))
    assert (found.stored, found.orphans, found.missing) == (1, [], [])
