"""IPTC datasets: where they stand in a file, and which letters their bytes mean."""

import zlib
from io import BytesIO
from typing import NamedTuple

import pytest

from media_library.embedded_metadata import extract
from tests import images


class Mapping(NamedTuple):
    field: str
    metadata_property_name: str = "x"


def text(data: bytes, field: str = "Description", mime_type: str = "image/jpeg") -> str | None:
    return extract.extract(BytesIO(data), mime_type, [Mapping(field)]).get("x")


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "latin-1"])
def test_umlauts_in_marked_utf_8_and_in_unmarked_latin(encoding: str) -> None:
    assert text(images.jpeg(iim=images.captions({120: "Zürich, Genève"}, encoding))) == "Zürich, Genève"


def test_utf_8_without_the_mark_is_recognised() -> None:
    """Many agencies write it so."""
    assert text(images.jpeg(iim=images.datasets((2, 120, "Łódź – 東京".encode())))) == "Łódź – 東京"  # noqa: RUF001


def test_quotation_marks_of_windows() -> None:
    assert text(images.jpeg(iim=images.datasets((2, 120, b"\x84Ja\x93")))) == "„Ja“"


def test_a_mark_that_lies() -> None:
    assert text(images.jpeg(iim=images.datasets(images.UTF_8_MARK, (2, 120, b"Z\xfcrich")))) == "Zürich"


def test_repeated_datasets_are_joined() -> None:
    words = images.datasets((2, 25, b"moon"), (2, 25, b""), (2, 25, b"rocket"))
    assert text(images.jpeg(iim=words), "Keywords") == "moon, rocket"


def test_line_ends_and_control_characters() -> None:
    data = images.jpeg(iim=images.datasets((2, 120, b" one\r\ntwo\rthree\0\x07 \x1b\n")))
    assert text(data) == "one\ntwo\nthree"


def test_an_extended_dataset() -> None:
    """Longer than 32 KB: the length of the length comes first."""
    long = b"x" * 40_000
    data = images.jpeg(iim=b"\x1c\x02\x78\x80\x04" + len(long).to_bytes(4, "big") + long)
    assert text(data) == "x" * 40_000


def test_a_payload_is_no_caption() -> None:
    long = b"x" * 60_000
    assert text(images.jpeg(iim=b"\x1c\x02\x78\x80\x04" + len(long).to_bytes(4, "big") + long)) is None


def test_neither_are_a_thousand_keywords_of_a_payload() -> None:
    words = images.datasets(*[(2, 25, b"x" * 60)] * 900)
    assert text(images.jpeg(iim=words), "Keywords") is None


def test_other_photoshop_resources_stand_before_it() -> None:
    block = images.resource(0x0425, b"digest!", b"odd") + images.resource(0x0404, images.captions({120: "found"}))
    assert text(images.with_segment(images.jpeg(), 0xED, b"Photoshop 3.0\0" + block)) == "found"


def test_the_resources_may_be_split_over_segments() -> None:
    block = images.resource(0x0404, images.captions({120: "y" * 300}))
    data = images.jpeg()
    for piece in (block[200:], block[:200]):  # each is put in front of the one before
        data = images.with_segment(data, 0xED, b"Photoshop 3.0\0" + piece)
    assert text(data) == "y" * 300


@pytest.mark.parametrize("cut", [1, 5, 9, 14, 16])
def test_datasets_that_break_off_keep_what_came_before(cut: int) -> None:
    iim = images.datasets((2, 105, b"Headline"), (2, 120, b"Description"))
    assert text(images.jpeg(iim=iim[:-cut]), "Headline") == "Headline"
    assert text(images.jpeg(iim=iim[:-cut])) is None


PROFILE = images.captions({120: "in a PNG"})


@pytest.mark.parametrize("keyword", ["Raw profile type iptc", "Raw profile type 8bim"])
@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("wrapped", [True, False])
def test_the_profile_that_imagemagick_writes_into_a_png(keyword: str, packed: bool, wrapped: bool) -> None:
    profile = images.raw_profile("iptc", images.resource(0x0404, PROFILE) if wrapped else PROFILE)
    assert text(images.png(texts=[(keyword, profile, packed)]), mime_type="image/png") == "in a PNG"


def test_a_profile_that_is_a_bomb_or_no_profile_is_left_alone() -> None:
    rows = images.chunk(b"IDAT", zlib.compress(bytes(72)))
    bomb = images.chunk(b"zTXt", b"Raw profile type iptc\0\0" + zlib.compress(bytes(8 << 20)))
    assert text(images.png_of(bomb, rows), mime_type="image/png") is None
    for nonsense in ("", "iptc", "\niptc\n 3\nxyz", "\niptc\n3\n\N{SNOWMAN}"):
        data = images.png(texts=[("Raw profile type iptc", nonsense, True)])
        assert text(data, mime_type="image/png") is None
