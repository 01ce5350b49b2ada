"""Decode the Content-Encoding of a body in pieces, so that a decompression bomb is stopped while it expands."""

import zlib
from collections.abc import Iterable, Iterator

PIECE = 256 * 1024  # bytes; the maximum output of one step
MAX_MEMBERS = 2_000  # members of one gzip file; each costs as much as some kilobytes

_GZIP = zlib.MAX_WBITS | 16


Block = bytes | memoryview


class CannotDecode(Exception):
    """The body does not match its Content-Encoding, or the encoding is unknown."""


class EndsEarly(Exception):
    """The encoded body is not complete."""


def decoded(blocks: Iterable[Block], encoding: str) -> Iterator[Block]:
    """The blocks of a body without their Content-Encoding; none larger than PIECE if the encoding expands.

    A block is valid until the next one is requested. Raises CannotDecode or EndsEarly.
    """
    match encoding.strip().lower():
        case "" | "identity":
            return iter(blocks)
        case "gzip" | "x-gzip":
            return _inflated(blocks, _GZIP)
        case "deflate":
            return _inflated(blocks, zlib.MAX_WBITS)
        case _:
            raise CannotDecode


def _inflated(blocks: Iterable[Block], window: int) -> Iterator[bytes]:
    decoder = zlib.decompressobj(window)
    begun, members = False, 1
    for block in blocks:
        if not begun and window == zlib.MAX_WBITS and not _has_zlib_header(block):
            decoder = zlib.decompressobj(-zlib.MAX_WBITS)  # "deflate" of old servers: without the zlib wrapper
        begun = True
        rest: Block = block
        more = bool(rest)
        while more:
            if decoder.eof:  # gzip files may consist of several members
                decoder, members = zlib.decompressobj(window), members + 1
                if members > MAX_MEMBERS:
                    raise CannotDecode
            try:
                piece = decoder.decompress(rest, PIECE)
            except zlib.error as error:
                raise CannotDecode from error
            if piece:
                yield piece
            rest = decoder.unused_data if decoder.eof else decoder.unconsumed_tail
            # More output may follow a full piece, even when all input is consumed.
            more = bool(rest) or (len(piece) == PIECE and not decoder.eof)
    if not decoder.eof:
        raise EndsEarly


def _has_zlib_header(block: Block) -> bool:
    return len(block) >= 2 and block[0] & 0x0F == zlib.DEFLATED and (block[0] << 8 | block[1]) % 31 == 0
