"""Smaller, lighter renditions: chosen by parameters and Accept, made once, kept, and never a reason for an error."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from PIL import Image

from media_library.delivery import rendition_cache
from media_library.models import MediaEntry
from media_library.storage import assets
from tests import images
from tests.api_client import Caller
from tests.media_library.stored_entries import fetch, imported, put, url_of
from tests.s3 import Bucket

PHOTO = images.jpeg(images.picture(640, 427))
HOSTILE = Path("tests/data/hostile")
CHROME = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
FIREFOX_3 = "image/png,image/*;q=0.8,*/*;q=0.5"


@pytest.fixture
def photo(times: Caller) -> MediaEntry:
    return imported(times.project, PHOTO)


def picture(answer: Any) -> Image.Image:
    assert answer.status_code == 200, answer.content
    content = answer.getvalue()
    assert len(content) == int(answer["Content-Length"])
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


@pytest.mark.parametrize(
    ("accept", "mime_type", "kind"),
    [
        (CHROME, "image/avif", "AVIF"),
        ("image/webp,*/*", "image/webp", "WEBP"),
        (FIREFOX_3, "image/jpeg", "JPEG"),
        ("", "image/jpeg", "JPEG"),
    ],
)
@pytest.mark.parametrize("form", ["&format=auto", "?format=auto", "&auto=format"])
def test_the_format_is_chosen_by_what_the_browser_accepts(
    photo: MediaEntry, accept: str, mime_type: str, kind: str, form: str
) -> None:
    """Q-14"""
    answer = fetch(url_of(photo), form, Accept=accept)
    assert answer["Content-Type"] == mime_type
    assert answer["Vary"] == "Accept"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert picture(answer).format == kind


def test_the_original_does_not_vary_and_is_untouched(photo: MediaEntry) -> None:
    answer = fetch(url_of(photo), Accept=CHROME)
    assert answer.getvalue() == PHOTO
    assert "Vary" not in answer


@pytest.mark.parametrize(
    ("query", "size"),
    [("w=320", (320, 213)), ("h=128", (192, 128)), ("w=300&h=300", (320, 213)), ("w=128&h=128&fit=crop", (128, 128))],
)
def test_sizes_are_made_to_measure(photo: MediaEntry, query: str, size: tuple[int, int]) -> None:
    assert Image.open(io.BytesIO(PHOTO)).size == (640, 427)
    image = picture(fetch(url_of(photo), f"&{query}"))
    assert abs(image.size[0] - size[0]) <= 1
    assert abs(image.size[1] - size[1]) <= 1


@pytest.mark.parametrize("query", ["w=0", "w=x", "w=99999999", "h=-1", "q=101", "fit=stretch", "format=exe", "w="])
def test_parameters_out_of_reach_are_refused_by_name(photo: MediaEntry, query: str) -> None:
    answer = fetch(url_of(photo), f"&{query}")
    assert answer.status_code == 400
    assert list(answer.json()["error_details"]) == [query.split("=")[0]]
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("store", ["folder", "s3"])
def test_a_rendition_is_made_once_and_kept_beside_the_original(
    photo: MediaEntry, store: str, request: pytest.FixtureRequest, times: Caller
) -> None:
    if store == "s3":
        bucket: Bucket = request.getfixturevalue("s3")
        photo = imported(times.project, PHOTO)
    first = fetch(url_of(photo), "&w=64&format=auto", Accept=CHROME)
    content = first.getvalue()
    kept = rendition_cache.keys_of(photo.asset_key)
    assert kept == [f"v/{photo.asset_key}/w64-max-q75-avif"]
    if store == "s3":
        assert bucket.content(kept[0]) == content
        assert bucket.client.head_object(Bucket=bucket.name, Key=f"press/{kept[0]}")["ContentType"] == "image/avif"
    again = fetch(url_of(photo), "&w=50&format=auto", Accept=CHROME)
    assert again["ETag"] == first["ETag"]
    assert again["Last-Modified"] == first["Last-Modified"]
    assert again.getvalue() == content
    assert fetch(url_of(photo), "&w=64&format=auto", Accept=CHROME, If_None_Match=first["ETag"]).status_code == 304
    assert fetch(url_of(photo), "&w=64&format=auto", Accept=CHROME, Range="bytes=1-3").getvalue() == content[1:4]


def test_formats_have_etags_of_their_own(photo: MediaEntry) -> None:
    """A cache that ignores Vary must not mix up formats."""
    tags = {fetch(url_of(photo), "&format=auto", Accept=accept)["ETag"] for accept in (CHROME, "image/webp", "")}
    assert len(tags) == 3


def test_two_first_requests_at_once_both_get_the_picture(transactional_db: None, photo: MediaEntry) -> None:
    barrier = threading.Barrier(2)

    def ask(_: int) -> bytes:
        barrier.wait()
        try:
            return bytes(fetch(url_of(photo), "&w=128&format=webp").getvalue())
        finally:
            connection.close()  # the thread's own

    with ThreadPoolExecutor(2) as pool:
        contents = set(pool.map(ask, range(2)))
    assert len(contents) == 1
    assert len(rendition_cache.keys_of(photo.asset_key)) == 1


def test_a_crowd_gets_the_original_instead_of_a_place_in_a_long_queue(photo: MediaEntry) -> None:
    """FLT-18: waiting requests would use up the server's threads."""
    with rendition_cache.queue.waiting_place():
        answer = fetch(url_of(photo), "&w=64")
        assert answer.getvalue() == PHOTO
        assert answer["Cache-Control"] == "public, max-age=30"
        assert rendition_cache.keys_of(photo.asset_key) == []
    assert picture(fetch(url_of(photo), "&w=64")).width == 64


