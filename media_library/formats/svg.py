"""SVG: one bounded pass of an XML parser that builds nothing and fetches nothing.

The file is stored as it was sent and never trusted (it is served under a policy that runs no scripts), so what matters
here is that it is an SVG, well-formed to its end, and declares no entities (rulings: Q-39). Its size is the one it asks
for in CSS pixels; without one, the viewBox; without both, the 300 x 150 of CSS.
"""

import math
import re
from collections.abc import Mapping
from typing import BinaryIO, NoReturn
from xml.parsers import expat

from media_library.formats.facts import AssetFacts, NotAnImage

NAMESPACE = "http://www.w3.org/2000/svg"
XHTML = "http://www.w3.org/1999/xhtml"
DEFAULT_WIDTH, DEFAULT_HEIGHT = 300.0, 150.0
LARGEST = 2**31 - 1

PIXELS = {
    "": 1.0,
    "px": 1.0,
    "pt": 96 / 72,
    "pc": 16.0,
    "in": 96.0,
    "cm": 96 / 2.54,
    "mm": 96 / 25.4,
    "q": 96 / 101.6,
    "em": 16.0,
    "rem": 16.0,
    "ex": 8.0,
}
LENGTH = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*([a-z]*)\s*", re.ASCII | re.IGNORECASE)
MAX_LENGTH_CHARACTERS = 100

MAX_DEPTH = 1_000
MAX_ELEMENTS = 500_000
FIRST_PIECE = 1 << 16


def read(file: BinaryIO) -> AssetFacts:
    """Facts about an SVG; raises NotAnImage."""
    document = _Document()
    file.seek(0)
    # The pieces double: a parser that is given a huge comment in equal pieces looks at its beginning again each time.
    size = FIRST_PIECE
    while piece := file.read(size):
        document.feed(piece)
        size *= 2
    width, height = _size(document.finish())
    return AssetFacts("image/svg+xml", "svg", width, height)


class _Document:
    """Counts elements, keeps the attributes of the root, refuses what must not be there."""

    def __init__(self) -> None:
        self.root: dict[str, str] | None = None
        self.depth = 0
        self.elements = 0
        self.parser = parser = expat.ParserCreate(namespace_separator=" ")
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.EntityDeclHandler = _refuse_entity_declarations
        parser.SkippedEntityHandler = _refuse_unknown_entities
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end

    def feed(self, piece: bytes, *, final: bool = False) -> None:
        try:
            self.parser.Parse(piece, final)
        except expat.ExpatError as error:
            if self.root is None:
                raise NotAnImage("not an image: text that is no well-formed XML") from error
            where = "cut short" if final else "damaged"
            raise NotAnImage(f"{where}: SVG is not well-formed (line {error.lineno})") from error
        except (ValueError, LookupError) as error:  # encodings that the parser does not have
            raise NotAnImage("SVG in an unknown encoding") from error

    def finish(self) -> Mapping[str, str]:
        """The attributes of the root."""
        self.feed(b"", final=True)
        return self.root or {}

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self.root is None:
            namespace, _, tag = name.rpartition(" ")
            if tag.lower() == "html" or namespace == XHTML:
                raise NotAnImage("not an image: text/html")
            if (namespace, tag) == ("", "svg"):
                raise NotAnImage("SVG without the SVG namespace, which browsers do not show")
            if (namespace, tag) != (NAMESPACE, "svg"):
                raise NotAnImage("not an image: application/xml")
            self.root = attributes
        self.depth += 1
        self.elements += 1
        if self.depth > MAX_DEPTH:
            raise NotAnImage(f"SVG nested deeper than {MAX_DEPTH} levels")
        if self.elements > MAX_ELEMENTS:
            raise NotAnImage(f"SVG with more than {MAX_ELEMENTS} elements")

    def _end(self, _name: str) -> None:
        self.depth -= 1


def _refuse_entity_declarations(*_: object) -> NoReturn:
    raise NotAnImage("SVG with entity declarations")


def _refuse_unknown_entities(*_: object) -> NoReturn:
    raise NotAnImage("SVG with references to entities it does not declare")


def _size(root: Mapping[str, str]) -> tuple[int, int]:
    """Width and height in whole CSS pixels, at least 1."""
    width, height = _pixels(root.get("width", "")), _pixels(root.get("height", ""))
    box_width, box_height = _view_box(root.get("viewBox", ""))
    if box_width and box_height:
        if not width and not height:
            width, height = box_width, box_height
        width = width or height * box_width / box_height
        height = height or width * box_height / box_width
    return _whole(width or DEFAULT_WIDTH), _whole(height or DEFAULT_HEIGHT)


def _pixels(length: str) -> float:
    """A length in pixels; 0 for percentages and everything that is no positive size."""
    match = LENGTH.fullmatch(length) if len(length) <= MAX_LENGTH_CHARACTERS else None
    if match is None:
        return 0.0
    pixels = float(match[1]) * PIXELS.get(match[2].lower(), 0.0)
    return pixels if 0 < pixels < math.inf else 0.0


def _view_box(value: str) -> tuple[float, float]:
    """Width and height of a viewBox; zeros when it is none."""
    parts = value.replace(",", " ").split() if len(value) <= 4 * MAX_LENGTH_CHARACTERS else []
    if len(parts) != 4:
        return 0.0, 0.0
    return _pixels(parts[2]), _pixels(parts[3])


def _whole(pixels: float) -> int:
    return max(1, min(LARGEST, round(min(pixels, LARGEST))))
