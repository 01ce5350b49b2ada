"""EXIF texts: encodings, Windows' own tags, comments, and directories that lead nowhere."""

import struct
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import pytest

from media_library.embedded_metadata import extract
from tests import images

HUBBLE = (Path(__file__).parents[3] / "demo" / "photos" / "hubble_deep_field.jpg").read_bytes()


class Mapping(NamedTuple):
    field: str
    metadata_property_name: str = "x"


def text(data: bytes, field: str) -> str | None:
    return extract.extract(BytesIO(data), "image/jpeg", [Mapping(field)]).get("x")


def test_a_photograph_out_of_photoshop() -> None:
    assert text(HUBBLE, "EXIF:Software") == "Adobe Photoshop CS5 Macintosh"
    assert text(HUBBLE, "EXIF:ModifyDate") == "2012-09-17T15:53:45-04:00"


@pytest.mark.parametrize(
    ("tag", "value", "field", "expected"),
    [
        (0x010E, "A rocket", "Description", "A rocket"),
        (0x010E, "Zürich".encode(), "Description", "Zürich"),
        (0x010E, b"Z\xfcrich\0\0", "Description", "Zürich"),
        (0x8298, b"Ann\0Agency\0", "Copyright Notice", "Ann, Agency"),
        (0x8298, b" \0Agency\0", "Copyright Notice", "Agency"),
        (0x9C9B, "Titel\0".encode("utf-16-le"), "EXIF:XPTitle", "Titel"),
        (0x9286, b"ASCII\0\0\0plain words", "EXIF:UserComment", "plain words"),
        (0x9286, b"UNICODE\0" + "東京".encode("utf-16-be"), "EXIF:UserComment", "東京"),
        (0x9286, b"JIS\0\0\0\0\0\x1b$B", "EXIF:UserComment", None),
    ],
)
def test_texts(tag: int, value: str | bytes, field: str, expected: str | None) -> None:
    assert text(images.jpeg(exif={tag: value}), field) == expected


def directory(order: str, *entries: tuple[int, int, int, int], following: bytes = b"") -> bytes:
    """A TIFF structure with one directory of (tag, type, count, value or offset)."""
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8)
    body = b"".join(struct.pack(order + "HHII", *entry) for entry in entries)
    return head + struct.pack(order + "H", len(entries)) + body + b"\0\0\0\0" + following


def jpeg_with(block: bytes) -> bytes:
    return images.with_segment(images.jpeg(), 0xE1, b"Exif\0\0" + block)


@pytest.mark.parametrize("order", ["<", ">"])
def test_both_byte_orders(order: str) -> None:
    block = directory(order, (0x010E, 2, 8, 26), following=b"Caption\0")
    assert text(jpeg_with(block), "Description") == "Caption"


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"II*\0",
        b"II*\0\xff\xff\xff\xff",
        b"II*\0\x00\x00\x00\x00",
        directory("<", (0x010E, 2, 0xFFFFFFFF, 8)),
        directory("<", (0x010E, 2, 8, 0xFFFFFFF0)),
        directory("<", (0x010E, 99, 8, 8)),
        directory("<", (0x010E, 2, 0, 8)),
        directory("<", (0x8769, 4, 1, 8)),
        directory("<", *[(0x8769, 4, 1, 8)] * 900),
        directory("<", (0x010E, 2, 8, 26))[:-6],
    ],
)
def test_directories_that_lead_nowhere(block: bytes) -> None:
    assert text(jpeg_with(block), "Description") is None
