"""Whatever bytes arrive: facts or NotAnImage, and never another exception."""

from io import BytesIO
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_library.embedded_metadata import extract
from media_library.embedded_metadata.fields import FIELDS
from media_library.inspect.image import AssetLimits, NotAnImage, probe_image
from tests import images


class Mapping(NamedTuple):
    field: str
    metadata_property_name: str


EVERYTHING = [Mapping(field.name, field.name) for field in FIELDS]
CAPTIONED = {
    "jpeg": images.jpeg(
        exif={0x010E: "caption", 0x9003: "2014:05:06 12:30:00"},
        iim=images.captions({5: "Title", 55: "20140506", 60: "123000+0200", 120: "Caption", 25: "word"}),
        xmp=images.packet("<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>Title</rdf:li></rdf:Alt></dc:title>"),
    ),
    "png": images.png(
        exif={0x010E: "caption"},
        xmp=images.packet("<photoshop:Headline>H</photoshop:Headline>"),
        texts=[("Raw profile type iptc", images.raw_profile("iptc", images.captions({5: "Title"})), True)],
    ),
    "gif": images.gif(2),
    "svg": images.svg('viewBox="0 0 3 4"'),
}
SIGNATURES = [b"", b"\xff\xd8\xff", images.PNG_SIGNATURE, b"GIF89a", b"<svg ", b"<?xml ", b"II*\0", b"8BIM\x04\x04"]


def read_all(data: bytes) -> None:
    try:
        found = probe_image(BytesIO(data), limits=AssetLimits())
    except NotAnImage as refusal:
        refusal.detail.encode()
    else:
        assert found.width >= 1
        assert found.height >= 1
    for mime_type in ("image/jpeg", "image/png"):
        for text in extract.extract(BytesIO(data), mime_type, EVERYTHING).values():
            assert "\0" not in text
            text.encode()


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(SIGNATURES), st.binary(max_size=400))
def test_arbitrary_bytes(signature: bytes, rest: bytes) -> None:
    read_all(signature + rest)


@pytest.mark.parametrize("name", CAPTIONED)
@settings(deadline=None, max_examples=150)
@given(damage=st.lists(st.tuples(st.integers(0, 1 << 16), st.binary(max_size=12), st.integers(0, 12)), max_size=6))
def test_damaged_images(name: str, damage: list[tuple[int, bytes, int]]) -> None:
    """Bytes replaced, put in and taken out at places of chance."""
    data = CAPTIONED[name]
    for place, new, removed in damage:
        at = place % len(data)
        data = data[:at] + new + data[at + removed :]
    read_all(data)


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=300))
def test_damaged_blocks_inside_a_whole_image(block: bytes) -> None:
    """The image is sound, so its metadata are reached."""
    whole = images.jpeg()
    for payload in (b"Exif\0\0II*\0\x08\0\0\0" + block, b"http://ns.adobe.com/xap/1.0/\0" + block):
        data = images.with_segment(whole, 0xE1, payload)
        assert probe_image(BytesIO(data), limits=AssetLimits())
        read_all(data)
    read_all(images.jpeg(iim=b"\x1c\x02" + block))
    read_all(images.with_segment(whole, 0xED, b"Photoshop 3.0\x008BIM" + block))
