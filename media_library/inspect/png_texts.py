"""The text chunks of a PNG with metadata blocks, unpacked only if a block is wanted, and within limits.

XMP is in an iTXt chunk; the other blocks are where ImageMagick puts them: as hexadecimal digits, in any of the three
kinds of text chunks. A chunk beyond a limit is skipped, like a damaged one.
"""

import zlib
from collections.abc import Container
from typing import BinaryIO

from media_library.inspect.limits import (
    PNG_TEXT_BYTES,
    PNG_UNPACKED_ALWAYS,
    PNG_UNPACKED_BYTES,
    PNG_UNPACKED_CHUNKS,
    PNG_UNPACKED_RATIO,
)

NAMES = (b"tEXt", b"zTXt", b"iTXt")
KEYWORD_BYTES = 80  # 79 and a NUL
XMP_KEYWORD = b"XML:com.adobe.xmp"
RAW_PROFILES = {
    b"Raw profile type iptc": "iim",
    b"Raw profile type 8bim": "iim",
    b"Raw profile type exif": "exif",
    b"Raw profile type APP1": "exif",
    b"Raw profile type xmp": "xmp",
}


class TextChunks:
    """Collects the wanted `blocks` ("exif", "iim", "xmp"): the first non-empty one of each."""

    def __init__(self, wanted: Container[str]) -> None:
        self.wanted = wanted
        self.blocks = {"exif": b"", "iim": b"", "xmp": b""}
        self.unpacked_bytes = self.unpacked_chunks = 0

    def note(self, name: bytes, file: BinaryIO, length: int) -> None:
        """Read the chunk whose data begin at the file's position."""
        if length > PNG_TEXT_BYTES:
            return
        head = file.read(min(length, KEYWORD_BYTES))
        keyword = head.partition(b"\0")[0]
        is_xmp = keyword == XMP_KEYWORD and name == b"iTXt"
        kind = "xmp" if is_xmp else RAW_PROFILES.get(keyword, "")
        if kind not in self.wanted or not kind or self.blocks[kind]:
            return
        rest = (head + file.read(length - len(head)))[len(keyword) + 1 :]
        self.blocks[kind] = self._international_text(rest) if is_xmp else self._raw_profile(name, rest)

    def _international_text(self, rest: bytes) -> bytes:
        """The text of an iTXt chunk after its keyword: two flags, language, translated keyword, text."""
        packed = rest[:1] == b"\1"
        parts = rest[2:].split(b"\0", 2)
        text = parts[2] if len(parts) == 3 else b""
        return self._unpacked(text) if packed else text

    def _raw_profile(self, name: bytes, rest: bytes) -> bytes:
        """The bytes that ImageMagick wrote as text: a name, a length, then hexadecimal digits."""
        if name == b"zTXt":
            rest = self._unpacked(rest[1:])
        elif name == b"iTXt":
            rest = self._international_text(rest)
        words = rest.split(None, 2)
        try:
            return bytes.fromhex(words[2].decode("ascii")) if len(words) == 3 else b""
        except ValueError:
            return b""

    def _unpacked(self, data: bytes) -> bytes:
        """Inflate within the limits; empty if the data are damaged or larger."""
        ratio = max(PNG_UNPACKED_ALWAYS, PNG_UNPACKED_RATIO * len(data))
        most = min(PNG_TEXT_BYTES, ratio, PNG_UNPACKED_BYTES - self.unpacked_bytes)
        if most <= 0 or self.unpacked_chunks >= PNG_UNPACKED_CHUNKS:
            return b""
        self.unpacked_chunks += 1
        inflater = zlib.decompressobj()
        try:
            text = inflater.decompress(data, most)
        except zlib.error:
            self.unpacked_bytes += most
            return b""
        self.unpacked_bytes += len(text)
        return text if inflater.eof else b""
