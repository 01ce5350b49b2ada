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
            raise Damaged(f"damaged: the image claims to be {width} x {height} pixels")
        if width * height > self.max_pixels:
            raise OverLimits(f"more than {self.max_pixels / 1_000_000:g} megapixels")

    def check_frames(self, frames: int) -> None:
        """Raise NotAnImage when an animation has too many frames."""
        if frames > self.max_frames:
            raise OverLimits(f"more than {self.max_frames} frames")


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


class NotAnImage(PermanentFailure):
    """The bytes are not an image we take: another type, damaged, cut short, or beyond a limit (IMG-16, IMG-38)."""

    cause = "not-an-image"


class TypeNotAccepted(NotAnImage):
    """An image of a type or kind that is not taken."""

    cause = "type-not-accepted"


class Damaged(NotAnImage):
    """An image that is damaged or cut short."""

    cause = "damaged-image"


class OverLimits(NotAnImage):
    """An image with too many pixels, frames or parts."""

    cause = "over-limits"


class OverBudget(NotAnImage):
    """Looking into the bytes would cost more than `media_library/inspect/limits.py` grants."""

    cause = "over-budget"


class NotAVideo(PermanentFailure):
    """The bytes are no video (VID-02, VID-09)."""

    cause = "not-a-video"


class EmptyFile(NotAnImage, NotAVideo):
    """There are no bytes at all: neither an image nor a video nor any other file."""

    cause = "empty-file"

    def __init__(self) -> None:
        super().__init__("the file is empty")


def cut_short(where: str) -> Damaged:
    """The refusal of a file that ends too early."""
    return Damaged(f"cut short: the file ends {where}")


def read_exactly(file: BinaryIO, size: int, where: str) -> bytes:
    """Read `size` bytes, or refuse the file as one that ends `where`."""
    data = file.read(size)
    if len(data) < size:
        raise cut_short(where)
    return data
