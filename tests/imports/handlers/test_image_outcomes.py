"""The outcomes of an image: created, updated, skipped, failed; each with its status row."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from media_library import storage_cleanup
from media_library.models import Discard, FormerAsset, MediaEntry
from media_library.storage import assets
from tests import images
from tests.api_client import CONFIG, Caller, image_item, make_project
from tests.origin import Canary, Origin, Reply

Run = Callable[[], None]


def row(caller: Caller, run: Run, item: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Import one image and give back its row of the status answer."""
    job = caller.import_images(item, **fields)
    run()
    (only,) = caller.status(job)["images"]
    return dict(only)


def stored_files(tmp_path: Path) -> list[str]:
    root = tmp_path / "assets"
    return sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()) if root.exists() else []


def test_a_new_pair_creates_an_entry(times: Caller, origin: Origin, run_workers: Run, tmp_path: Path) -> None:
    """IMG-01, IMG-02, IMG-22, IMG-23, IMG-24, IMG-25, IMG-26, IMG-34, IMG-36"""
    data = images.jpeg(images.picture(640, 427))
    item = image_item(origin.reply("/a.jpg", Reply(data)), id="ext-1", fileName="my image", metadata={"caption": "c"})
    got = row(times, run_workers, item)
    image = got.pop("image")
    assert got == {
        "status": "success", "state": "success", "systemName": "archive", "externalId": "ext-1", "title": "my image",
    }  # fmt: skip
    assert set(image) == {"mediaId", "originalUrl", "url", "width", "height", "mimeType", "imageService"}
    assert (image["width"], image["height"], image["mimeType"]) == (640, 427, "image/jpeg")
    assert image["imageService"]
    entry = times.get(f"mediaLibrary/{image['mediaId']}").json()
    assert (entry["systemName"], entry["externalId"], entry["mediaType"]) == ("archive", "ext-1", "image")
    assert entry["metadata"] == {"title": "my image", "caption": "c"}
    (key,) = stored_files(tmp_path)
    assert entry["asset"]["key"] == key
    assert (entry["asset"]["size"], entry["asset"]["filename"]) == (len(data), "my image.jpeg")
    assert Path(tmp_path / "assets" / key).read_bytes() == data


@pytest.mark.parametrize(
    ("make", "mime_type", "extension"),
    [
        (lambda: images.png(images.picture(33, 7)), "image/png", "png"),  # IMG-12
        (lambda: images.jpeg(images.picture(33, 7)), "image/jpeg", "jpeg"),  # IMG-13
        (lambda: images.gif(width=33, height=7), "image/gif", "gif"),  # IMG-14
        (lambda: images.svg('width="33" height="7"'), "image/svg+xml", "svg"),  # IMG-15
    ],
)
def test_the_four_types_are_detected_by_their_bytes(
    times: Caller, origin: Origin, run_workers: Run, make: Any, mime_type: str, extension: str
) -> None:
    """IMG-12, IMG-13, IMG-14, IMG-15, IMG-17: the address has no extension and the origin no idea."""
    image = row(times, run_workers, image_item(origin.reply("/picture", Reply(make()))))["image"]
    assert (image["mimeType"], image["width"], image["height"]) == (mime_type, 33, 7)
    assert MediaEntry.objects.get().asset_key.endswith(f".{extension}")


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"<!doctype html><title>Sorry</title>", "not an image: text/html"),
        (b"%PDF-1.7\n", "not an image: application/pdf"),
        (b"", "the file is empty"),
        (b"{}", "not an image"),
    ],
)
def test_what_is_no_image_fails_and_says_what_it_is(
    times: Caller, origin: Origin, run_workers: Run, body: bytes, detail: str
) -> None:
    """IMG-16, IMG-32"""
    url = origin.reply("/a.jpg", Reply(body, content_type="image/jpeg"))
    got = row(times, run_workers, image_item(url, id="e", fileName="f"))
    assert got.pop("error_details")["message"].startswith(detail)
    assert got == {
        "status": "failed", "state": "failed", "reason": "Could not upload image",
        "systemName": "archive", "externalId": "e", "title": "f",
    }  # fmt: skip


def test_webp_is_an_image_but_not_one_of_the_four(times: Caller, origin: Origin, run_workers: Run) -> None:
    """IMG-16"""
    got = row(times, run_workers, image_item(origin.reply("/a", Reply(b"RIFF\x24\0\0\0WEBPVP8 " + b"\0" * 40))))
    assert got["error_details"] == {"message": "image type not accepted: image/webp", "cause": "type-not-accepted"}


