"""The results of a file format's reader: facts about the image, its metadata blocks, or the reason of its refusal."""

from dataclasses import dataclass
from typing import BinaryIO

from livingdocs_import.errors import PermanentFailure


@dataclass(frozen=True, slots=True)
class AssetLimits:
    """Limits of an image; the number of bytes is limited during the download."""

    max_pixels: int = 50_000_000
    max_frames: int = 1_800

    def check_pixels(self, width: int, height: int) -> None:
        """Raise NotAnImage when the claimed area is empty or too large."""
        if width < 1 or height < 1:
            raise Damaged(f"damaged: the image claims to be {width} x {height} pixels")
        if width * height > self.max_pixels:
            raise OverLimits(f"more than {self.max_pixels / 1_000_000:g} megapixels")

    def check_frames(self, frames: int) -> None:
        """Raise NotAnImage when an animation has too many frames."""
        if frames > self.max_frames:
            raise OverLimits(f"more than {self.max_frames} frames")


@dataclass(frozen=True, slots=True)
class AssetFacts:
    """One image as a browser shows it: `width` and `height` are pixels after applying EXIF orientation.

    A vector graphic has its declared size in CSS pixels; `frames` is 1 unless it is animated.
    """

    mime_type: str
    extension: str
    width: int
    height: int
    frames: int = 1


@dataclass(frozen=True, slots=True)
class MetadataBlocks:
    """The metadata blocks of a file, in their own encodings; empty if absent."""

    exif: bytes = b""  # a TIFF structure
    photoshop: bytes = b""  # Photoshop's image resources, which hold IPTC datasets
    iim: bytes = b""  # separate IPTC datasets
    xmp: bytes = b""  # an XML packet


class NotAnImage(PermanentFailure):
    """The bytes are not an accepted image: another type, damaged, truncated, or beyond a limit (IMG-16, IMG-38)."""

    cause = "not-an-image"


class TypeNotAccepted(NotAnImage):
    """An image of a type or kind that is not accepted."""

    cause = "type-not-accepted"


class Damaged(NotAnImage):
    """An image that is damaged or truncated."""

    cause = "damaged-image"


class OverLimits(NotAnImage):
    """An image with too many pixels, frames or parts."""

    cause = "over-limits"


class OverBudget(NotAnImage):
    """Reading the bytes would cost more than `media_library/inspect/limits.py` allows."""

    cause = "over-budget"


class NotAVideo(PermanentFailure):
    """The bytes are not a video (VID-02, VID-09)."""

    cause = "not-a-video"


class EmptyFile(NotAnImage, NotAVideo):
    """There are no bytes at all: not an image, a video or any other file."""

    cause = "empty-file"

    def __init__(self) -> None:
        super().__init__("the file is empty")


def cut_short(where: str) -> Damaged:
    """The error for a file that ends too early."""
    return Damaged(f"cut short: the file ends {where}")


def read_exactly(file: BinaryIO, size: int, where: str) -> bytes:
    """Read `size` bytes, or raise for a file that ends `where`."""
    data = file.read(size)
    if len(data) < size:
        raise cut_short(where)
    return data
