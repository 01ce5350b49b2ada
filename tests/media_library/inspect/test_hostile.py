"""A collection of good, odd and hostile files: each is judged as its manifest says, at once and in little memory."""

import contextlib
import json
import time
import tracemalloc
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from media_library.inspect.image import AssetFacts, AssetLimits, NotAnImage, probe_image
from tests import images

FOLDER = Path(__file__).parent.parent.parent / "data" / "hostile"
ENTRIES = json.loads((FOLDER / "manifest.json").read_text())


def inspected(data: bytes) -> AssetFacts | NotAnImage:
    try:
        return probe_image(BytesIO(data), limits=AssetLimits())
    except NotAnImage as refusal:
        return refusal


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["file"])
def test_it_is_inspected_as_the_manifest_says(entry: dict[str, Any]) -> None:
    """IMG-16, IMG-26, IMG-38"""
    started = time.process_time()
    verdict = inspected((FOLDER / entry["file"]).read_bytes())
    assert time.process_time() - started < 1, entry["why"]
    if entry["expect"] != "either":
        assert isinstance(verdict, AssetFacts) == (entry["expect"] == "success"), entry["why"]
    if isinstance(verdict, AssetFacts):
        assert verdict.mime_type == entry.get("mime", verdict.mime_type)
        assert [verdict.width, verdict.height] == entry.get("size", [verdict.width, verdict.height])
        assert 1 <= verdict.width < 2**31
        assert 1 <= verdict.height < 2**31


def test_every_file_of_the_folder_is_in_the_manifest() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {entry["file"] for entry in ENTRIES} | {"manifest.json"}


def zeros(size: int) -> bytes:
    return zlib.compress(bytes(size), 9)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(
            images.png_of(images.chunk(b"IDAT", zeros(7_001 * 7_000)), width=7_000, height=7_000), id="49 megapixels"
        ),
        pytest.param(images.png_of(images.chunk(b"IDAT", zeros(64 << 20))), id="data beyond the rows"),
        pytest.param(
            images.png_of(images.chunk(b"zTXt", b"a\0\0" + zeros(64 << 20)), images.chunk(b"IDAT", zeros(9 * 8))),
            id="text bomb",
        ),
        pytest.param(
            images.png_of(*[images.chunk(b"tEXt", b"a\0b")] * 50_000, images.chunk(b"IDAT", zeros(9 * 8))),
            id="50,000 chunks",
        ),
        pytest.param(images.gif()[:-1] + b"!\xfe" + b"\x01x" * 300_000 + b"\0;", id="300,000 GIF blocks"),
        pytest.param(images.with_segment(images.jpeg(), 0xFE, b"x" * 60_000)[:60_000] * 50, id="JPEG comments"),
        pytest.param(images.svg(inside=f"<!--{'x' * (4 << 20)}-->"), id="SVG with a comment of 4 MB"),
        pytest.param(images.svg(f'width="{"9" * (4 << 20)}"'), id="SVG with a width of four million digits"),
        pytest.param(images.svg(inside="<g>" * 50_000), id="SVG of 50,000 levels"),
        pytest.param(images.svg(inside="<g/>" * 100_000), id="SVG of 100,000 elements"),
        pytest.param(images.svg(" ".join(f'a{n}=""' for n in range(50_000))), id="SVG of 50,000 attributes"),
    ],
)
def test_a_flood_costs_little(data: bytes) -> None:
    started = time.process_time()
    inspected(data)
    assert time.process_time() - started < 1
    file = BytesIO(data)
    tracemalloc.start()
    try:
        with contextlib.suppress(NotAnImage):
            probe_image(file, limits=AssetLimits())
        assert tracemalloc.get_traced_memory()[1] < 24 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (images.png_of(*[images.chunk(b"tEXt")] * 100_001), "more than 100000 PNG chunks"),
        (images.gif()[:-1] + b"!\xfe" + b"\x01x" * 2_000_001 + b"\0;", "more than 2000000 GIF data blocks"),
        (b"\xff\xd8" + b"\xff\xfe\0\2" * 5_001, "more than 5000 JPEG segments"),
        (images.svg(inside="<g>" * 1_000), "SVG nested deeper than 1000 levels"),
        (images.svg(inside="<g/>" * 500_000), "SVG with more than 500000 elements"),
    ],
    ids=["png", "gif", "jpeg", "svg levels", "svg elements"],
)
def test_there_is_an_end_to_patience(data: bytes, detail: str) -> None:
    with pytest.raises(NotAnImage, match=detail):
        probe_image(BytesIO(data), limits=AssetLimits())