def test_an_address_that_answers_404_fails_with_the_code(times: Caller, origin: Origin, run_workers: Run) -> None:
    """IMG-19; what may be a secret in the query is not repeated."""
    got = row(times, run_workers, image_item(origin.url("/gone.jpg?token=secret")))
    assert (got["status"], got["reason"]) == ("failed", "Could not upload image")
    assert got["error_details"] == {
        "message": f"HTTP 404 from {origin.url('/gone.jpg')}", "cause": "http-404", "parameter": origin.address,
    }  # fmt: skip
    assert len(origin.asked("/gone.jpg")) == 1, "a permanent failure is not tried again"


def test_an_address_without_a_server_fails_when_its_time_is_over(
    times: Caller, settings: Any, origin: Origin, run_workers: Run
) -> None:
    """IMG-18"""
    settings.IMPORT_DEAD_HOST_SECONDS = 0.0
    origin.close()
    got = row(times, run_workers, image_item(origin.url("/a.jpg")))
    assert (got["status"], got["reason"]) == ("failed", "Could not upload image")
    assert got["error_details"] == {
        "message": "the server is not answering", "cause": "host-unavailable", "parameter": origin.address,
    }  # fmt: skip


def test_a_server_that_stumbles_once_is_asked_again(
    times: Caller, settings: Any, origin: Origin, run_workers: Run
) -> None:
    settings.IMPORT_RETRY_SECONDS = [0, 0]
    url = origin.reply("/a.png", Reply(status=503), Reply(images.png(images.picture(2, 2))))
    assert row(times, run_workers, image_item(url))["status"] == "success"
    assert len(origin.asked("/a.png")) == 2


def test_private_addresses_are_refused_by_default(
    times: Caller, settings: Any, run_workers: Run, canary: Canary
) -> None:
    """IMG-41: no connection is made."""
    settings.FETCH_ALLOWED_NETWORKS = []
    settings.FETCH_ALLOWED_PORTS = [canary.port]
    got = row(times, run_workers, image_item(f"http://127.0.0.1:{canary.port}/a.png"))
    assert (got["status"], got["error_details"]["message"]) == ("failed", "the address is not allowed")


@pytest.mark.parametrize("handle", ["nothing", "video", "file", ""])
def test_a_media_type_that_is_not_for_images_fails_the_item(
    times: Caller, origin: Origin, run_workers: Run, handle: str
) -> None:
    """IMG-09, IMG-10"""
    got = row(
        times, run_workers, image_item(origin.reply("/a", Reply(images.png(images.picture(1, 1)))), mediaType=handle)
    )
    assert (got["status"], got["reason"]) == ("failed", f'Unknown mediaType: "{handle}"')
    assert origin.requests == [], "cheap checks come before the download"


def test_a_media_type_of_any_length_fails_the_item_with_a_short_reason(times: Caller, run_workers: Run) -> None:
    """IMG-10: databases that mind lengths would refuse the outcome."""
    got = row(times, run_workers, image_item("https://example.com/a", mediaType="é" * 10_000))
    assert got["reason"].startswith('Unknown mediaType: "éé')
    assert len(got["reason"]) < 250


def test_a_project_without_a_type_for_images_says_so(db: None, run_workers: Run) -> None:
    others = [one for one in CONFIG["mediaTypes"] if one["type"] != "mediaImage"]
    settings = {name: value for name, value in CONFIG["settings"].items() if name != "defaultMediaTypes"}
    caller = Caller(make_project("no-images", CONFIG | {"mediaTypes": others, "settings": settings}))
    got = row(caller, run_workers, image_item("https://example.com/a"))
    assert (got["status"], got["reason"]) == ("failed", 'Unknown mediaType: "image"')


def test_an_item_without_media_type_gets_the_default(times: Caller, origin: Origin, run_workers: Run) -> None:
    """IMG-07"""
    row(times, run_workers, image_item(origin.reply("/a", Reply(images.png(images.picture(1, 1))))))
    assert MediaEntry.objects.get().media_type == "image"


def test_an_item_with_a_configured_handle_is_stored_under_it(db: None, origin: Origin, run_workers: Run) -> None:
    """IMG-08"""
    graphic = {"handle": "infographic", "type": "mediaImage", "metadata": []}
    caller = Caller(make_project("graphics", CONFIG | {"mediaTypes": [*CONFIG["mediaTypes"], graphic]}))
    url = origin.reply("/a", Reply(images.png(images.picture(1, 1))))
    assert row(caller, run_workers, image_item(url, mediaType="infographic"))["status"] == "success"
    assert MediaEntry.objects.get().media_type == "infographic"


