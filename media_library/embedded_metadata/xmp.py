"""XMP: the properties of an RDF packet inside an image, with their namespaces.

A property is a text, a list (`rdf:Seq`, `rdf:Bag`), a choice of languages (`rdf:Alt`, read as its default) or a
structure of further properties. See ISO 16684-1, and the IPTC Photo Metadata Standard for the names.
"""

import re
from collections.abc import Callable, Iterator
from typing import TypeAlias
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from media_library.embedded_metadata.text import tidy
from media_library.inspect.limits import XMP_ATTRIBUTES, XMP_BYTES, XMP_DEPTH, XMP_TAGS
from media_library.inspect.xml_bytes import is_utf_16
from media_library.inspect.xml_namespaces import NamespaceScan

Value: TypeAlias = "str | list[Value] | dict[str, Value]"

NAMESPACES = {
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://ns.adobe.com/photoshop/1.0/": "photoshop",
    "http://ns.adobe.com/xap/1.0/": "xmp",
    "http://ns.adobe.com/xap/1.0/rights/": "xmpRights",
    "http://ns.adobe.com/xap/1.0/mm/": "xmpMM",
    "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/": "Iptc4xmpCore",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/": "Iptc4xmpExt",
    "http://ns.useplus.org/ldf/xmp/1.0/": "plus",
    "http://ns.adobe.com/exif/1.0/": "exif",
    "http://ns.adobe.com/tiff/1.0/": "tiff",
    "http://ns.adobe.com/lightroom/1.0/": "lr",
}
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"

# Characters that XML 1.0 forbids, but some programs write.
FORBIDDEN = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def properties(packet: bytes, wanted: Callable[[str], bool] = bool) -> dict[str, Value]:
    """The wanted properties by prefixed name, e.g. {"dc:title": "...", "dc:creator": ["..."]}.

    `wanted` is called with each top-level name (`bool`: all that have one); a broken packet has no properties.
    """
    root = _parsed(packet)
    if root is None:
        return {}
    rdf = root if root.tag == f"{RDF}RDF" else root.find(f"{RDF}RDF")
    collected: dict[str, Value] = {}
    for description in rdf.findall(f"{RDF}Description") if rdf is not None else ():
        for name, value in _members(description, 0, wanted):
            collected.setdefault(name, value)
    return collected


def _parsed(packet: bytes) -> Element | None:
    """The root of a packet that is well-formed, has no document type, and is within the limits."""
    if not packet or len(packet) > XMP_BYTES:
        return None
    document: bytes | str
    try:
        if codec := is_utf_16(packet):
            document = packet.decode(codec)
            packet = document.encode()
        else:
            document = packet = FORBIDDEN.sub(b"", packet)
        return fromstring(document, forbid_dtd=True) if _is_cheap(packet) else None
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None


def _is_cheap(packet: bytes) -> bool:
    """Whether it may be parsed: expat works through all of its input, even after a handler has refused it."""
    return (
        packet.count(b"<") <= XMP_TAGS
        and packet.count(b"=") <= XMP_ATTRIBUTES
        and b"<!DOCTYPE" not in packet
        and not NamespaceScan().finds_overlong(packet)
    )


def text(value: Value, member: str = "") -> str:
    """A value as one line: lists and structures joined by commas; of a structure only `member`, if given."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        parts = [value[member]] if member in value else [] if member else list(value.values())
        member = ""
    else:
        parts = value
    return ", ".join(line for part in parts if (line := text(part, member)))


def _members(element: Element, depth: int, wanted: Callable[[str], bool] = bool) -> Iterator[tuple[str, Value]]:
    """The properties of a description: simple ones may be attributes, all may be child elements."""
    for key, raw in element.attrib.items():
        if wanted(name := _name(key)) and (plain := tidy(raw)):
            yield name, plain
    for child in element:
        if wanted(name := _name(child.tag)) and (value := _value(child, depth + 1)):
            yield name, value


def _value(element: Element, depth: int) -> Value:
    if depth > XMP_DEPTH:
        return ""
    for child in element:
        if child.tag == f"{RDF}Alt":
            return _default_language(child, depth)
        if child.tag in (f"{RDF}Seq", f"{RDF}Bag"):
            return [value for item in child if (value := _value(item, depth + 1))]
        if child.tag == f"{RDF}Description":
            return dict(_members(child, depth))
    if members := dict(_members(element, depth)):
        return members
    return tidy(element.get(f"{RDF}resource") or element.text or "")


def _default_language(alternatives: Element, depth: int) -> Value:
    items = sorted(alternatives, key=lambda item: item.get(LANGUAGE) != "x-default")
    return next((value for item in items if (value := _value(item, depth + 1))), "")


def _name(tag: str) -> str:
    """`dc:title` for `{http://purl.org/dc/elements/1.1/}title`; "" for names in unknown namespaces."""
    namespace, _, local = tag.removeprefix("{").partition("}")
    prefix = NAMESPACES.get(namespace)
    return f"{prefix}:{local}" if prefix else ""
