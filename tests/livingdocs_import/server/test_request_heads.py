"""Where a head ends, whatever the pieces in which it comes."""

import pytest

from livingdocs_import.server.request_heads import find_end

LINE, HEAD = 40, 200
WHOLE = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def end_of(sent: bytes, searched: int = 0) -> int:
    return find_end(bytearray(sent), searched, line_limit=LINE, head_limit=HEAD)


def in_pieces(sent: bytes) -> int:
    """The end, when every byte comes alone."""
    return next((end for number in range(1, len(sent) + 1) if (end := end_of(sent[:number], number - 1))), 0)


@pytest.mark.parametrize(
    ("sent", "end"),
    [
        (WHOLE, len(WHOLE)),
        (WHOLE + b"body", len(WHOLE)),
        (WHOLE + WHOLE, len(WHOLE)),
        (b"\r\n" + WHOLE, len(WHOLE) + 2),
        (WHOLE[:-1], 0),
        (b"GET / HT", 0),
        (b"GET / HTTP/1.1\r", 0),
        (b"GET /" + b"a" * 30 + b"\r\nHost: ", 0),
    ],
)
def test_the_end_is_found_once_and_for_all(sent: bytes, end: int) -> None:
    assert end_of(sent) == end
    assert in_pieces(sent) == end


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\nHost: x\n\n",  # line feeds alone
        b"GET / HTTP/1.1\r\nHost: x\n",
        b"\n",
        b"GET /" + b"a" * 60,  # the line is too long
        b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 40,  # all together is too long
    ],
)
def test_what_will_never_be_a_head_is_given_to_the_parser_as_it_is(sent: bytes) -> None:
    assert end_of(sent) == len(sent)
    assert 0 < in_pieces(sent) <= len(sent)
