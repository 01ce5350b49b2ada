"""XMP packets: the shapes a property may take, namespaces, languages, and broken ones."""

import zlib
from io import BytesIO
from typing import NamedTuple

import pytest

from media_library.embedded_metadata import extract
from tests import images


class Mapping(NamedTuple):
    field: str
    metadata_property_name: str = "x"


def text(properties: str, field: str, attributes: str = "") -> str | None:
    return of(images.jpeg(xmp=images.packet(properties, attributes)), field)


def of(data: bytes, field: str, mime_type: str = "image/jpeg") -> str | None:
    return extract.extract(BytesIO(data), mime_type, [Mapping(field)]).get("x")


@pytest.mark.parametrize(
    ("properties", "field", "expected"),
    [
        ("<photoshop:Headline>Moon</photoshop:Headline>", "Headline", "Moon"),
        ("<dc:creator><rdf:Seq><rdf:li>Ann</rdf:li><rdf:li>Bob</rdf:li></rdf:Seq></dc:creator>", "Creator", "Ann, Bob"),
        ("<dc:subject><rdf:Bag><rdf:li>a</rdf:li><rdf:li> </rdf:li></rdf:Bag></dc:subject>", "Keywords", "a"),
        ("<dc:title>no alternatives</dc:title>", "Title", "no alternatives"),
        (
            "<dc:title><rdf:Alt><rdf:li xml:lang='fr'>Lune</rdf:li>"
            "<rdf:li xml:lang='x-default'>Moon</rdf:li></rdf:Alt></dc:title>",
            "Title",
            "Moon",
        ),
        ("<dc:title><rdf:Alt><rdf:li xml:lang='fr'>Lune</rdf:li></rdf:Alt></dc:title>", "Title", "Lune"),
        (
            "<plus:CopyrightOwner><rdf:Seq><rdf:li rdf:parseType='Resource'>"
            "<plus:CopyrightOwnerID>7</plus:CopyrightOwnerID>"
            "<plus:CopyrightOwnerName>Agency</plus:CopyrightOwnerName></rdf:li></rdf:Seq></plus:CopyrightOwner>",
            "Copyright Owner",
            "Agency",
        ),
        (
            "<plus:Licensor><rdf:Seq><rdf:li plus:LicensorID='1' plus:LicensorName='Shop'/></rdf:Seq></plus:Licensor>",
            "Licensor",
            "Shop",
        ),
        (
            "<Iptc4xmpExt:LocationShown><rdf:Bag><rdf:li><rdf:Description>"
            "<Iptc4xmpExt:City>Bern</Iptc4xmpExt:City><Iptc4xmpExt:CountryName>Schweiz</Iptc4xmpExt:CountryName>"
            "</rdf:Description></rdf:li></rdf:Bag></Iptc4xmpExt:LocationShown>",
            "Location Shown in the Image",
            "Bern, Schweiz",
        ),
        ("<photoshop:Source rdf:resource='https://example.com/'/>", "Source", "https://example.com/"),
        ("<photoshop:Source><![CDATA[A & B]]> &lt;C&gt;</photoshop:Source>", "Source", "A & B <C>"),
    ],
)
def test_the_shapes_of_a_property(properties: str, field: str, expected: str) -> None:
    assert text(properties, field) == expected


def test_simple_properties_may_be_attributes() -> None:
    assert text("", "Credit", attributes='photoshop:Credit="Keystone"') == "Keystone"


def test_the_same_name_in_another_namespace_is_another_property() -> None:
    assert text("<anything:Credit>wrong</anything:Credit>", "Credit") is None
    both = "<anything:Credit>wrong</anything:Credit><photoshop:Credit>right</photoshop:Credit>"
    assert text(both, "Credit") == "right"


def test_several_descriptions_in_one_packet() -> None:
    other = '</rdf:Description><rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Make="Leica">'
    assert text(f"<dc:title>first</dc:title>{other}", "XMP-tiff:Make") == "Leica"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(encoding: str) -> None:
    packet = images.packet("<photoshop:City>Zürich</photoshop:City>").partition("?>")[2]
    header = b"http://ns.adobe.com/xap/1.0/\0"
    data = images.with_segment(images.jpeg(), 0xE1, header + packet.encode(encoding))
    assert of(data, "City") == "Zürich"


def test_control_characters_that_xml_forbids_do_not_lose_the_packet() -> None:
    packet = images.packet("<photoshop:City>Bern\x00\x0b</photoshop:City>") + "\0\0\0"
    assert of(images.jpeg(xmp=packet), "City") == "Bern"


def test_in_a_png_the_packet_may_be_packed() -> None:
    packet = images.packet("<photoshop:City>Bern</photoshop:City>")
    assert of(images.png(xmp=packet), "City", "image/png") == "Bern"
    rows = images.png()[33:]
    for flag, body in ((b"\0", packet.encode()), (b"\1", zlib.compress(packet.encode()))):
        chunk = images.chunk(b"iTXt", b"XML:com.adobe.xmp\0" + flag + b"\0en\0key\0" + body)
        assert of(images.png()[:33] + chunk + rows, "City", "image/png") == "Bern"


BROKEN = {
    "empty": "",
    "cut": "<x",
    "no namespace": "<rdf:RDF>",
    "no RDF": "<a/>",
    "text": "plain text",
    "entities": '<!DOCTYPE a [<!ENTITY e "boom">]>' + images.packet("<dc:title>&e;</dc:title>").partition("?>")[2],
    "encoding": '<?xml version="1.0" encoding="klingon"?><a/>',
    "deep": images.packet("<dc:title>" * 2_000 + "x" + "</dc:title>" * 2_000),
    "no language": images.packet("<dc:title><rdf:Alt/></dc:title>"),
    "deep languages": images.packet(
        "<dc:title>" + "<rdf:Alt><rdf:li>" * 900 + "x" + "</rdf:li></rdf:Alt>" * 900 + "</dc:title>"
    ),
}


@pytest.mark.parametrize("packet", BROKEN.values(), ids=BROKEN.keys())
def test_broken_packets_are_passed_over(packet: str) -> None:
    data = images.jpeg(xmp=packet, iim=images.captions({5: "from IIM"}))
    assert of(data, "Title") == "from IIM"
