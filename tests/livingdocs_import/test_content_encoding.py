"""Undoing a Content-Encoding in pieces."""

import gzip
import zlib

import pytest

from livingdocs_import.content_encoding import PIECE, CannotDecode, EndsEarly, decoded


@pytest.mark.parametrize("window", [zlib.MAX_WBITS, -zlib.MAX_WBITS])
@pytest.mark.parametrize("surplus", [0, 1, 4, 100, 257, 258, 259, 515, PIECE])
def test_nothing_is_lost_where_pieces_end(surplus: int, window: int) -> None:
    """Without the zlib wrapper the decoder may have taken all its input while output is still to come."""
    body = bytes(PIECE + surplus)
    pieces = [bytes(piece) for piece in decoded([zlib.compress(body, wbits=window)], "deflate")]
    assert b"".join(pieces) == body
    assert max(map(len, pieces)) <= PIECE


@pytest.mark.parametrize("length", [1, 2, 7])
def test_the_blocks_may_be_cut_anywhere(length: int) -> None:
    encoded = gzip.compress(b"first, ") + gzip.compress(b"second")
    blocks = [memoryview(encoded)[start : start + length] for start in range(0, len(encoded), length)]
    assert b"".join(decoded(blocks, "X-GZIP")) == b"first, second"


@pytest.mark.parametrize("encoding", ["", "identity", " Identity "])
def test_without_an_encoding_the_blocks_are_handed_on(encoding: str) -> None:
    assert list(decoded([b"a", b"b"], encoding)) == [b"a", b"b"]


def test_what_ends_early_is_incomplete() -> None:
    with pytest.raises(EndsEarly):
        list(decoded([gzip.compress(b"body")[:-9]], "gzip"))
    with pytest.raises(EndsEarly):
        list(decoded([], "gzip"))


@pytest.mark.parametrize(("body", "encoding"), [(b"body", "gzip"), (b"\x07body", "deflate"), (b"", "br")])
def test_what_is_not_encoded_so_is_refused(body: bytes, encoding: str) -> None:
    with pytest.raises(CannotDecode):
        list(decoded([body], encoding))