@pytest.mark.parametrize(
    ("metadata", "errors"),
    [
        ({"caption": 5}, [("caption", "The value of '/caption' must be string")]),  # IMG-20
        ({"nothing": "x"}, [("nothing", None)]),  # IMG-21
        ({"caption": [], "title": {}}, [("caption", None), ("title", None)]),
    ],
)
def test_metadata_that_do_not_fit_fail_the_item_before_anything_is_fetched(
    times: Caller, origin: Origin, run_workers: Run, metadata: dict[str, Any], errors: list[tuple[str, str | None]]
) -> None:
    """IMG-20, IMG-21"""
    url = origin.reply("/a", Reply(images.png(images.picture(1, 1))))
    got = row(times, run_workers, image_item(url, metadata=metadata))
    assert (got["status"], got["reason"]) == ("failed", "Invalid metadata")
    found = got["error_details"]["errors"]
    assert {e["metadataProperty"] for e in found} == {name for name, _ in errors}
    assert all(text is None or text in {e["message"] for e in found} for _, text in errors)
    assert origin.requests == []


def test_a_title_that_was_sent_is_not_replaced_by_the_file_name(
    times: Caller, origin: Origin, run_workers: Run
) -> None:
    url = origin.reply("/a", Reply(images.png(images.picture(1, 1))))
    row(times, run_workers, image_item(url, fileName="file name", metadata={"title": "A title"}))
    assert MediaEntry.objects.get().metadata == {"title": "A title"}


@pytest.mark.parametrize("extension", ["", ".jpg"])
def test_a_long_file_name_is_the_whole_title_and_a_shorter_name_of_the_file(
    times: Caller, origin: Origin, run_workers: Run, extension: str
) -> None:
    """IMG-24: up to 8,192 characters"""
    url, title = origin.reply("/a", Reply(images.png(images.picture(1, 1)))), "ü" * (8192 - len(extension)) + extension
    got = row(times, run_workers, image_item(url, fileName=title))
    entry = MediaEntry.objects.get()
    assert (got["title"], entry.title, entry.metadata["title"]) == (title, title, title)
    assert entry.asset["filename"] == "ü" * 996 + (extension or ".png")
    assert times.client.get(got["image"]["originalUrl"].replace("http://testserver", "")).status_code == 200


# --- Again -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def first(times: Caller, origin: Origin, run_workers: Run) -> dict[str, Any]:
    """An image that has been imported once, as its item."""
    item = image_item(
        origin.reply("/a.png", Reply(images.png(images.picture(10, 10)), etag='"one"')), metadata={"caption": "c"}
    )
    assert row(times, run_workers, item)["status"] == "success"
    return item


def test_an_identical_image_is_skipped_with_its_image(
    times: Caller, run_workers: Run, first: dict[str, Any], tmp_path: Path
) -> None:
    """IMG-30"""
    before = MediaEntry.objects.values().get()
    got = row(times, run_workers, first)
    assert (got["status"], got["reason"]) == ("skipped", "already exists")
    assert got["image"]["mediaId"] == before["media_id"]
    assert MediaEntry.objects.values().get() == before
    assert len(stored_files(tmp_path)) == 1


def test_an_unchanged_image_costs_headers_only(
    times: Caller, origin: Origin, run_workers: Run, first: dict[str, Any]
) -> None:
    """Rulings: conditional fetch"""
    row(times, run_workers, first)
    again = origin.asked("/a.png")[-1]
    assert again.headers["if-none-match"] == '"one"'


def test_identical_bytes_from_an_origin_without_etags_are_skipped_as_well(
    times: Caller, origin: Origin, run_workers: Run, first: dict[str, Any], tmp_path: Path
) -> None:
    """IMG-30"""
    origin.reply("/a.png", Reply(images.png(images.picture(10, 10))))
    assert row(times, run_workers, first)["status"] == "skipped"
    assert len(stored_files(tmp_path)) == 1


