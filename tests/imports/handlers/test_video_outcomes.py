"""The outcomes of a video: created, updated, skipped, failed; each with its status row."""

from collections.abc import Callable
from typing import Any

import pytest

from livingdocs_import.egress.download import BUFFER
from media_library.models import FormerAsset, MediaEntry, MediaReference
from media_library.storage import assets
from tests import images, videos
from tests.api_client import CONFIG, Caller, image_item, make_project
from tests.origin import Origin, Reply

Run = Callable[[], None]
FILM = Reply(videos.mp4(), content_type="text/html", etag='"film"')


def row(caller: Caller, run: Run, item: dict[str, Any], version: str | None = None) -> dict[str, Any]:
    """Import one video and give back its row of the status answer."""
    job = caller.import_media("videos", item, version=version)
    run()
    (only,) = caller.status(job, "videos", version)["videos"]
    return dict(only)


def test_a_new_pair_creates_an_entry(times: Caller, origin: Origin, run_workers: Run) -> None:
    """VID-01, VID-05, VID-07"""
    item = image_item(origin.reply("/clip", FILM), id="clip-7", fileName="Snow in May", metadata={"credit": "LC"})
    got = row(times, run_workers, item)
    video = got.pop("video")
    assert (got.pop("status"), got.pop("state")) == ("success", "success")
    assert got == {"systemName": "archive", "externalId": "clip-7", "title": "Snow in May"}
    assert set(video) == {"mediaId", "originalUrl", "mimeType"}
    entry = times.get(f"mediaLibrary/{video['mediaId']}").json()
    asset = entry["asset"]
    assert (entry["mediaType"], entry["metadata"]) == ("video", {"title": "Snow in May", "credit": "LC"})
    assert (asset["width"], asset["height"], asset["duration"], asset["size"]) == (640, 360, 2.5, len(FILM.body))
    assert (asset["filename"], asset["mimeType"]) == ("Snow in May.mp4", "video/mp4")
    assert asset["key"].startswith("videos/20")
    assert asset["key"].endswith(".mp4")
    assert b"".join(assets().read(asset["key"], 0, asset["size"])) == FILM.body


@pytest.mark.parametrize(("version", "state"), [("v1", "success"), ("beta", "success"), ("2025-03", "imported")])
def test_rows_have_both_spellings_in_every_version(
    times: Caller, origin: Origin, run_workers: Run, version: str, state: str
) -> None:
    """VID-01"""
    got = row(times, run_workers, image_item(origin.reply("/clip", FILM)), version)
    assert (got["status"], got["state"]) == ("success", state)
    again = row(times, run_workers, image_item(origin.url("/gone")), version)
    assert (again["status"], again["state"]) == ("failed", "failed")


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (b"<!doctype html><title>Sorry</title>", "not a video: text/html"),
        (images.png(), "not a video: image/png"),
        (videos.webm(kinds=[2]), "not a video: audio/webm"),
        (b"", "the file is empty"),
    ],
)
def test_what_is_no_video_fails_whatever_the_origin_calls_it(
    times: Caller, origin: Origin, run_workers: Run, data: bytes, detail: str
) -> None:
    """VID-02, VID-09"""
    url = origin.reply("/clip.mp4", Reply(data, content_type="video/mp4"))
    got = row(times, run_workers, image_item(url, id="e", fileName="f"))
    assert got.pop("error_details") == {"message": detail, "cause": "not-a-video" if data else "empty-file"}
    assert got == {
        "status": "failed", "state": "failed", "reason": "Could not upload video",
        "systemName": "archive", "externalId": "e", "title": "f",
    }  # fmt: skip


def test_a_video_whose_headers_say_nothing_is_kept_and_the_row_says_so(
    times: Caller, origin: Origin, run_workers: Run
) -> None:
    """VID-07"""
    item = image_item(origin.reply("/clip", Reply(videos.AVI, etag='"avi"')))
    warnings = ["the file does not say its width and height", "the file does not say its duration"]
    for status in ("success", "skipped"):
        got = row(times, run_workers, item)
        assert (got["status"], got["details"]) == (status, {"warnings": warnings})
        assert "error_details" not in got
    asset = MediaEntry.objects.get().asset
    assert asset.keys() == {"key", "size", "filename", "mimeType"}


