"""JPEG: walk over the marker segments, without decoding the picture.

Irrelevant segments are skipped by seeking, so the cost does not depend on the size of the file. A truncated file is
detected by its missing end: either its last bytes are the end-of-image marker, or (phones append films and depth maps)
the compressed data are searched for it.
"""

import re
import struct
from collections.abc import Container, Iterator
from io import SEEK_END, BytesIO
from typing import BinaryIO

from media_library.inspect import magic, tiff
from media_library.inspect.limits import IIM_BYTES, JPEG_SEGMENTS
from media_library.inspect.results import (
    AssetFacts,
    AssetLimits,
    Damaged,
    MetadataBlocks,
    OverLimits,
    TypeNotAccepted,
    cut_short,
    read_exactly,
)

END = b"\xff\xd9"
SOI, EOI, SOS, DQT, APP1, APP13 = 0xD8, 0xD9, 0xDA, 0xDB, 0xE1, 0xED
WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD8)}
FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
BASELINE, EXTENDED, PROGRESSIVE = 0xC0, 0xC1, 0xC2  # supported by every decoder; the others are lossless, arithmetic …

EXIF_HEADER = b"Exif\0\0"
XMP_HEADER = b"http://ns.adobe.com/xap/1.0/\0"
PHOTOSHOP_HEADER = b"Photoshop 3.0\0"

TAIL = 64  # bytes of padding that some programs append after the end marker
WINDOW = 1 << 15
# Inside compressed data 0xFF is followed by 0x00 or a restart marker; anything else is a real marker.
MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])")


def read(file: BinaryIO, limits: AssetLimits) -> AssetFacts:
    """Facts about a JPEG; raises NotAnImage."""
    frame: _Frame | None = None
    orientation = 0
    has_tables = False
    for marker, length in segments(file):
        if marker in FRAMES:
            if frame is not None:
                raise Damaged("damaged: more than one frame header")
            frame = _Frame(marker, read_exactly(file, length, "inside the frame header"))
            limits.check_pixels(frame.width, frame.height)
        elif marker == APP1 and not orientation:
            if file.read(len(EXIF_HEADER)) == EXIF_HEADER:
                orientation = tiff.orientation(file.read(length - len(EXIF_HEADER)))
        elif marker == DQT:
            has_tables = True
        elif marker == SOS:
            if frame is None or not has_tables:
                raise Damaged("damaged: image data without their headers")
            start = file.seek(length, 1)
            _check_complete(file, start, frame)
            width, height = frame.width, frame.height
            if orientation >= 5:
                width, height = height, width
            return AssetFacts("image/jpeg", "jpeg", width, height)
    raise Damaged("damaged: no image data")


def metadata(file: BinaryIO, wanted: Container[str]) -> MetadataBlocks:
    """The wanted blocks before the image data; raises NotAnImage if even these cannot be walked."""
    first_blocks = {"exif": b"", "xmp": b""}
    photoshop = BytesIO()
    for marker, length in segments(file):
        if marker == SOS:
            break
        if marker == APP1:
            payload = file.read(length)
            for name, header in (("exif", EXIF_HEADER), ("xmp", XMP_HEADER)):
                if name in wanted and payload.startswith(header) and not first_blocks[name]:
                    first_blocks[name] = payload[len(header) :]
        elif marker == APP13 and "iim" in wanted and photoshop.tell() < IIM_BYTES:
            payload = file.read(length)
            if payload.startswith(PHOTOSHOP_HEADER):
                photoshop.write(payload[len(PHOTOSHOP_HEADER) :])
    return MetadataBlocks(exif=first_blocks["exif"], xmp=first_blocks["xmp"], photoshop=photoshop.getvalue())


def segments(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """Marker and payload length of each segment up to the first scan or the end; the file is at the payload."""
    file.seek(0)
    if file.read(2) != magic.JPEG[:2]:
        raise TypeNotAccepted("not a JPEG")
    position = 2
    for _ in range(JPEG_SEGMENTS):
        marker, position = _next_marker(file, position)
        if marker is None:
            raise cut_short("before the image data")
        if marker == EOI:
            return
        if marker in WITHOUT_LENGTH or marker == SOI:
            raise Damaged("damaged: a marker in the wrong place")
        file.seek(position)
        (length,) = struct.unpack(">H", read_exactly(file, 2, "before the image data"))
        if length < 2:
            raise Damaged("damaged: a segment without a length")
        position += length
        yield marker, length - 2
        if marker == SOS:
            return
    raise OverLimits(f"more than {JPEG_SEGMENTS} JPEG segments")


class _Frame:
    """The frame header: the size of the picture, and the least bytes that could hold it."""

    def __init__(self, marker: int, payload: bytes) -> None:
        if len(payload) < 6:
            raise Damaged("damaged: the frame header is too short")
        precision, self.height, self.width, components = struct.unpack_from(">BHHB", payload)
        if marker not in (BASELINE, EXTENDED, PROGRESSIVE):
            raise TypeNotAccepted("JPEG of a kind that browsers do not show (lossless, hierarchical or arithmetic)")
        if precision != 8:
            raise TypeNotAccepted(f"JPEG with {precision} bits per sample; browsers show 8")
        if components not in (1, 3, 4) or len(payload) != 6 + 3 * components:
            raise Damaged(f"damaged: a JPEG with {components} colour components")
        factors = [(value >> 4, value & 15) for value in payload[7::3]]
        if not all(1 <= across <= 4 and 1 <= down <= 4 for across, down in factors):
            raise Damaged("damaged: impossible sampling factors")
        widest, tallest = max(across for across, _ in factors), max(down for _, down in factors)
        blocks = max(  # of 8 x 8 values, in the finest component
            -(-self.width * across // (8 * widest)) * -(-self.height * down // (8 * tallest))
            for across, down in factors
        )
        # Huffman coding spends at least one bit on a block's mean, and in a sequential file one more on its end.
        self.least_bytes = blocks * (1 if marker == PROGRESSIVE else 2) // 8


def _check_complete(file: BinaryIO, start: int, frame: _Frame) -> None:
    end = file.seek(0, SEEK_END)
    if start >= end:
        raise cut_short("before the image data")
    if end - start < frame.least_bytes:
        raise Damaged(f"cut short: too few bytes for {frame.width} x {frame.height} pixels")
    file.seek(max(start, end - TAIL))
    if not file.read(TAIL).rstrip(b"\0\r\n ").endswith(END) and not _has_end(file, start):
        raise cut_short("inside the image data")


def _has_end(file: BinaryIO, position: int) -> bool:
    """Whether the end marker follows the compressed data at `position`; further scans are walked too."""
    for _ in range(JPEG_SEGMENTS):
        marker, position = _next_marker(file, position)
        if marker in (EOI, None):
            return marker == EOI
        if marker not in WITHOUT_LENGTH:
            file.seek(position)
            position += int.from_bytes(file.read(2), "big")
    return False


def _next_marker(file: BinaryIO, position: int) -> tuple[int | None, int]:
    """The next marker at or after `position`, and the position after it; None at the end of the file.

    Like decoders, it skips stray bytes between segments.
    """
    file.seek(position)
    kept = b""
    size = 2  # nearly always the marker is right here; for compressed data the steps grow
    while piece := file.read(size):
        data = kept + piece
        if match := MARKER.search(data):
            return match[1][0], position + match.end()
        kept = data[-1:] if data[-1] == 0xFF else b""
        position += len(data) - len(kept)
        size = min(16 * size, WINDOW)
    return None, position