def test_an_archive_that_has_moved_is_downloaded_once_and_not_for_ever(
    times: Caller, origin: Origin, run_workers: Run, first: dict[str, Any]
) -> None:
    """Rulings: conditional fetch. The same bytes from a new address, under a new ETag."""
    moved = first | {"url": origin.reply("/new.png", Reply(images.png(images.picture(10, 10)), etag='"moved"'))}
    for _ in range(2):
        assert row(times, run_workers, moved)["status"] == "skipped"
    asked = [request.headers.get("if-none-match") for request in origin.requests if request.path == "/new.png"]
    assert asked == [None, '"moved"']
    assert MediaEntry.objects.get().version == 1


def test_a_304_that_does_not_repeat_its_etag_is_still_remembered(
    times: Caller, origin: Origin, run_workers: Run, first: dict[str, Any]
) -> None:
    """Rulings: conditional fetch"""
    origin.reply("/a.png", Reply(status=304))
    for caption in ("c", "d", "d"):
        row(times, run_workers, first | {"metadata": {"caption": caption}})
    assert [request.headers.get("if-none-match") for request in origin.requests][1:] == ['"one"'] * 3


def test_changed_bytes_update_the_same_entry(
    times: Caller, origin: Origin, run_workers: Run, first: dict[str, Any]
) -> None:
    """IMG-27, IMG-29"""
    before = MediaEntry.objects.get()
    origin.reply("/a.png", Reply(images.png(images.picture(20, 5)), etag='"two"'))
    got = row(times, run_workers, first)
    after = MediaEntry.objects.get()
    assert (got["status"], got["image"]["mediaId"]) == ("success", before.media_id)
    assert (got["image"]["width"], got["image"]["height"]) == (20, 5)
    assert (after.version, after.media_id) == (2, before.media_id)
    assert after.updated_at > before.updated_at
    assert after.created_at == before.created_at
    assert FormerAsset.objects.get().asset_key == before.asset_key
    old = b"".join(assets().read(before.asset_key, 0, before.asset["size"]))
    assert old == images.png(images.picture(10, 10)), "the old file is history, not gone"


def test_changed_metadata_update_the_same_entry_without_a_second_file(
    times: Caller, run_workers: Run, first: dict[str, Any], tmp_path: Path
) -> None:
    """IMG-28, IMG-29"""
    got = row(times, run_workers, first | {"metadata": {"source": "agency"}})
    entry = MediaEntry.objects.get()
    assert (got["status"], got["image"]["mediaId"]) == ("success", entry.media_id)
    assert entry.metadata == {"source": "agency", "title": first["fileName"]}, "metadata are replaced as a whole"
    assert entry.version == 2
    assert len(stored_files(tmp_path)) == 1


def test_a_changed_file_name_is_a_change(times: Caller, run_workers: Run, first: dict[str, Any]) -> None:
    assert row(times, run_workers, first | {"fileName": "another"})["status"] == "success"
    entry = MediaEntry.objects.get()
    assert (entry.title, entry.version, entry.asset["filename"]) == ("another", 2, "another.png")


def test_the_same_id_under_another_system_is_another_image(
    times: Caller, run_workers: Run, first: dict[str, Any]
) -> None:
    """IMG-31"""
    assert row(times, run_workers, first, systemName="elsewhere")["status"] == "success"
    assert MediaEntry.objects.count() == 2


def test_the_same_id_may_exist_in_two_projects(
    times: Caller, herald: Caller, run_workers: Run, first: dict[str, Any]
) -> None:
    """AUTH-15"""
    got = row(herald, run_workers, first)
    assert got["status"] == "success"
    assert times.get(f"mediaLibrary/{got['image']['mediaId']}").status_code == 404
    assert MediaEntry.objects.count() == 2


@pytest.mark.parametrize(("field", "word"), [("archived", "archived"), ("revoked", "revoked")])
def test_an_archived_or_revoked_entry_fails_with_a_clear_reason(
    times: Caller, run_workers: Run, first: dict[str, Any], field: str, word: str, tmp_path: Path, origin: Origin
) -> None:
    """IMG-40; the file that was fetched in vain is discarded."""
    MediaEntry.objects.update(**{field: True})
    origin.reply("/a.png", Reply(images.png(images.picture(30, 30))))
    got = row(times, run_workers, first)
    assert (got["status"], got["reason"]) == (
        "failed", f'Media with externalId "{first["id"]}" from system "archive" has been {word}.',
    )  # fmt: skip
    assert "image" not in got
    Discard.objects.update(due_at=MediaEntry.objects.get().created_at)
    storage_cleanup.sweep()
    assert len(stored_files(tmp_path)) == 1


