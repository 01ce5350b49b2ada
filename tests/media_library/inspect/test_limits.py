"""Media files made to be expensive: each costs at most a second, and a second a megabyte, of processor time."""

import struct
import time
import tracemalloc
import zlib
from io import BytesIO
from typing import NamedTuple

import pytest

from livingdocs_import.errors import PermanentFailure
from media_library.embedded_metadata import extract
from media_library.embedded_metadata.fields import FIELDS
from media_library.inspect import limits, xml_namespaces
from media_library.inspect.image import AssetFacts, AssetLimits, NotAnImage, probe_image
from media_library.inspect.results import OverBudget
from tests import images

ROWS = images.chunk(b"IDAT", zlib.compress(bytes(9 * 8)))  # of the picture that images.png_of makes


class Mapping(NamedTuple):
    field: str
    metadata_property_name: str


EVERYTHING = [Mapping(field.name, field.name) for field in FIELDS]


def inspected(data: bytes) -> AssetFacts | NotAnImage:
    """What probe says, within the budget."""
    started = time.process_time()
    try:
        return probe_image(BytesIO(data), limits=AssetLimits())
    except NotAnImage as refusal:
        return refusal
    finally:
        assert time.process_time() - started < 1 + len(data) / 1e6


def captions(data: bytes, mime_type: str) -> dict[str, str]:
    """What the file says about itself, within the budget."""
    started = time.process_time()
    found = extract.extract(BytesIO(data), mime_type, EVERYTHING)
    assert time.process_time() - started < 1 + len(data) / 1e6
    return found


# --- SVG -------------------------------------------------------------------------------------------------------------


def in_namespace(length: int, elements: int) -> bytes:
    return images.svg(f'xmlns:a="{"u" * length}"', inside="<a:b/>" * elements)


def declaring(attributes: str) -> bytes:
    """An SVG whose document type gives attributes to each of very many elements."""
    return images.svg(before=f"<!DOCTYPE svg [<!ATTLIST g {attributes}>]>", inside="<g/>" * 100_000)


OVER_BUDGET = {
    "a long namespace": in_namespace(1_000_000, 150_000),
    "a long namespace in UTF-16": in_namespace(300_000, 50_000).decode().encode("utf-16"),
    "a long namespace in UTF-16 without a mark": in_namespace(300_000, 50_000).decode().encode("utf-16-be"),
    "a long namespace behind a long token": images.svg(
        inside=f'<!--{"x" * 200_000}--><g xmlns:a = \n "{"u" * 300_000}">' + "<a:b/>" * 50_000
    ),
    "attributes of every element": declaring(" ".join(f'a{number} CDATA "v"' for number in range(2_000))),
    "long values of every element": declaring(f'a CDATA "{"v" * 20_000}"'),
    "namespaces of every element": declaring(f'xmlns:a CDATA "{"v" * 20_000}"'),
    "attributes with a prefix of every element": declaring('a:b CDATA "v"'),
    "a long document type": images.svg(before=f"<!DOCTYPE svg [{'<!-- x -->' * 100_000}]>"),
    "names": images.svg(inside="".join(f"<g{number}/>" for number in range(200_000))),
    "attributes of one element": images.svg(" ".join(f'a{number}=""' for number in range(400_000))),
    "attributes": images.svg(inside=f"<text>{'=' * 2_000_001}</text>"),
}


@pytest.mark.parametrize("data", OVER_BUDGET.values(), ids=OVER_BUDGET.keys())
def test_an_svg_over_its_budget_fails_by_itself(data: bytes) -> None:
    """IMG-16"""
    refusal = inspected(data)
    assert isinstance(refusal, OverBudget)
    assert isinstance(refusal, PermanentFailure)
    assert refusal.cause == "over-budget"
    assert len(refusal.detail) < 100


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(images.svg(f'width="{"9" * 4_000_000}"'), id="an attribute"),
        pytest.param(images.svg(inside=f"<!--{'x' * 4_000_000}-->"), id="a comment"),
        pytest.param(images.svg(before=f"<!--{'<>' * 400_000}-->"), id="a comment before the root"),
        pytest.param(images.svg(inside=f"<?x {'?' * 4_000_000}?>"), id="an instruction"),
        pytest.param(images.svg(before=f'<!DOCTYPE svg PUBLIC "{"x" * 400_000}" "">'), id="a public identifier"),
        pytest.param(images.svg(inside=f"<text>{'x' * 4_000_000}</text>"), id="a text"),
        pytest.param(images.svg(inside=f"<style><![CDATA[{'x]' * 2_000_000}]]></style>"), id="a style sheet"),
        pytest.param(images.svg(" ".join(f'a{number}=""' for number in range(9_000))), id="a tag"),
        pytest.param(
            images.svg(f'a="{"ü" * 400_000}"', inside=f"<!--{'ß' * 400_000}-->").decode().encode("utf-16"), id="UTF-16"
        ),
    ],
)
def test_an_svg_may_hold_something_long(data: bytes) -> None:
    """IMG-15"""
    assert isinstance(inspected(data), AssetFacts)
    file = BytesIO(data)
    tracemalloc.start()
    try:
        probe_image(file, limits=AssetLimits())
        assert tracemalloc.get_traced_memory()[1] < 4_000_000 + 8 * len(data)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("length", [0, 1, 5, 255, 256, 257, 1_000, 4_095, 4_096, 65_535, 65_536])
