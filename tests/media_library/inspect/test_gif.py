"""GIF files: frames, colour tables, extensions, damage."""

import struct
from io import BytesIO
from pathlib import Path

import pytest

from media_library.inspect.image import AssetFacts, AssetLimits, NotAnImage, probe_image

SCREEN = struct.pack("<6sHHBBB", b"GIF89a", 10, 8, 0, 0, 0)
DATA = b"\2" + b"\2\x44\1" + b"\0"  # code size, one block, the end of blocks
TRAILER = b";"


def frame(left: int = 0, top: int = 0, width: int = 10, height: int = 8, colours: int = 0) -> bytes:
    flags = 0x80 | (colours - 1) if colours else 0
    return struct.pack("<BHHHHB", 0x2C, left, top, width, height, flags) + bytes(3 << colours if colours else 0)


def facts(data: bytes) -> AssetFacts:
    return probe_image(BytesIO(data), limits=AssetLimits())


def refusal(data: bytes) -> str:
    with pytest.raises(NotAnImage) as raised:
        facts(data)
    return raised.value.detail


def test_frames_with_their_own_colours_and_extensions_between() -> None:
    """IMG-14"""
    comment, application = b"!\xfe\5hello\0", b"!\xff\x0bNETSCAPE2.0\3\1\0\0\0"
    data = SCREEN + application + frame(colours=8) + DATA + comment + frame(colours=1) + DATA + TRAILER
    assert facts(data) == AssetFacts("image/gif", "gif", 10, 8, frames=2)


def test_blocks_that_cross_the_reading_window(tmp_path: Path) -> None:
    """The file is read in pieces of 256 KB; blocks lie across them in every position."""
    path = tmp_path / "long.gif"
    for padding in range(250, 256):
        long = b"!\xfe" + (bytes([padding]) + b"x" * padding) * 3_000 + b"\0"
        path.write_bytes(SCREEN + long + frame(colours=8) + DATA + long + frame() + DATA + TRAILER)
        with path.open("rb") as file:
            assert probe_image(file, limits=AssetLimits()).frames == 2


def test_bytes_behind_the_trailer_do_no_harm() -> None:
    assert facts(SCREEN + frame() + DATA + TRAILER + b"\0junk").frames == 1


def test_a_frame_may_stick_out_a_little_but_not_claim_gigabytes() -> None:
    assert facts(SCREEN + frame(left=5, width=10) + DATA + TRAILER).width == 10
    assert refusal(SCREEN + frame(width=65_535, height=65_535) + DATA + TRAILER) == "more than 50 megapixels"


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (SCREEN + TRAILER, "damaged: no image data"),
        (SCREEN + frame() + b"\2\0" + TRAILER, "damaged: a frame without image data"),
        (SCREEN + frame() + b"\xc8\1x\0" + TRAILER, "damaged: impossible LZW code size"),
        (SCREEN + frame() + DATA + b"?", "damaged: an unknown kind of block"),
        (SCREEN + frame() + DATA, "cut short: the file ends before its trailer"),
        (SCREEN + frame() + b"\2\x09x", "cut short: the file ends inside the image data"),
        (SCREEN[:6] + bytes(7) + TRAILER, "damaged: the image claims to be 0 x 0 pixels"),
    ],
)
def test_damage_is_named(data: bytes, detail: str) -> None:
    assert refusal(data) == detail
