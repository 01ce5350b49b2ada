"""The bytes of an XML file for a parser and for scans of ASCII: UTF-16 is converted to UTF-8."""

import codecs
from typing import BinaryIO

from media_library.inspect.results import Damaged

# Beginnings of UTF-16, with a byte order mark or without.
UTF_16 = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}


def is_utf_16(head: bytes) -> str:
    """The codec of a document that begins like UTF-16, by the rules of XML parsers; "" for all others."""
    return UTF_16.get(head[:2], "")


class XmlBytes:
    """Reads a file in pieces; `encoding` is passed to the parser, None if it detects it itself."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        head = file.read(2)
        codec = is_utf_16(head)
        self.encoding = "utf-8" if codec else None
        self.decoder = codecs.getincrementaldecoder(codec)() if codec else None
        self.kept = b""
        file.seek(0)

    def read(self, size: int) -> bytes:
        """The next `size` bytes or so; empty at the end. Raises Damaged if UTF-16 is damaged or truncated."""
        if self.kept:
            piece, self.kept = self.kept[:size], self.kept[size:]
            return piece
        piece = self.file.read(size)
        return piece if self.decoder is None else self._recoded(piece, size)

    def read_to(self, end: bytes, size: int, *, after: bytes) -> bytes:
        """The next `size` bytes or so, but no further than the next `end`; `<` itself is left for the next piece.

        `after` is the previous input, in which the end may have begun.
        """
        piece = self.read(size)
        tail = after[1 - len(end) :] if len(end) > 1 else b""
        end_at = (tail + piece).find(end)
        if end_at >= 0:
            cut = end_at - len(tail) + (0 if end == b"<" else len(end))
            piece, self.kept = piece[:cut], piece[cut:] + self.kept
        return piece

    def _recoded(self, piece: bytes, size: int) -> bytes:
        assert self.decoder is not None
        try:
            text = self.decoder.decode(piece, final=not piece)
            while piece and not text:
                piece = self.file.read(size)
                text = self.decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            raise Damaged("damaged: SVG in broken UTF-16" if piece else "cut short: SVG in UTF-16") from error
        return text.encode()
