"""The bytes of an XML file for a parser and for scans that look for ASCII: UTF-16 comes out as UTF-8."""

import codecs
from typing import BinaryIO

from media_library.inspect.types import Damaged

# How UTF-16 begins, with a byte order mark or without.
UTF_16 = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}


def is_utf_16(head: bytes) -> str:
    """The codec of a document that begins like UTF-16, as XML parsers tell it; "" for all others."""
    return UTF_16.get(head[:2], "")


class XmlBytes:
    """Reads on in a file; `encoding` is what the parser must be told, None where it finds out for itself."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        head = file.read(2)
        codec = is_utf_16(head)
        self.encoding = "utf-8" if codec else None
        self.decoder = codecs.getincrementaldecoder(codec)() if codec else None
        self.kept = b""
        file.seek(0)

    def read(self, size: int) -> bytes:
        """Some `size` bytes more; none at the end. Raises Damaged when UTF-16 is damaged or cut short."""
        if self.kept:
            piece, self.kept = self.kept[:size], self.kept[size:]
            return piece
        piece = self.file.read(size)
        return piece if self.decoder is None else self._recoded(piece, size)

    def read_to(self, end: bytes, size: int, *, after: bytes) -> bytes:
        """Some `size` bytes, but no further than to the next `end`; `<` itself is left for the next piece.

        `after` is what was read before, in which the end may have begun.
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