def test_the_media_type_of_an_entry_cannot_be_changed(db: None, origin: Origin, run_workers: Run) -> None:
    graphic = {"handle": "infographic", "type": "mediaImage", "metadata": []}
    caller = Caller(make_project("graphics", CONFIG | {"mediaTypes": [*CONFIG["mediaTypes"], graphic]}))
    item = image_item(origin.reply("/a", Reply(images.png(images.picture(1, 1)))))
    row(caller, run_workers, item)
    got = row(caller, run_workers, item | {"mediaType": "infographic", "metadata": {}})
    assert (got["status"], got["reason"]) == ("failed", "mediaType cannot be changed")


# --- In company ------------------------------------------------------------------------------------------------------


def test_a_mixed_batch_has_its_rows_in_request_order(
    times: Caller, origin: Origin, run_workers: Run, first: dict[str, Any]
) -> None:
    """IMG-33, JOB-08, JOB-21, JOB-06"""
    good = image_item(origin.reply("/good.png", Reply(images.png(images.picture(3, 3)))))
    bad = image_item(origin.url("/bad.png"))
    job = times.import_images(bad, first, good)
    run_workers()
    status = times.status(job)
    assert (status["finished"], status["state"]) == (True, "success")
    assert [row["status"] for row in status["images"]] == ["failed", "skipped", "success"]
    assert [row["externalId"] for row in status["images"]] == [bad["id"], first["id"], good["id"]]


def test_the_same_id_twice_in_a_batch_is_processed_in_request_order(
    times: Caller, origin: Origin, run_workers: Run
) -> None:
    """Rulings: same id twice in one batch"""
    one = image_item(origin.reply("/1.png", Reply(images.png(images.picture(1, 1)))), id="twin")
    two = image_item(origin.reply("/2.png", Reply(images.png(images.picture(2, 2)))), id="twin")
    job = times.import_images(one, two, two, one)
    run_workers()
    assert [row["status"] for row in times.status(job)["images"]] == ["success", "success", "skipped", "success"]
    entry = MediaEntry.objects.get()
    assert (entry.version, entry.asset["width"]) == (3, 1)


def test_a_batch_larger_than_a_chunk_is_done_completely(
    times: Caller, settings: Any, origin: Origin, run_workers: Run
) -> None:
    settings.IMPORT_CHUNK = 7
    url = origin.reply("/a.png", Reply(images.png(images.picture(1, 1))))
    job = times.import_images(*[image_item(url) for _ in range(30)])
    run_workers()
    assert [row["status"] for row in times.status(job)["images"]] == ["success"] * 30
    assert MediaEntry.objects.count() == 30


def test_a_file_over_the_limit_fails(times: Caller, settings: Any, origin: Origin, run_workers: Run) -> None:
    """IMG-37"""
    settings.IMAGE_MAX_BYTES = 1000
    got = row(times, run_workers, image_item(origin.reply("/a", Reply(b"x" * 1001))))
    assert (got["reason"], got["error_details"]["message"]) == ("Could not upload image", "larger than 1000 bytes")


def test_an_image_with_too_many_pixels_fails(times: Caller, settings: Any, origin: Origin, run_workers: Run) -> None:
    """IMG-38"""
    settings.IMAGE_MAX_PIXELS = 1_000_000
    got = row(times, run_workers, image_item(origin.reply("/a", Reply(images.png(images.picture(1001, 1000))))))
    assert (got["reason"], got["error_details"]["message"]) == ("Could not upload image", "more than 1 megapixels")


def test_captions_inside_the_file_fill_what_was_not_sent(db: None, origin: Origin, run_workers: Run) -> None:
    """IMG-39: explicit metadata first, then the file, then the file name."""
    mappings = [
        {"field": "Caption-Abstract", "metadataPropertyName": "caption"},
        {"field": "Credit", "metadataPropertyName": "source"},
    ]
    types = [
        t | ({"exifExtraction": {"mappings": mappings}} if t["handle"] == "image" else {}) for t in CONFIG["mediaTypes"]
    ]
    caller = Caller(make_project("captions", CONFIG | {"mediaTypes": types}))
    data = images.jpeg(iim=images.captions({120: "From the file", 110: "Agency"}))
    row(caller, run_workers, image_item(origin.reply("/a", Reply(data)), fileName="f", metadata={"source": "Sent"}))
    assert MediaEntry.objects.get().metadata == {"caption": "From the file", "source": "Sent", "title": "f"}
