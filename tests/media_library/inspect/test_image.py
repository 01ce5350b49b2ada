"""The type and size of a file, by its bytes alone."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from media_library.inspect.image import AssetFacts, AssetLimits, NotAnImage, probe_image
from tests import images

PHOTOS = Path(__file__).parents[3] / "demo" / "photos"


def facts(data: bytes, **limits: int) -> AssetFacts:
    return probe_image(BytesIO(data), limits=AssetLimits(**limits))


def refusal(data: bytes, **limits: int) -> str:
    with pytest.raises(NotAnImage) as raised:
        facts(data, **limits)
    return raised.value.detail


def test_a_png() -> None:
    """IMG-12, IMG-26"""
    assert facts(images.png(images.picture(33, 7))) == AssetFacts("image/png", "png", 33, 7)


def test_a_jpeg() -> None:
    """IMG-13, IMG-26"""
    assert facts(images.jpeg(images.picture(37, 19))) == AssetFacts("image/jpeg", "jpeg", 37, 19)


def test_a_gif_with_its_frames() -> None:
    """IMG-14, IMG-26"""
    assert facts(images.gif(1)) == AssetFacts("image/gif", "gif", 32, 24, frames=1)
    assert facts(images.gif(5)) == AssetFacts("image/gif", "gif", 32, 24, frames=5)


def test_an_svg() -> None:
    """IMG-15"""
    assert facts(images.svg()) == AssetFacts("image/svg+xml", "svg", 120, 80)


@pytest.mark.parametrize("photo", sorted(PHOTOS.glob("*.[jp][pn]g")), ids=lambda path: path.name)
def test_real_photographs_have_the_size_that_a_decoder_sees(photo: Path) -> None:
    """IMG-26"""
    with photo.open("rb") as file, Image.open(photo) as decoded:
        found = probe_image(file, limits=AssetLimits())
        assert (found.width, found.height) == decoded.size
        assert found.mime_type == decoded.get_format_mimetype()


def test_the_type_is_detected_at_any_position_of_a_file_object(tmp_path: Path) -> None:
    """IMG-17: no name, no Content-Type; the fetch leaves the file at its end."""
    with (tmp_path / "download").open("wb+") as file:
        file.write(images.png())
        assert probe_image(file, limits=AssetLimits()).mime_type == "image/png"


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (b"", "the file is empty"),
        (b" \r\n\t ", "not an image: the file holds nothing but white space"),
        (b"<!DOCTYPE html><title>404</title>", "not an image: text/html"),
        (b"\xef\xbb\xbf\n<HTML lang=en>", "not an image: text/html"),
        (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', "not an image: text/html"),
        (b'<?xml version="1.0"?><rss version="2.0"/>', "not an image: application/xml"),
        (b"<<<<", "not an image: text that is no well-formed XML"),
        (b'{"error": "not found"}', "not an image: application/json"),
        (b"Not Found", "not an image: text/plain"),
        ("Nicht gefunden: später".encode(), "not an image: text/plain"),
        (b"%PDF-1.7\n", "not an image: application/pdf"),
        (b"PK\x03\x04\x14\0", "not an image: application/zip"),
        (b"\0\0\0\x18ftypisom\0\0\0\0", "not an image: video/mp4"),
        (b"\x80\x81\x82", "not an image: application/octet-stream"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "image type not accepted: image/webp"),
        (b"\0\0\0\x1cftypavif\0\0\0\0", "image type not accepted: image/avif"),
        (b"\0\0\0\x1cftypheic\0\0\0\0", "image type not accepted: image/heic"),
        (b"II*\0\x08\0\0\0", "image type not accepted: image/tiff"),
        (b"BM\x36\0\0\0", "image type not accepted: image/bmp"),
    ],
)
def test_other_content_is_named(data: bytes, detail: str) -> None:
    """IMG-16"""
    assert refusal(data) == detail


@pytest.mark.parametrize(
    "data",
    [images.png(), images.jpeg(), images.gif()],
    ids=["png", "jpeg", "gif"],
)
def test_more_pixels_than_allowed(data: bytes) -> None:
    """IMG-38"""
    found = facts(data)
    assert facts(data, max_pixels=found.width * found.height)
    assert refusal(data, max_pixels=found.width * found.height - 1).startswith("more than 0.00")


def test_the_limits_are_announced_in_the_words_of_the_settings() -> None:
    """IMG-38"""
    assert refusal(images.gif(), max_pixels=500) == "more than 0.0005 megapixels"
    assert refusal(images.png_of(width=10_000, height=10_000)) == "more than 50 megapixels"
    assert refusal(images.gif(4), max_frames=3) == "more than 3 frames"
    assert refusal(images.animated_png(4), max_frames=3) == "more than 3 frames"


def test_as_many_frames_as_allowed() -> None:
    assert facts(images.gif(3), max_frames=3).frames == 3
    assert facts(images.animated_png(3), max_frames=3).frames == 3


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (b"", "empty-file"),
        (b"Not Found", "not-an-image"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "type-not-accepted"),
        (images.svg(before="<!DOCTYPE svg [<!ENTITY e 'x'>]>"), "type-not-accepted"),
        (images.jpeg()[:-20], "damaged-image"),
        (images.png()[:50], "damaged-image"),
        (images.gif(3), "over-limits"),
        (images.png(images.picture(400, 300)), "over-limits"),
    ],
)
def test_a_refusal_says_its_cause(data: bytes, cause: str) -> None:
    """docs/specification/causes.md"""
    with pytest.raises(NotAnImage) as raised:
        facts(data, max_pixels=100_000, max_frames=2)
    assert raised.value.cause == cause