def test_a_long_namespace_is_found_wherever_pieces_part(length: int) -> None:
    """Judged as one piece or as two, byte by byte around the place where they part."""
    scan = xml_namespaces.NamespaceScan()
    assert not scan.finds_overlong(b" " * length + b'xmlns:a="' + b"u" * (limits.XML_NAMESPACE_BYTES - 10) + b'"')
    data = b" " * length + b"<g xmlns:a = '" + b"u" * limits.XML_NAMESPACE_BYTES + b"'>" + b" " * 600
    for cut in range(max(0, length - 2), min(len(data), length + 600), 7):
        scan = xml_namespaces.NamespaceScan()
        assert any([scan.finds_overlong(data[:cut]), scan.finds_overlong(data[cut:])]), cut


@pytest.mark.parametrize(
    "text",
    [
        "xmlns " * 300,
        "the xmlns attribute is " + "needed " * 200,
        """ "xmlns='" + namespace + "'" """ * 100,
        'xmlns="<' + "x" * 1_000,
    ],
)
def test_text_about_namespaces_is_no_namespace(text: str) -> None:
    assert isinstance(inspected(images.svg(inside=f"<!--{text}-->")), AssetFacts)


# --- Metadata --------------------------------------------------------------------------------------------------------

TITLE = images.captions({5: "from IIM"})
EXPENSIVE_XMP = {
    "a long namespace": f'<x:y xmlns:x="{"u" * 500_000}">{"<x:b/>" * 50_000}</x:y>',
    "elements": "<a/>" * 300_000,
    "attributes": "<a " + " ".join(f"a{number}=''" for number in range(150_000)) + "/>",
}


def png_with(packet: str) -> bytes:
    text = images.chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(packet.encode(), 9))
    profile = images.chunk(b"tEXt", b"Raw profile type iptc\0" + images.raw_profile("iptc", TITLE).encode())
    return images.png_of(text, profile, ROWS)


@pytest.mark.parametrize("inside", EXPENSIVE_XMP.values(), ids=EXPENSIVE_XMP.keys())
def test_xmp_over_its_budget_is_passed_over(inside: str) -> None:
    data = png_with(images.packet(f"<dc:title>from XMP</dc:title>{inside}"))
    assert isinstance(inspected(data), AssetFacts)
    assert captions(data, "image/png") == {"Title": "from IIM"}


def test_xmp_over_its_budget_in_utf_16_is_passed_over() -> None:
    packet = f'<?xml version="1.0"?><a xmlns="{"u" * 15_000}">{"<b/>" * 4_000}</a>'.encode("utf-16")
    data = images.with_segment(images.jpeg(iim=TITLE), 0xE1, b"http://ns.adobe.com/xap/1.0/\0" + packet[:65_000])
    assert captions(data, "image/jpeg") == {"Title": "from IIM"}


def test_a_document_type_in_xmp_is_not_even_parsed() -> None:
    """A parser that refuses it goes on to expand the entities all the same."""
    entities = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    packet = f'<!DOCTYPE a [<!ENTITY e0 "boom">{entities}]><a>{"&e9;" * 100_000}</a>'
    assert captions(png_with(packet), "image/png") == {"Title": "from IIM"}


def test_exif_entries_that_share_their_bytes_are_decoded_once() -> None:
    data = jpeg_with_exif([0x8298] * 2_000, 40_000, [0] * 2_000)
    assert isinstance(inspected(data), AssetFacts)
    assert captions(data, "image/jpeg") == {}


