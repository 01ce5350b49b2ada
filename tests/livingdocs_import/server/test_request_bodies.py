"""Bodies as they arrive: the same whatever the pieces, and nothing that belongs to the next request."""

from collections.abc import Sequence

import pytest
from gunicorn.http.errors import ParseException
from hypothesis import given
from hypothesis import strategies as st

from livingdocs_import.server.request_bodies import IN_MEMORY, Body, BodyMissing, ChunkedBody, LengthBody

LIMIT = 4 * IN_MEMORY
NEXT = b"GET / HTTP/1.1\r\n"


def fed(body: Body, sent: bytes, cuts: Sequence[int] = ()) -> int:
    """How much of SENT the body took, in pieces that end at CUTS."""
    taken = 0
    for end in [*sorted(cuts), len(sent)]:
        while taken < end and not body.complete and not body.over:
            taken += body.feed(memoryview(sent[taken:end]))
    return taken


def chunked(*chunks: bytes, trailers: bytes = b"") -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n" + trailers + b"\r\n"


def content(body: Body) -> bytes:
    body.rewind()
    return body.read()


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=5), st.lists(st.integers(0, 300), max_size=20))
def test_chunks_are_put_together_whatever_the_pieces(chunks: list[bytes], cuts: list[int]) -> None:
    sent = chunked(*chunks)
    body = ChunkedBody(LIMIT)
    assert fed(body, sent + NEXT, [min(cut, len(sent)) for cut in cuts]) == len(sent)
    assert (body.complete, content(body)) == (True, b"".join(chunks))


@given(st.binary(max_size=100), st.lists(st.integers(0, 100), max_size=10))
def test_an_announced_length_is_taken_and_no_more(sent: bytes, cuts: list[int]) -> None:
    body = LengthBody(len(sent))
    assert fed(body, sent + NEXT, [min(cut, len(sent)) for cut in cuts]) == len(sent)
    assert (body.complete, content(body)) == (True, sent)


def test_a_long_body_is_the_same() -> None:
    sent = b"0123456789" * (IN_MEMORY // 5)
    body = LengthBody(len(sent))
    fed(body, sent, range(0, len(sent), 99_999))
    assert content(body) == sent
    body.discard()


@pytest.mark.parametrize(
    "framing", [b"3;a=b\r\nabc\r\n0\r\n\r\n", b'3 ; a="b"\r\nabc\r\n0;c\r\n\r\n', b"0003\r\nabc\r\n00\r\n\r\n"]
)
def test_extensions_of_chunks_are_read_over(framing: bytes) -> None:
    body = ChunkedBody(LIMIT)
    assert fed(body, framing + NEXT) == len(framing)
    assert content(body) == b"abc"


def test_trailers_are_read_over() -> None:
    body = ChunkedBody(LIMIT)
    sent = chunked(b"abc", trailers=b"Checksum: 1\r\nOther: 2\r\n")
    assert fed(body, sent + NEXT) == len(sent)
    assert content(body) == b"abc"


@pytest.mark.parametrize(
    "sent",
    [
        b"zz\r\nabc\r\n",
        b"\r\nabc\r\n",
        b"-3\r\nabc\r\n",
        b"0x3\r\nabc\r\n",
        b"3\nabc\r\n",
        b"3\r\nabcd\r\n",
        b"3\r\nabc\n",
        b"3;a\x00b\r\nabc\r\n",
        b"1" * 20 + b"\r\n",
        b"3;" + b"a" * 300,
        b"0\r\n" + b"a: b\r\n" * 2_000,
        b"1\r\na\r\n" * 40_000,  # framing without end
    ],
)
def test_what_are_no_chunks_is_refused(sent: bytes) -> None:
    with pytest.raises(ParseException):
        fed(ChunkedBody(LIMIT), sent)
    with pytest.raises(ParseException):
        fed(ChunkedBody(LIMIT), sent, range(min(len(sent), 400)))


def test_no_more_is_kept_of_chunks_than_the_limit_and_what_came_with_it() -> None:
    body = ChunkedBody(limit=10)
    assert fed(body, b"ffffffff\r\n" + b"a" * 30, [16, 25]) == 25
    assert (body.over, body.is_too_long, body.complete, body.size) == (True, True, False, 15)


def test_a_body_that_has_not_arrived_cannot_be_read() -> None:
    for body in (LengthBody(3), ChunkedBody(LIMIT)):
        for read in (body.read, body.readline, body.readlines, lambda body=body: list(body)):
            with pytest.raises(BodyMissing):
                read()


def test_what_is_read_before_the_rest_arrives_is_not_overwritten() -> None:
    body = LengthBody(6)
    fed(body, b"abc")
    body.rewind()
    fed(body, b"def")
    assert content(body) == b"abcdef"


def test_chunks_that_broke_off_are_never_taken_for_a_whole_body() -> None:
    body = ChunkedBody(LIMIT)
    fed(body, b"3\r\nabc\r\n")
    body.over = True
    body.rewind()
    with pytest.raises(OSError, match="last chunk"):
        body.read()
