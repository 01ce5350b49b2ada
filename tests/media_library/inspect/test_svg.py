"""SVG files: their size in whole pixels, and what they must not hold."""

import socket
from io import BytesIO

import pytest

from media_library.inspect.image import AssetFacts, AssetLimits, NotAnImage, probe_image
from tests import images


def facts(data: bytes) -> AssetFacts:
    return probe_image(BytesIO(data), limits=AssetLimits())


def refusal(data: bytes) -> str:
    with pytest.raises(NotAnImage) as raised:
        facts(data)
    return raised.value.detail


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('width="120" height="80"', (120, 80)),
        ('width=" 120px " height="80PX"', (120, 80)),
        ('width="1in" height="2.54cm"', (96, 96)),
        ('width="25.4mm" height="72pt"', (96, 96)),
        ('width="6pc" height="101.6q"', (96, 96)),
        ('width="2em" height="1rem"', (32, 16)),
        ('width="120.5" height="79.6"', (120, 80)),
        ('width="1e2" height=".5e+3"', (100, 500)),
        ('viewBox="0 0 300 200"', (300, 200)),
        ('viewBox="-5,-5, 30.4,20"', (30, 20)),
        ('width="100%" height="100%" viewBox="0 0 64 32"', (64, 32)),
        ('width="200" viewBox="0 0 64 32"', (200, 100)),
        ('height="16" viewBox="0 0 64 32"', (32, 16)),
        ('width="auto" height="50"', (300, 50)),
        ("", (300, 150)),
        ('width="-10" height="-20"', (300, 150)),
        ('width="0" height="0"', (300, 150)),
        ('width="NaN" height="inf"', (300, 150)),
        ('width="1e999" height="1e-999"', (300, 150)),
        ('width="0.001" height="0.4"', (1, 1)),
        ('width="1e300" height="99999999999"', (2**31 - 1, 2**31 - 1)),
        ('width="3 px 4" height="12foo"', (300, 150)),
        ('viewBox="0 0 0 0"', (300, 150)),
        ('viewBox="0 0"', (300, 150)),
        ('viewBox="a b c d"', (300, 150)),
        ('width="٣" height="٣"', (300, 150)),
    ],
)
def test_the_size(attributes: str, size: tuple[int, int]) -> None:
    """IMG-15, IMG-26"""
    found = facts(images.svg(attributes))
    assert (found.width, found.height) == size


@pytest.mark.parametrize(
    "before",
    [
        "",
        "\n  ",
        '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n<!-- Generator: Adobe Illustrator -->\n',
        '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">',
        '<?xml-stylesheet href="style.css"?>',
    ],
)
def test_what_may_stand_before_the_root(before: str) -> None:
    """IMG-15"""
    assert facts(images.svg(before=before)).mime_type == "image/svg+xml"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
def test_encodings(encoding: str) -> None:
    declared = encoding.removesuffix("-sig")
    text = images.svg(before=f'<?xml version="1.0" encoding="{declared}"?>', inside="<text>Zürich</text>").decode()
    assert facts(text.encode(encoding)).width == 120


def test_a_prefix_for_the_namespace() -> None:
    assert facts(b'<s:svg xmlns:s="http://www.w3.org/2000/svg" width="7" height="9"/>').width == 7


@pytest.mark.parametrize(
    "declaration",
    [
        '<!ENTITY ns_svg "http://www.w3.org/2000/svg">',
        '<!ENTITY file SYSTEM "file:///etc/passwd">',
        '<!ENTITY % remote SYSTEM "http://127.0.0.1/x.dtd"> %remote;',
        '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">',
        '<!NOTATION n SYSTEM "n"><!ENTITY picture SYSTEM "p.gif" NDATA n>',
    ],
)
def test_entity_declarations_are_refused(declaration: str) -> None:
    """Q-39"""
    assert refusal(images.svg(before=f"<!DOCTYPE svg [{declaration}]>")) == "SVG with entity declarations"


def test_nothing_is_fetched() -> None:
    """Q-39: a document type is named, and not fetched."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/x.dtd"
        assert facts(images.svg(before=f'<!DOCTYPE svg SYSTEM "{address}">'))
        assert "entities" in refusal(images.svg(before=f'<!DOCTYPE svg SYSTEM "{address}">', inside="&remote;"))
        server.settimeout(0.1)
        with pytest.raises(TimeoutError):
            server.accept()


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (b"<svg width='9' height='9'/>", "SVG without the SVG namespace, which browsers do not show"),
        (b"<svg xmlns='http://example.com/'/>", "not an image: application/xml"),
        (b"<x xmlns='http://www.w3.org/2000/svg'/>", "not an image: application/xml"),
        (images.svg(inside="<g></h>"), "damaged: SVG is not well-formed (line 1)"),
        (images.svg() + b"<script/>", "damaged: SVG is not well-formed (line 1)"),
        (images.svg()[:-3], "cut short: SVG is not well-formed (line 1)"),
        (images.svg(inside="&nbsp;"), "damaged: SVG is not well-formed (line 1)"),
        (images.svg(before='<?xml version="1.0" encoding="UTF-7"?>'), "SVG in an unknown encoding"),
        (images.svg(before='<?xml version="1.0" encoding="klingon"?>'), "SVG in an unknown encoding"),
        (b"text " + images.svg(), "not an image: text/plain"),
    ],
)
def test_what_is_no_svg(data: bytes, detail: str) -> None:
    """IMG-16"""
    assert refusal(data) == detail
