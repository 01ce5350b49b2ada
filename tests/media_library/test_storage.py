"""The storage port behaves alike over a folder and S3; half a success is none (IMG-34, FLT-16 to FLT-18)."""

import errno
import os
import time
import tracemalloc
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from media_library.storage import (
    FOLDERS,
    AssetStore,
    LocalStore,
    NotStored,
    StorageFailed,
    assets,
    is_generated_key,
    is_safe_key,
    key_stem,
)
from media_library.storage.port import MAX_PAGES, MAX_SLOW, PIECE
from media_library.storage.s3 import S3Store
from tests.media_library.faulty_s3 import FaultyS3, faulty_s3
from tests.s3 import Bucket, use_endpoint

KEY = "2026/03/14/c316ace8-0ded-4e41-9388-386a5759c01f.jpeg"


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest) -> AssetStore:
    if request.param == "s3":
        request.getfixturevalue("s3")
    return assets()


def put(store: AssetStore, tmp_path: Path, content: bytes, key: str = KEY) -> None:
    path = tmp_path / "incoming"
    path.write_bytes(content)
    store.put(path, key, "image/jpeg")


def everything(store: AssetStore, key: str = KEY) -> bytes:
    return b"".join(store.read(key, 0, store.stat(key).size))


# --- Both kinds ------------------------------------------------------------------------------------------------------


def test_what_was_put_is_read_back_whole_or_in_part(store: AssetStore, tmp_path: Path) -> None:
    content = os.urandom(2 * PIECE + 17)
    put(store, tmp_path, content)
    assert everything(store) == content
    assert b"".join(store.read(KEY, 5, PIECE + 9)) == content[5 : PIECE + 9]
    assert b"".join(store.read(KEY, 7, 7)) == b""


def test_the_facts_are_size_time_and_a_quoted_etag_that_changes_with_the_bytes(
    store: AssetStore, tmp_path: Path
) -> None:
    put(store, tmp_path, b"one")
    first = store.stat(KEY)
    put(store, tmp_path, b"two")
    second = store.stat(KEY)
    assert first.size == second.size == 3
    assert abs(second.modified_at - timezone.now()) < timedelta(seconds=5)
    assert first.etag != second.etag
    assert first.etag[0] == first.etag[-1] == '"'


def test_a_second_put_replaces_the_first(store: AssetStore, tmp_path: Path) -> None:
    """IMG-34: a retry uses the same key, so that nothing is left behind."""
    put(store, tmp_path, b"first try")
    put(store, tmp_path, b"second")
    assert everything(store) == b"second"
    assert store.below("2026") == [KEY]


@pytest.mark.parametrize("key", [KEY, "../../etc/passwd", "a\0b", "x" * 300, f"{KEY}/deeper", "2026/03"])
def test_what_is_not_there_is_not_stored(store: AssetStore, tmp_path: Path, key: str) -> None:
    put(store, tmp_path, b"other", key="2026/03/14/other.png")
    with pytest.raises(NotStored):
        store.stat(key)


def test_reading_what_is_not_there_fails_at_the_call_not_at_the_first_byte(store: AssetStore) -> None:
    with pytest.raises(NotStored):
        store.read(KEY, 0, 1)


def test_a_file_that_is_shorter_than_asked_for_is_a_failure_not_a_short_read(store: AssetStore, tmp_path: Path) -> None:
    """FLT-18"""
    put(store, tmp_path, b"short")
    with pytest.raises(StorageFailed):
        list(store.read(KEY, 0, 6))


def test_deleting_twice_is_the_same_as_once(store: AssetStore, tmp_path: Path) -> None:
    put(store, tmp_path, b"x")
    store.delete(KEY)
    store.delete(KEY)
    with pytest.raises(NotStored):
        store.stat(KEY)