@pytest.mark.parametrize("seconds", [0, 10 * 365 * 24 * 3600 // 250])
def test_a_duration_of_nothing_or_of_years_is_left_out(
    times: Caller, origin: Origin, run_workers: Run, seconds: int
) -> None:
    """VID-07"""
    data = videos.ftyp() + videos.box(b"moov", videos.mvhd(seconds * 250, 1), videos.trak())
    got = row(times, run_workers, image_item(origin.reply("/clip", Reply(data))))
    asset = MediaEntry.objects.get().asset
    assert (asset["width"], asset["height"], "duration" in asset) == (640, 360, False)
    assert len(got["details"]["warnings"]) == 1


def test_a_video_over_the_limit_fails_and_takes_no_neighbour_along(
    times: Caller, settings: Any, origin: Origin, run_workers: Run
) -> None:
    """VID-08"""
    settings.VIDEO_MAX_BYTES = 5_000
    large = Reply(videos.mp4() + bytes(5_000))
    items = [image_item(origin.reply("/large", large)), image_item(origin.reply("/clip", FILM))]
    job = times.import_media("videos", *items)
    run_workers()
    failed, fine = times.status(job, "videos")["videos"]
    assert (failed["reason"], failed["error_details"]["message"]) == (
        "Could not upload video",
        "larger than 5000 bytes",
    )
    assert fine["status"] == "success"


def test_the_limit_is_100_megabytes_unless_an_operator_says_otherwise(settings: Any) -> None:
    """VID-08"""
    assert settings.VIDEO_MAX_BYTES == settings.FILE_MAX_BYTES == 100 * 1024 * 1024


def test_a_video_over_a_slow_line_is_waited_for(times: Caller, settings: Any, origin: Origin, run_workers: Run) -> None:
    settings.FETCH_TOTAL_SECONDS, settings.VIDEO_MIN_BYTES_PER_SECOND = 0.2, 100_000
    slow = Reply(videos.mp4() + videos.box(b"free", bytes(3 * BUFFER)), piece=BUFFER // 2, pause=0.1)
    assert row(times, run_workers, image_item(origin.reply("/clip", slow)))["status"] == "success"


# --- Media types and metadata ----------------------------------------------------------------------------------------


def test_an_item_without_media_type_gets_the_configured_default(db: None, origin: Origin, run_workers: Run) -> None:
    """VID-03"""
    reel = {"handle": "reel", "type": "mediaVideo", "metadata": []}
    config = CONFIG | {
        "mediaTypes": [*CONFIG["mediaTypes"], reel],
        "settings": CONFIG["settings"] | {"defaultMediaTypes": {"mediaVideo": "reel"}},
    }
    caller = Caller(make_project("reels", config))
    assert row(caller, run_workers, image_item(origin.reply("/clip", FILM)))["status"] == "success"
    assert MediaEntry.objects.get().media_type == "reel"


def test_without_a_configured_default_it_is_video(db: None, origin: Origin, run_workers: Run) -> None:
    """VID-03"""
    settings = {name: value for name, value in CONFIG["settings"].items() if name != "defaultMediaTypes"}
    caller = Caller(make_project("plain", CONFIG | {"settings": settings}))
    assert row(caller, run_workers, image_item(origin.reply("/clip", FILM)))["status"] == "success"
    assert MediaEntry.objects.get().media_type == "video"


@pytest.mark.parametrize("handle", ["image", "file", "nothing"])
def test_a_media_type_that_is_not_for_videos_fails_the_item(times: Caller, run_workers: Run, handle: str) -> None:
    got = row(times, run_workers, image_item("https://example.com/a", mediaType=handle))
    assert (got["status"], got["reason"]) == ("failed", f'Unknown mediaType: "{handle}"')


def test_a_poster_is_stored_and_is_a_reference(times: Caller, origin: Origin, run_workers: Run) -> None:
    """VID-11"""
    job = times.import_images(image_item(origin.reply("/poster.png", Reply(images.png()))))
    run_workers()
    poster = times.status(job)["images"][0]["image"]
    metadata = {"posterImage": poster}
    got = row(times, run_workers, image_item(origin.reply("/clip", FILM), metadata=metadata))
    entry = MediaEntry.objects.get(media_id=got["video"]["mediaId"])
    assert entry.metadata["posterImage"]["mediaId"] == poster["mediaId"]
    reference = MediaReference.objects.get(entry=entry)
    assert (reference.property_name, reference.target_id) == ("posterImage", poster["mediaId"])


# --- Again -----------------------------------------------------------------------------------------------------------


def test_an_identical_video_is_skipped_with_its_video_and_costs_headers_only(
    times: Caller, origin: Origin, run_workers: Run
) -> None:
    """VID-06"""
    item = image_item(origin.reply("/clip", FILM))
    first = row(times, run_workers, item)
    again = row(times, run_workers, item)
    assert (again["status"], again["reason"], again["video"]) == ("skipped", "already exists", first["video"])
    assert origin.asked("/clip")[-1].headers["if-none-match"] == '"film"'
    assert MediaEntry.objects.get().version == 1


def test_other_bytes_update_the_same_entry(times: Caller, origin: Origin, run_workers: Run) -> None:
    """VID-06"""
    item = image_item(origin.reply("/clip", FILM))
    first = row(times, run_workers, item)
    before = MediaEntry.objects.get()
    origin.reply("/clip", Reply(videos.webm(size=(1920, 1080)), etag='"other"'))
    again = row(times, run_workers, item)
    entry = MediaEntry.objects.get()
    assert (again["status"], again["video"]["mediaId"]) == ("success", first["video"]["mediaId"])
    assert (entry.version, entry.asset["width"], entry.asset["mimeType"]) == (2, 1920, "video/webm")
    assert entry.asset_key.endswith(".webm")
    assert FormerAsset.objects.get().asset_key == before.asset_key


def test_a_pair_that_is_an_image_does_not_become_a_video(times: Caller, origin: Origin, run_workers: Run) -> None:
    picture = image_item(origin.reply("/a.png", Reply(images.png())), id="same")
    times.import_images(picture)
    run_workers()
    got = row(times, run_workers, image_item(origin.reply("/clip", FILM), id="same"))
    assert (got["status"], got["reason"]) == (
        "failed",
        "externalId is already used by a media library entry of another type",
    )