def test_an_animation_is_served_as_it_is_and_tried_only_once(times: Caller) -> None:
    content = (HOSTILE / "ok_animated.gif").read_bytes()
    entry = imported(times.project, content, "image/gif")
    for _ in range(2):
        answer = fetch(url_of(entry), "&w=64&format=auto", Accept=CHROME)
        assert (answer.getvalue(), answer["Content-Type"]) == (content, "image/gif")
        assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    (kept,) = rendition_cache.keys_of(entry.asset_key)
    assert assets().stat(kept).size == 0


@pytest.mark.parametrize("name", ["png_bomb_400mp.png", "jpg_header_only.jpg", "html_error_page.jpg"])
@pytest.mark.parametrize("query", ["format=auto", "w=64"])
def test_what_cannot_be_decoded_is_served_as_it_is_and_tried_only_once(times: Caller, name: str, query: str) -> None:
    content = (HOSTILE / name).read_bytes()
    entry = imported(times.project, content, "image/png" if name.endswith("png") else "image/jpeg")
    for _ in range(2):
        assert fetch(url_of(entry), f"&{query}", Accept="image/webp").getvalue() == content
    (kept,) = rendition_cache.keys_of(entry.asset_key)
    assert assets().stat(kept).size == 0


def test_an_svg_and_a_video_ignore_sizes(times: Caller) -> None:
    for content, mime_type in ((b"<svg/>", "image/svg+xml"), (b"video", "video/mp4"), (b"RIFF", "image/webp")):
        entry = imported(times.project, content, mime_type)
        answer = fetch(url_of(entry), "&w=64&format=auto", Accept=CHROME)
        assert (answer.getvalue(), answer["Content-Type"]) == (content, mime_type)


def test_a_still_gif_becomes_a_png_where_a_size_is_asked_for(times: Caller) -> None:
    entry = imported(times.project, (HOSTILE / "ok_static.gif").read_bytes(), "image/gif")
    answer = fetch(url_of(entry), "&w=64")
    assert answer["Content-Type"] == "image/png"
    assert picture(answer).format == "PNG"


def test_files_over_the_limit_are_not_rendered(photo: MediaEntry, settings: Any) -> None:
    settings.IMAGE_MAX_BYTES = len(PHOTO) - 1
    assert fetch(url_of(photo), "&w=64").getvalue() == PHOTO
    assert rendition_cache.keys_of(photo.asset_key) == []


def test_clients_cannot_fill_the_storage_with_sizes(photo: MediaEntry) -> None:
    for number in range(rendition_cache.MAX_RENDITIONS - 1):
        put(b"rendition", f"v/{photo.asset_key}/w64-h{number + 1}-crop-q75-webp")
    widths = [picture(fetch(url_of(photo), f"&w={width}")).width for width in (64, 128, 200)]
    assert widths == [64, 128, 200]
    assert len(rendition_cache.keys_of(photo.asset_key)) == rendition_cache.MAX_RENDITIONS
    answer = fetch(url_of(photo), "&w=200", Range="bytes=0-1")
    assert (answer.status_code, answer.getvalue()) == (206, b"\xff\xd8")


def test_a_rendition_that_cannot_be_kept_is_served_all_the_same(photo: MediaEntry, tmp_path: Path) -> None:
    """FLT-16: the disk is full or the folder read-only."""
    (tmp_path / "assets" / "v").write_text("a file where the folder should be")
    assert picture(fetch(url_of(photo), "&w=64")).width == 64


def test_an_image_withdrawn_while_its_rendition_is_made_leaves_none_behind(photo: MediaEntry) -> None:
    """PAT-11: the deletion of the image has already listed its renditions."""
    file = rendition_cache.deliverable(photo.project_id, photo.asset_key)
    MediaEntry.objects.update(revoked=True)
    with pytest.raises(rendition_cache.errors.AssetRevoked):
        rendition_cache.rendition(file, rendition_cache.Variant(width=64))
    assert rendition_cache.keys_of(photo.asset_key) == []


def test_forgetting_an_image_deletes_its_renditions_and_no_others(times: Caller, photo: MediaEntry) -> None:
    other = imported(times.project, images.png())
    for entry in (photo, other):
        fetch(url_of(entry), "&w=64")
    rendition_cache.forget(photo.asset_key)
    assert rendition_cache.keys_of(photo.asset_key) == []
    assert len(rendition_cache.keys_of(other.asset_key)) == 1
    rendition_cache.forget(photo.asset_key)


def test_no_temporary_files_are_left(photo: MediaEntry, tmp_path: Path) -> None:
    """FLT-25"""
    for query in ("&w=64", "&format=webp", "&w=64&h=64&fit=crop"):
        fetch(url_of(photo), query)
    assert list((tmp_path / "tmp").iterdir()) == []