def test_all_keys_below_a_folder_are_listed_and_no_neighbours(store: AssetStore, tmp_path: Path) -> None:
    for key in ("2026/01/02/b.png", "2026/01/02/a.png", "2026/01/02x/c.png", "v/2026/01/02/a.png/w320.webp"):
        put(store, tmp_path, b"x", key=key)
    assert store.below("2026/01/02") == ["2026/01/02/a.png", "2026/01/02/b.png"]
    assert store.below("v/2026/01/02/a.png") == ["v/2026/01/02/a.png/w320.webp"]
    assert len(store.below("")) == 4
    assert store.below("1999") == []


def test_the_files_of_a_folder_are_listed_with_their_facts_and_without_its_folders(
    store: AssetStore, tmp_path: Path
) -> None:
    for key in ("v/a/w64.png", "v/a/w320.png", "v/a/w128.png", "v/a/b/w64.png", "v/ab/w64.png"):
        put(store, tmp_path, b"x" * len(key), key=key)
    found = store.directly_in("v/a", 10)
    assert list(found) == ["v/a/w128.png", "v/a/w320.png", "v/a/w64.png"]
    assert found["v/a/w64.png"] == store.stat("v/a/w64.png")
    assert list(store.directly_in("v/a/b", 1)) == ["v/a/b/w64.png"]
    assert len(store.directly_in("v/a", 2)) <= 2
    assert store.directly_in("v/nothing", 2) == {}
    assert list(store.directly_in("v/a", 10, after="w2")) == ["v/a/w320.png", "v/a/w64.png"]
    assert list(store.directly_in("v/a", 10, after="w320.png", patient=True)) == ["v/a/w64.png"]


def test_the_folders_of_a_folder_take_no_place_of_its_files(store: AssetStore, tmp_path: Path) -> None:
    for key in ("v/a/a/1.png", "v/a/b/1.png", "v/a/c/1.png", "v/a/w64.png"):
        put(store, tmp_path, b"x", key=key)
    assert list(store.directly_in("v/a", 1)) == ["v/a/w64.png"]


@pytest.mark.parametrize("key", ["2026", "2026/03/14", f"{KEY}/deeper", "x" * 300])
def test_deleting_a_key_under_which_there_is_no_file_deletes_nothing(
    store: AssetStore, tmp_path: Path, key: str
) -> None:
    """A client's key may be a folder of other files, or lead through a file."""
    put(store, tmp_path, b"x")
    store.delete(key)
    assert store.below("") == [KEY]


def test_the_files_of_a_stem_are_found_whatever_their_extension(store: AssetStore, tmp_path: Path) -> None:
    stem = KEY.rpartition(".")[0]
    for key in (f"{stem}.mp4", f"{stem}.png", f"{stem}.exe", f"{stem}x.mp4", f"v/{stem}.mp4"):
        put(store, tmp_path, b"x", key=key)
    assert sorted(store.having(stem, ("png", "mp4", "webm"))) == [f"{stem}.mp4", f"{stem}.png"]
    assert store.having("1999/01/01/nothing", ("png", "mp4")) == []


def test_a_usable_storage_passes_its_check(store: AssetStore) -> None:
    store.check()


def test_large_files_stream_in_and_out_of_bounded_memory(store: AssetStore, tmp_path: Path) -> None:
    size = 40_000_000
    path = tmp_path / "incoming"
    with path.open("wb") as file:
        file.truncate(size)
    if isinstance(store, S3Store):
        # The in-process server keeps objects in memory; this one only counts.
        with faulty_s3() as server, pytest.MonkeyPatch.context() as environment:
            use_endpoint(environment, server.endpoint)
            server.forgetful = True
            assert traced_peak(S3Store("bucket", ""), path) < size / 10
    else:
        assert traced_peak(store, path) < size / 10


def traced_peak(store: AssetStore, path: Path) -> int:
    size = path.stat().st_size
    tracemalloc.start()
    try:
        store.put(path, KEY, "video/mp4")
        assert sum(len(piece) for piece in store.read(KEY, 0, size)) == size
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


# --- A folder --------------------------------------------------------------------------------------------------------