def test_exif_entries_whose_bytes_overlap_are_decoded_up_to_a_limit() -> None:
    data = jpeg_with_exif([0x8298] * 1_000, 40_000, list(range(1_000)))
    assert captions(data, "image/jpeg") == {}


def test_the_orientation_is_looked_for_without_copying_values() -> None:
    blocks = [images.chunk(b"eXIf", exif_block([0x010E] * 1_000, 1_000_000, [0] * 1_000)[:1_048_000])] * 8
    assert isinstance(inspected(images.png_of(*blocks, ROWS)), AssetFacts)


def test_tags_may_share_a_value() -> None:
    block = exif_block([0x010E, 0x8298], 20, [0, 0], filling=b"the same for both   ")
    data = images.with_segment(images.jpeg(), 0xE1, b"Exif\0\0" + block)
    assert captions(data, "image/jpeg") == {
        "Description": "the same for both",
        "Copyright Notice": "the same for both",
    }


def jpeg_with_exif(tags: list[int], size: int, offsets: list[int]) -> bytes:
    return images.with_segment(images.jpeg(), 0xE1, b"Exif\0\0" + exif_block(tags, size, offsets))


def exif_block(tags: list[int], size: int, offsets: list[int], *, filling: bytes = b"\0") -> bytes:
    """Two directories with half the tags each; the values are texts of `size` that begin at the offsets."""
    half = -(-len(tags) // 2)
    values = 8 + 2 * (2 + 12 * (half + 1) + 4)
    entries = [struct.pack("<HHII", tag, 2, size, values + at) for tag, at in zip(tags, offsets, strict=True)]
    pointer = struct.pack("<HHII", 0x8769, 4, 1, 8 + 2 + 12 * (half + 1) + 4)
    first = struct.pack("<H", half + 1) + pointer + b"".join(entries[:half]) + bytes(4)
    second = struct.pack("<H", len(entries) - half) + b"".join(entries[half:]) + bytes(4)
    block = b"II*\0\x08\0\0\0" + (first + second).ljust(values - 8, b"\0")
    return block + filling * (-(-(size + max(offsets)) // len(filling)))


def test_photoshop_resources_in_very_many_segments() -> None:
    data = images.jpeg(iim=TITLE)
    for _ in range(8):
        data = images.with_segment(data, 0xED, b"Photoshop 3.0\0" + images.resource(1, b"x" * 60_000))
    assert captions(data, "image/jpeg") == {"Title": "from IIM"}


@pytest.mark.parametrize("kind", ["exif", "iptc", "xmp"])
def test_packed_profiles_that_hold_nothing(kind: str) -> None:
    """A PNG of 400 profiles, each two megabytes of nothing."""
    useless = images.chunk(b"zTXt", f"Raw profile type {kind}".encode() + b"\0\0" + zlib.compress(b"z" * 2_000_000, 9))
    data = images.png_of(*[useless] * 400, ROWS)
    assert isinstance(inspected(data), AssetFacts)
    started = time.process_time()
    assert captions(data, "image/png") == {}
    assert time.process_time() - started < 0.2


def test_profiles_that_are_not_mapped_are_not_unpacked() -> None:
    """The wanted block is behind more text than is unpacked."""
    other = images.chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(b"1 2 " + b"00" * 900_000, 1))
    wanted = images.chunk(
        b"zTXt", b"Raw profile type iptc\0\0" + zlib.compress(images.raw_profile("iptc", TITLE).encode())
    )
    data = images.png_of(*[other] * 30, wanted, ROWS)
    assert extract.extract(BytesIO(data), "image/png", [Mapping("IPTC:Title", "x")]) == {"x": "from IIM"}


# --- Pictures --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(images.png_of(*[images.chunk(b"IDAT", b"")] * 90_000, ROWS), id="PNG of empty chunks"),
        pytest.param(images.gif()[:-1] + b"!\xfe\0" * 300_000 + b";", id="GIF of empty extensions"),
        pytest.param(b"\xff\xd8" + b"xx\xff\xfe\0\2" * 4_900 + images.jpeg()[2:], id="JPEG of stray bytes"),
        pytest.param(images.jpeg()[:-2] + b"x\xff\xfe\0\2" * 200_000, id="JPEG of segments without an end"),
    ],
)
def test_many_small_parts(data: bytes) -> None:
    inspected(data)
