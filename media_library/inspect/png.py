"""PNG: walk over the chunks; the image data are inflated and discarded.

A truncated file has no end chunk; a file whose encoder stopped early has too few rows. The latter only shows by
inflating, which is done in small pieces: no pixel is kept, and a bomb costs at most the size it claims, which is
limited first.
"""

import struct
import zlib
from collections.abc import Container, Iterator
from io import SEEK_END
from typing import BinaryIO

from media_library.inspect import magic, png_texts, tiff
from media_library.inspect.limits import EXIF_BYTES, PNG_CHUNKS
from media_library.inspect.results import (
    AssetFacts,
    AssetLimits,
    Damaged,
    MetadataBlocks,
    OverLimits,
    cut_short,
    read_exactly,
)

SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # values per pixel, by colour type
DEPTHS = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))

PIECE = 1 << 16
OUTPUT = 1 << 16


def read(file: BinaryIO, limits: AssetLimits) -> AssetFacts:
    """Facts about a PNG; raises NotAnImage."""
    header: _Header | None = None
    rows: _Rows | None = None
    seen: set[bytes] = set()
    last = b""
    orientation = 1
    animation_frames = claimed_frames = 0
    for name, length in chunks(file):
        if header is None:
            if name != b"IHDR" or length != 13:
                raise Damaged("damaged: the PNG header is missing")
            header = _Header(_checked(file, name, length))
            limits.check_pixels(header.width, header.height)
            rows = _Rows(header.inflated_size())
        elif name == b"IDAT" and rows is not None:
            if name in seen and last != name:
                raise Damaged("damaged: image data in more than one place")
            if header.colour_type == 3 and b"PLTE" not in seen:
                raise Damaged("damaged: the palette is missing")
            rows.feed(file, length)
        elif name == b"PLTE":
            _checked(file, name, min(length, 768))
        elif name == b"eXIf" and length <= EXIF_BYTES:
            orientation = tiff.orientation(file.read(length))
        elif name == b"acTL" and length == 8 and b"IDAT" not in seen:
            claimed_frames = int.from_bytes(file.read(4), "big")
        elif name == b"fcTL":
            animation_frames += 1
        limits.check_frames(max(animation_frames, claimed_frames))
        seen.add(name)
        last = name
    if header is None or rows is None or rows.missing:
        raise Damaged("cut short: rows of the image are missing")
    width, height = header.width, header.height
    if orientation >= 5:
        width, height = height, width
    return AssetFacts("image/png", "png", width, height, frames=max(animation_frames if claimed_frames else 1, 1))


def metadata(file: BinaryIO, wanted: Container[str]) -> MetadataBlocks:
    """The wanted metadata blocks of a PNG, unpacked within limits; raises NotAnImage if it cannot be walked."""
    exif_block = b""
    texts = png_texts.TextChunks(wanted)
    for name, length in chunks(file):
        if name == b"eXIf" and "exif" in wanted and length <= EXIF_BYTES:
            exif_block = file.read(length)
        elif name in png_texts.NAMES:
            texts.note(name, file, length)
    text_blocks = texts.blocks
    return MetadataBlocks(
        exif=(exif_block or text_blocks["exif"]).removeprefix(b"Exif\0\0"),
        photoshop=text_blocks["iim"],  # the content shows which of the two it is
        iim=text_blocks["iim"],
        xmp=text_blocks["xmp"],
    )


def chunks(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Name and length of each chunk before the end chunk; the file is positioned at the chunk's data."""
    end = file.seek(0, SEEK_END)
    position = len(magic.PNG)
    for _ in range(PNG_CHUNKS):
        file.seek(position)
        length, name = struct.unpack(">I4s", read_exactly(file, 8, "between two PNG chunks"))
        if not name.isalpha() or length >= 1 << 31:
            raise Damaged("damaged: no PNG chunk where one should begin")
        position += 12 + length
        if position > end:
            raise cut_short(f"inside its {name.decode()} chunk")
        if name == b"IEND":
            return
        yield name, length
    raise OverLimits(f"more than {PNG_CHUNKS} PNG chunks")


class _Header:
    """Size, colour type and interlacing, as the image claims them."""

    def __init__(self, payload: bytes) -> None:
        fields = struct.unpack(">IIBBBBB", payload)
        self.width, self.height, self.depth, self.colour_type, compression, filtering, self.interlaced = fields
        if self.depth not in DEPTHS.get(self.colour_type, ()):
            raise Damaged(f"damaged: no PNG has colour type {self.colour_type} with {self.depth} bits")
        if compression or filtering or self.interlaced > 1:
            raise Damaged("damaged: unknown compression, filter or interlacing")

    def inflated_size(self) -> int:
        """Bytes of all rows, each with its filter byte; interlaced images are seven smaller ones."""
        bits = self.depth * SAMPLES[self.colour_type]
        total = 0
        for left, top, across, down in ADAM7 if self.interlaced else ((0, 0, 1, 1),):
            width, height = -(-(self.width - left) // across), -(-(self.height - top) // down)
            if width > 0 and height > 0:
                total += height * (1 + (width * bits + 7) // 8)
        return total


class _Rows:
    """Counts the bytes still missing while the image data are inflated."""

    def __init__(self, expected: int) -> None:
        self.missing = expected
        self.inflater = zlib.decompressobj()

    def feed(self, file: BinaryIO, length: int) -> None:
        """Check and inflate one IDAT chunk."""
        checksum = zlib.crc32(b"IDAT")
        while length:
            piece = read_exactly(file, min(length, PIECE), "inside the image data")
            length -= len(piece)
            checksum = zlib.crc32(piece, checksum)
            while piece and self.missing and not self.inflater.eof:
                try:
                    self.missing -= len(self.inflater.decompress(piece, min(self.missing, OUTPUT)))
                except zlib.error as error:
                    raise Damaged("damaged: the image data cannot be unpacked") from error
                piece = self.inflater.unconsumed_tail
        if read_exactly(file, 4, "inside the image data") != checksum.to_bytes(4, "big"):
            raise Damaged("damaged: wrong checksum of the image data")


def _checked(file: BinaryIO, name: bytes, length: int) -> bytes:
    payload, checksum = file.read(length), file.read(4)
    if zlib.crc32(name + payload).to_bytes(4, "big") != checksum:
        raise Damaged(f"damaged: wrong checksum of the {name.decode()} chunk")
    return payload