def test_a_stored_file_can_be_read_by_the_web_process_of_another_user(tmp_path: Path) -> None:
    path = tmp_path / "incoming"
    path.touch(mode=0o600)
    LocalStore(tmp_path / "root").put(path, KEY, "image/jpeg")
    assert (tmp_path / "root" / KEY).stat().st_mode & 0o777 == 0o644


def test_a_file_from_another_file_system_is_copied_and_leaves_no_trace(tmp_path: Path) -> None:
    elsewhere = Path("/dev/shm")
    if not elsewhere.is_dir() or elsewhere.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("needs a second file system")
    path = elsewhere / f"incoming-{os.getpid()}"
    path.write_bytes(b"from afar")
    try:
        store = LocalStore(tmp_path / "root")
        store.put(path, KEY, "image/jpeg")
        assert everything(store) == b"from afar"
        assert store.below("") == [KEY]
    finally:
        path.unlink(missing_ok=True)


def test_a_full_or_broken_disk_is_a_passing_failure(tmp_path: Path) -> None:
    """FLT-16"""
    (tmp_path / "2026").write_text("a file where a folder should be")
    store = LocalStore(tmp_path)
    with pytest.raises(StorageFailed) as failure:
        put(store, tmp_path, b"x")
    assert failure.value.transient
    assert failure.value.__cause__.errno in {errno.EEXIST, errno.ENOTDIR}  # type: ignore[union-attr]
    with pytest.raises(StorageFailed):
        LocalStore(tmp_path / "2026").check()


