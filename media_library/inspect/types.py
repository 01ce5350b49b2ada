"""What a reader of a file format says: facts about the image, its metadata blocks, or why it is refused."""

from dataclasses import dataclass
from typing import BinaryIO

from livingdocs_import.errors import PermanentFailure


@dataclass(frozen=True, slots=True)
class AssetLimits:
    """What an image may claim; the number of bytes is limited where the file is fetched."""

    max_pixels: int = 50_000_000
    max_frames: int = 1_800

    def check_pixels(self, width: int, height: int) -> None:
        """Raise NotAnImage when the claimed area is empty or too large."""
        if width < 1 or height < 1:
            raise NotAnImage(f"damaged: the image claims to be {width} x {height} pixels")
        if width * height > self.max_pixels:
            raise NotAnImage(f"more than {self.max_pixels / 1_000_000:g} megapixels")

    def check_frames(self, frames: int) -> None:
        """Raise NotAnImage when an animation has too many frames."""
        if frames > self.max_frames:
            raise NotAnImage(f"more than {self.max_frames} frames")


@dataclass(frozen=True, slots=True)
class AssetFacts:
    """One image as a browser shows it: `width` and `height` are pixels after EXIF orientation has turned it.

    A vector graphic has the size it asks for in CSS pixels; `frames` is 1 for everything that does not move.
    """

    mime_type: str
    extension: str
    width: int
    height: int
    frames: int = 1


@dataclass(frozen=True, slots=True)
class MetadataBlocks:
    """The places where captions live inside a file, still in their own encodings; empty where there is none."""

    exif: bytes = b""  # a TIFF structure
    photoshop: bytes = b""  # Photoshop's image resources, which hold IPTC datasets
    iim: bytes = b""  # IPTC datasets that stand by themselves
    xmp: bytes = b""  # an XML packet


# What the details begin with, and the cause that it means (docs/specification/causes.md).
EMPTY = "the file is empty"
CAUSES = (
    ("not an image", "not-an-image"),
    (EMPTY, "empty-file"),
    ("image type not accepted", "type-not-accepted"),
    ("cut short", "damaged-image"),
    ("damaged", "damaged-image"),
    ("more than", "over-limits"),
)


class NotAnImage(PermanentFailure):
    """The bytes are not an image we take: another type, damaged, cut short, or beyond a limit (IMG-16, IMG-38)."""

    cause = "type-not-accepted"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.cause = next((cause for start, cause in CAUSES if detail.startswith(start)), self.cause)


class NotAVideo(PermanentFailure):
    """The bytes are no video (VID-02, VID-09)."""

    cause = "not-a-video"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.cause = "empty-file" if detail == EMPTY else self.cause


class NotAFile(PermanentFailure):
    """There are no bytes at all."""

    cause = "empty-file"


class OverBudget(NotAnImage):
    """Looking into the bytes would cost more than `media_library/inspect/limits.py` grants."""

    cause = "over-budget"


def cut_short(where: str) -> NotAnImage:
    """The refusal of a file that ends too early."""
    return NotAnImage(f"cut short: the file ends {where}")


def read_exactly(file: BinaryIO, size: int, where: str) -> bytes:
    """Read `size` bytes, or refuse the file as one that ends `where`."""
    data = file.read(size)
    if len(data) < size:
        raise cut_short(where)
    return data
