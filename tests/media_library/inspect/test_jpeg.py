"""JPEG files: orientation, odd but usable ones, unusable ones, and what reading them costs."""

import struct
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from media_library.inspect.image import AssetFacts, AssetLimits, NotAnImage, probe_image
from tests import images

ORIENTATION = 0x0112
ROCKET = (Path(__file__).parents[3] / "demo" / "photos" / "rocket.jpg").read_bytes()


SMALL = images.jpeg()
NOT_SHOWN = "JPEG of a kind that browsers do not show (lossless, hierarchical or arithmetic)"


class CountingFile(BytesIO):
    """Notes how many bytes were read of it."""

    total = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.total += len(data)
        return data


def facts(data: bytes) -> AssetFacts:
    return probe_image(BytesIO(data), limits=AssetLimits())


def refusal(data: bytes) -> str:
    with pytest.raises(NotAnImage) as raised:
        facts(data)
    return raised.value.detail


@pytest.mark.parametrize("orientation", [*range(1, 9), 0, 9, 99])
def test_the_size_is_that_of_the_image_as_it_is_shown(orientation: int) -> None:
    """IMG-26: a phone held upright writes a lying image and a note to turn it."""
    data = images.jpeg(images.picture(64, 48), exif={ORIENTATION: orientation})
    with Image.open(BytesIO(data)) as decoded:
        shown = ImageOps.exif_transpose(decoded).size
    found = facts(data)
    assert (found.width, found.height) == shown


@pytest.mark.parametrize("order", ["<", ">"])
def test_both_byte_orders_of_exif_are_read(order: str) -> None:
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8)
    block = head + struct.pack(order + "HHHIHHI", 1, ORIENTATION, 3, 1, 6, 0, 0)
    data = images.with_segment(images.jpeg(images.picture(64, 48)), 0xE1, b"Exif\0\0" + block)
    assert (facts(data).width, facts(data).height) == (48, 64)


def test_reading_does_not_cost_more_for_a_larger_file() -> None:
    large = images.jpeg(images.picture(3000, 2000).effect_spread(40), quality=98)
    file = CountingFile(large)
    probe_image(file, limits=AssetLimits())
    assert len(large) > 1 << 20
    assert file.total < 8 << 10


@pytest.mark.parametrize(
    "trailer",
    [b"\0" * 40, b"\r\n", b"\0\0\0\x1cftypmp42" + bytes(range(256)) * 2_000, b"<script>alert(1)</script>"],
    ids=["zeros", "line end", "film", "script"],
)
def test_bytes_behind_the_end_do_no_harm(trailer: bytes) -> None:
    """Phones append films, cameras pad."""
    for data in (ROCKET, images.jpeg(progressive=True), images.jpeg(restart_marker_blocks=1)):
        assert facts(data + trailer) == facts(data)
        assert refusal(data[:-2] + trailer).startswith("cut short")


def test_stray_bytes_between_segments_are_skipped() -> None:
    behind_the_first = 4 + ROCKET[5]
    assert facts(ROCKET[:behind_the_first] + b"\0\0\xff\xff\xff" + ROCKET[behind_the_first:]) == facts(ROCKET)


def test_a_second_exif_block_changes_nothing() -> None:
    turned = images.jpeg(images.picture(64, 48), exif={ORIENTATION: 6})
    again = images.with_segment(
        turned, 0xE1, b"Exif\0\0" + images.exif_block({ORIENTATION: 1}).removeprefix(b"Exif\0\0")
    )
    assert (facts(again).width, facts(again).height) == (64, 48), "the first one counts"


def patched(data: bytes, marker: int, offset: int, new: bytes) -> bytes:
    """The JPEG with bytes changed behind a marker."""
    at = data.index(bytes([0xFF, marker])) + 2 + offset
    return data[:at] + new + data[at + len(new) :]


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (patched(ROCKET, 0xC0, 2, b"\x0c"), "JPEG with 12 bits per sample; browsers show 8"),
        (patched(ROCKET, 0xC0, -1, b"\xc3"), NOT_SHOWN),
        (patched(ROCKET, 0xC0, 3, b"\0\0"), "damaged: the image claims to be 640 x 0 pixels"),
        (patched(SMALL, 0xC0, 3, b"\x1f\xff\x10\x00"), "cut short: too few bytes for 4096 x 8191 pixels"),
        (patched(ROCKET, 0xC0, 7, b"\x02"), "damaged: a JPEG with 2 colour components"),
        (patched(ROCKET, 0xC0, 9, b"\x0f"), "damaged: impossible sampling factors"),
        (patched(ROCKET, 0xC0, 0, b"\0\1"), "damaged: a segment without a length"),
        (ROCKET[:2] + b"\xff\xd9", "damaged: no image data"),
        (ROCKET[:2] + ROCKET, "damaged: a marker in the wrong place"),
        (ROCKET[:2] + ROCKET[ROCKET.index(b"\xff\xda") :], "damaged: image data without their headers"),
    ],
)
def test_what_no_browser_shows_is_refused(data: bytes, detail: str) -> None:
    assert refusal(data) == detail