def test_no_key_leads_out_of_the_folder(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    store = LocalStore(tmp_path / "root")
    store.check()
    for call in (
        store.stat,
        store.delete,
        lambda key: store.read(key, 0, 6),
        lambda key: put(store, tmp_path, b"", key),
    ):
        with pytest.raises(NotStored):
            call("../secret")
    assert secret.read_text() == "secret"


# --- S3 --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyS3]:
    with faulty_s3() as server:
        use_endpoint(monkeypatch, server.endpoint)
        yield server


@pytest.fixture
def over_broken(broken: FaultyS3) -> S3Store:
    return S3Store("bucket", "press", patience=0.4)


def test_objects_carry_the_prefix_and_the_content_type(s3: Bucket, tmp_path: Path) -> None:
    put(assets(), tmp_path, b"jpeg")
    assert s3.keys() == [f"press/{KEY}"]
    assert s3.client.head_object(Bucket=s3.name, Key=f"press/{KEY}")["ContentType"] == "image/jpeg"


def test_objects_are_private(s3: Bucket, tmp_path: Path) -> None:
    put(assets(), tmp_path, b"jpeg")
    grants = s3.client.get_object_acl(Bucket=s3.name, Key=f"press/{KEY}")["Grants"]
    assert [grant["Permission"] for grant in grants] == ["FULL_CONTROL"]


def test_a_bucket_that_does_not_exist_fails_the_check(s3: Bucket) -> None:
    with pytest.raises(StorageFailed, match="nowhere"):
        S3Store("nowhere", "").check()


@pytest.mark.parametrize("fault", [500, 503, "lost"])
def test_a_put_that_fails_once_is_tried_again_and_works(
    broken: FaultyS3, over_broken: S3Store, tmp_path: Path, fault: Any
) -> None:
    """FLT-16, FLT-17"""
    broken.faults["PUT"] = [fault]
    content = os.urandom(300_000)
    put(over_broken, tmp_path, content)
    assert broken.objects[f"/bucket/press/{KEY}"][0] == content
    assert broken.requests == ["PUT", "PUT"]


def test_a_put_that_keeps_failing_is_a_passing_failure(broken: FaultyS3, over_broken: S3Store, tmp_path: Path) -> None:
    """FLT-16"""
    broken.faults["PUT"] = [503] * 10
    with pytest.raises(StorageFailed) as failure:
        put(over_broken, tmp_path, b"x")
    assert failure.value.transient
    assert broken.requests == ["PUT"] * 3


def test_a_page_of_a_proxy_is_not_taken_for_a_stored_file(
    broken: FaultyS3, over_broken: S3Store, tmp_path: Path
) -> None:
    """FLT-17: 200 with html, for the PUT and for the question that follows."""
    broken.faults = {"PUT": ["html"], "HEAD": ["html"]}
    with pytest.raises(StorageFailed):
        put(over_broken, tmp_path, b"x")
    broken.faults = {"PUT": ["html"]}
    with pytest.raises(StorageFailed):
        put(over_broken, tmp_path, b"x")


def test_a_page_of_a_proxy_does_not_make_an_older_file_of_the_same_size_the_new_one(
    broken: FaultyS3, over_broken: S3Store, tmp_path: Path
) -> None:
    """FLT-17"""
    put(over_broken, tmp_path, b"old")
    broken.faults = {"PUT": ["html"]}
    with pytest.raises(StorageFailed):
        put(over_broken, tmp_path, b"new")


def test_an_etag_that_is_no_digest_is_settled_by_asking(broken: FaultyS3, over_broken: S3Store, tmp_path: Path) -> None:
    """FLT-17: encrypting servers answer with other ETags."""
    broken.faults = {"PUT": ["wrong etag"]}
    put(over_broken, tmp_path, b"bytes")
    assert broken.requests == ["PUT", "HEAD"]
    assert broken.objects[f"/bucket/press/{KEY}"][0] == b"bytes"


@pytest.mark.parametrize("fault", ["half", "stall", "trickle"])
def test_a_read_that_breaks_off_stalls_or_trickles_raises_in_time(
    broken: FaultyS3, over_broken: S3Store, tmp_path: Path, fault: str
) -> None:
    """FLT-18"""
    content = os.urandom(4 * PIECE)
    put(over_broken, tmp_path, content)
    broken.faults, broken.gap = {"GET": [fault]}, {"half": 0.0, "stall": 2.0, "trickle": 0.02}[fault]
    got: list[bytes] = []
    began = timezone.now()
    with pytest.raises(StorageFailed):
        got.extend(over_broken.read(KEY, 0, len(content)))
    assert content.startswith(b"".join(got))
    assert len(b"".join(got)) < len(content)
    assert timezone.now() - began < timedelta(seconds=8)


@pytest.mark.parametrize("fault", ["html", "whole"])
def test_a_read_that_gets_other_bytes_than_asked_for_fails_at_once(
    broken: FaultyS3, over_broken: S3Store, tmp_path: Path, fault: str
) -> None:
    """FLT-18: nothing of it may reach a client."""
    put(over_broken, tmp_path, b"0123456789")
    broken.faults = {"GET": [fault]}
    with pytest.raises(StorageFailed):
        over_broken.read(KEY, 3, 6)


def test_a_storage_that_hangs_takes_only_a_few_threads_with_it(
    broken: FaultyS3, over_broken: S3Store, tmp_path: Path
) -> None:
    """FLT-18: the worker pool is not exhausted."""
    put(over_broken, tmp_path, b"x")
    broken.faults, broken.gap = {"HEAD": ["hang"] * MAX_SLOW * 2}, 5.0
    with ThreadPoolExecutor(MAX_SLOW) as pool:
        stuck = [pool.submit(over_broken.stat, KEY) for _ in range(MAX_SLOW)]
        time.sleep(over_broken.patience * 0.75)
        began = time.monotonic()
        with pytest.raises(StorageFailed):
            over_broken.stat(KEY)
        assert time.monotonic() - began < 0.1
        assert all(isinstance(one.exception(), StorageFailed) for one in stuck)
    assert over_broken.stat(KEY).size == 1


def test_a_storage_that_is_away_is_a_transient_failure_in_every_call(
    broken: FaultyS3, over_broken: S3Store, tmp_path: Path
) -> None:
    for method in ("PUT", "HEAD", "GET", "DELETE"):
        broken.faults[method] = [500] * 20
    for call in (
        lambda: put(over_broken, tmp_path, b"x"),
        lambda: over_broken.stat(KEY),
        lambda: over_broken.read(KEY, 0, 1),
        lambda: over_broken.delete(KEY),
        lambda: over_broken.below("2026"),
        lambda: over_broken.directly_in("2026", 1),
        lambda: over_broken.having("2026/03/14/a", ("png",)),
        lambda: over_broken.check(),
    ):
        with pytest.raises(StorageFailed):
            call()


def test_the_files_of_a_bucket_are_found_behind_pages_of_folders_and_users_wait_for_a_few_of_those(
    broken: FaultyS3, over_broken: S3Store, tmp_path: Path
) -> None:
    put(over_broken, tmp_path, b"x", "2026/w64.png")
    broken.crowd = MAX_PAGES - 1
    assert list(over_broken.directly_in("2026", 1)) == ["2026/w64.png"]
    broken.crowd = MAX_PAGES
    with pytest.raises(StorageFailed):
        over_broken.directly_in("2026", 1)
    assert broken.requests.count("GET") == 2 * MAX_PAGES
    broken.crowd = MAX_PAGES
    assert list(over_broken.directly_in("2026", 1, patient=True)) == ["2026/w64.png"]


# --- Keys and addresses ----------------------------------------------------------------------------------------------


def test_the_key_of_an_item_is_a_date_and_a_uuid_and_always_the_same() -> None:
    """IMG-34"""
    day = datetime(2026, 3, 4, 23, 59, tzinfo=UTC)
    stem = key_stem("images", day, "job", 1)
    assert stem == key_stem("images", day, "job", 1)
    assert len({stem, key_stem("images", day, "job", 2), key_stem("images", day, "other", 1)}) == 3
    assert stem.startswith("2026/03/04/")
    assert len(stem.removeprefix("2026/03/04/")) == 36


def test_the_key_of_an_item_has_not_changed_since_the_first_release() -> None:
    """A try after an upgrade overwrites the file of the one before."""
    assert key_stem("images", datetime(2026, 3, 4, tzinfo=UTC), "job", 1) == (
        f"2026/03/04/{uuid.uuid5(uuid.UUID('6b1b9f1e-6d0f-4c51-9d8e-6f3a3f0f9a52'), 'job/1')}"
    )


def test_videos_and_files_have_folders_of_their_own() -> None:
    day = datetime(2026, 3, 4, tzinfo=UTC)
    for kind, folder in zip(("images", "videos", "files"), FOLDERS, strict=True):
        stem = key_stem(kind, day, "job", 1)
        assert stem.startswith(f"{folder}2026/03/04/")
        assert is_generated_key(f"{stem}.mp4")
        assert is_safe_key(f"{stem}.mp4")
    assert not is_generated_key(f"other/{key_stem('images', day, 'job', 1)}.mp4")


@pytest.mark.parametrize("key", [KEY, "my/key.jpg", "a.b..c/d", "Größe.png", "...", ".hidden", "w/x"])
def test_keys_with_one_spelling_are_safe(key: str) -> None:
    assert is_safe_key(key)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/a",
        "a/",
        "a//b",
        ".",
        "..",
        "a/./b",
        "a/../b",
        "../a",
        "a\\b",
        "a\nb",
        "a\0b",
        "a\x85b",
        "v/a/w320.webp",
        "x" * 501,
    ],
)
def test_second_spellings_of_a_file_and_reserved_keys_are_not_safe(key: str) -> None:
    assert not is_safe_key(key)


@pytest.mark.parametrize("url", ["ftp://host/x", "file:", "s3://", "s3://bucket?adressing=path", "relative/path"])
def test_an_address_that_names_no_storage_is_refused_with_a_hint(settings: Any, url: str) -> None:
    settings.ASSET_STORAGE = url
    with pytest.raises(ValueError, match="file:///absolute/dir"):
        assets()
