"""Parse which rendition of an image a URL requests: a bounded set, so that clients cannot fill the storage with sizes.

    ?w=600&auto=format            640 pixels wide, in the best format the browser accepts
    ?w=600&h=400&fit=crop&q=80    640 x 428, cropped to the requested proportion, quality 90

The parameters are those of the image services that Livingdocs sites use (`w`, `h`, `fit`, `q`, `auto=format`), and
`format`. Widths, heights and qualities are raised to the next step; images are never enlarged.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast, get_args
from urllib.parse import urlencode

from livingdocs_import.validation.parameters import Parameters

Fit = Literal["max", "crop"]
ImageFormat = Literal["original", "jpeg", "png", "webp", "avif"]

SIZES = (64, 128, 200, 320, 400, 640, 800, 1024, 1280, 1600, 2048)
LARGEST_REQUEST = 10_000
QUALITIES = (40, 60, 75, 90)
DEFAULT_QUALITY = 75
CROP_STEP = 4  # pixels: heights of crops follow from the proportion, in these steps
_NAME = re.compile(
    r"(?:w(?P<width>[0-9]{1,5})-)?(?:h(?P<height>[0-9]{1,5})-)?(?P<fit>max|crop)-q(?P<quality>[0-9]{1,3})"
    rf"-(?P<format>{'|'.join(get_args(ImageFormat))})"
)
NAMES_AFTER = "g"  # every variant's name is greater; those of days and of imported files, in hexadecimal, are smaller
NEGOTIABLE: tuple[Literal["avif"], Literal["webp"]] = ("avif", "webp")  # smallest first


@dataclass(frozen=True, slots=True)
class Variant:
    """The parameters of a rendition; `width` and `height` are maximums, None if not requested.

    `fit` max keeps the whole image; crop cuts it to the proportion of width and height, around the middle (and equals
    max if one of them is missing). `format` original is the type of the source, except that a still GIF becomes a PNG.
    """

    width: int | None = None
    height: int | None = None
    fit: Fit = "max"
    quality: int = DEFAULT_QUALITY
    format: ImageFormat = "original"

    @classmethod
    def from_query(cls, query: Mapping[str, str], *, accept: str = "") -> "Variant":
        """Read a URL's parameters; others are ignored. Raises Invalid, keyed by parameter.

        `accept` is the request's Accept header, used for `format=auto` (or `auto=format`). The response to such a
        request varies by that header.
        """
        given = Parameters(query)
        width, height = _number(given, "w", LARGEST_REQUEST), _number(given, "h", LARGEST_REQUEST)
        quality = _number(given, "q", 100)
        fit = given.choice("fit", get_args(Fit), "max")
        wanted = given.choice("format", ("auto", *get_args(ImageFormat)), "original")
        given.refuse()
        if wanted == "auto" or ("format" not in query and "format" in query.get("auto", "").split(",")):
            wanted = negotiate(accept) or "original"
        if fit == "crop" and width and height:
            width, height = _proportional(width, height)
        else:
            fit, width, height = "max", _next_step(width, SIZES), _next_step(height, SIZES)
            if wanted != "original" and width is None and height is None:
                width = height = SIZES[-1]  # converting 50 megapixels is not a useful web image
        return cls(
            width=width,
            height=height,
            fit=cast(Fit, fit),
            quality=DEFAULT_QUALITY if wanted == "png" else _next_step(quality, QUALITIES) or DEFAULT_QUALITY,
            format=cast(ImageFormat, wanted),
        )

    @classmethod
    def named(cls, name: str) -> "Variant | None":
        """The variant with this name; None if no variant has it."""
        match = _NAME.fullmatch(name)
        if match is None:
            return None
        width, height = (int(match[side]) if match[side] else None for side in ("width", "height"))
        return cls(width, height, cast(Fit, match["fit"]), int(match["quality"]), cast(ImageFormat, match["format"]))

    @property
    def query(self) -> str:
        """The parameters of a URL that request it."""
        size = {name: str(value) for name, value in (("w", self.width), ("h", self.height)) if value}
        return urlencode(size | {"fit": self.fit, "q": str(self.quality), "format": self.format})

    @property
    def changes_nothing(self) -> bool:
        """Whether the original itself is requested."""
        return self.width is None and self.height is None and self.format == "original"

    @property
    def name(self) -> str:
        """A stable name of letters, digits and hyphens, fit for a storage key: `w640-h428-crop-q75-webp`."""
        size = [f"w{self.width}" if self.width else "", f"h{self.height}" if self.height else ""]
        return "-".join(filter(None, [*size, self.fit, f"q{self.quality}", self.format]))


def negotiate(accept: str) -> Literal["avif", "webp"] | None:
    """The smallest format that an Accept header names; wildcards are ignored, for every browser sends them."""
    accepted = set()
    for part in accept.lower().split(","):
        mime_type, *parameters = (piece.strip() for piece in part.split(";"))
        refused = any(piece.replace(" ", "") in ("q=0", "q=0.0", "q=0.00", "q=0.000") for piece in parameters)
        if not refused:
            accepted.add(mime_type)
    return next((name for name in NEGOTIABLE if f"image/{name}" in accepted), None)


def _number(given: Parameters, name: str, largest: int) -> int | None:
    return given.number(name, None, least=1, most=largest, message=f"must be a whole number from 1 to {largest}")


def _next_step(value: int | None, steps: tuple[int, ...]) -> int | None:
    """The smallest step not below the value; the largest for greater values."""
    return None if value is None else next((step for step in steps if step >= value), steps[-1])


def _proportional(width: int, height: int) -> tuple[int, int]:
    """The next allowed size for the longer side, the other in proportion."""
    if width < height:
        shorter, longer = _proportional(height, width)
        return longer, shorter
    longer = _next_step(width, SIZES) or SIZES[-1]
    steps = round(longer * height / width / CROP_STEP)
    return longer, min(longer, max(1, steps) * CROP_STEP)
