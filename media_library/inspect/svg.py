"""SVG: one bounded pass of an XML parser that builds nothing and fetches nothing.

The file is stored as sent and never trusted (it is served under a policy that runs no scripts). So it only has to be an
SVG, well-formed to its end, without entity declarations (Q-39). Its size is the declared one in CSS pixels; without
one, the viewBox; without both, the 300 x 150 of CSS.
"""

import math
import re
from collections.abc import Mapping
from typing import BinaryIO

from media_library.inspect import svg_parsing
from media_library.inspect.results import AssetFacts

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


def read(file: BinaryIO) -> AssetFacts:
    """Facts about an SVG; raises NotAnImage."""
    width, height = _size(svg_parsing.root_attributes(file))
    return AssetFacts("image/svg+xml", "svg", width, height)


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
    """A length in pixels; 0 for percentages and anything that is not a positive size."""
    match = LENGTH.fullmatch(length) if len(length) <= MAX_LENGTH_CHARACTERS else None
    if match is None:
        return 0.0
    pixels = float(match[1]) * PIXELS.get(match[2].lower(), 0.0)
    return pixels if 0 < pixels < math.inf else 0.0


def _view_box(value: str) -> tuple[float, float]:
    """Width and height of a viewBox; zeros if it is invalid."""
    parts = value.replace(",", " ").split() if len(value) <= 4 * MAX_LENGTH_CHARACTERS else []
    if len(parts) != 4:
        return 0.0, 0.0
    return _pixels(parts[2]), _pixels(parts[3])


def _whole(pixels: float) -> int:
    return max(1, min(LARGEST, round(min(pixels, LARGEST))))
