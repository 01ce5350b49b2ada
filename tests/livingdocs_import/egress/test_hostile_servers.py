"""Slow, endless and lying servers, for downloads and webhooks alike.

A head that is no good is a failure of both. A body that is no good fails a download; of a webhook its status counts,
with as much of the answer as has come.
"""

import gzip
import math
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest

from livingdocs_import.egress.errors import (
    Incomplete,
    LargerThanAllowed,
    LongerThanAnnounced,
    NoAnswer,
    NotHTTP,
    NoUsableAnswer,
    Undecodable,
)
from livingdocs_import.egress.post import post
from livingdocs_import.errors import Failure
from tests.origin import Origin, Reply

MB = 1024 * 1024
JPEG = bytes(range(256)) * 1300
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@dataclass(frozen=True)
class Got:
    """What came of a request. `body`: what a download has written, or the beginning that is kept of an answer."""

    is_download: bool
    failure: Failure | None
    status: int | None
    body: bytes
    seconds: float

    def has_no_head(self, error: type[Failure], of_webhook: type[Failure] = NoUsableAnswer) -> bool:
        return type(self.failure) is (error if self.is_download else of_webhook)

    def has_no_body(self, error: type[Failure]) -> bool:
        return type(self.failure) is error if self.is_download else self.status == 200


Call = Callable[..., Got]


@pytest.fixture(params=["download", "webhook"])
def call(request: pytest.FixtureRequest, settings: Any, origin: Origin, make_fetcher: Any) -> Call:
    """Ask a server in either way. A webhook may take as long as the shorter of the two times."""
    settings.FETCH_ALLOWED_NETWORKS = [origin.address]

    def download(url: str, read_seconds: float = 5.0, total_seconds: float = 20.0, max_bytes: int = MB) -> Got:
        fetcher, file, status = make_fetcher(read_seconds=read_seconds, total_seconds=total_seconds), BytesIO(), None
        started, failure = time.monotonic(), None
        try:
            status = fetcher.fetch(url, file, max_bytes=max_bytes).status
        except Failure as error:
            failure = error
        return Got(True, failure, status, file.getvalue(), time.monotonic() - started)

    def webhook(url: str, read_seconds: float = 5.0, total_seconds: float = 5.0, **_: Any) -> Got:
        posted, failure, started = None, None, time.monotonic()
        try:
            posted = post(url, b"{}", {}, timeout=min(read_seconds, total_seconds))
        except Failure as error:
            failure = error
        seconds = time.monotonic() - started
        return Got(False, failure, posted and posted.status, posted.answer.encode() if posted else b"", seconds)

    return download if request.param == "download" else webhook


# --- Heads


@pytest.mark.parametrize("reply", [Reply(wait=9), Reply(drip_head=0.05)], ids=["silent", "a byte now and then"])
def test_a_head_that_does_not_come_in_time_is_no_answer(origin: Origin, call: Call, reply: Reply) -> None:
    got = call(origin.reply("/", reply), total_seconds=0.5)
    assert got.has_no_head(NoAnswer, NoAnswer)
    assert str(got.failure) == "the server did not answer in time"
    assert 0.45 < got.seconds < 4


def test_silence_before_the_head_ends_a_download_before_its_time(origin: Origin, make_fetcher: Any) -> None:
    started = time.monotonic()
    with pytest.raises(NoAnswer):
        make_fetcher(read_seconds=0.3, total_seconds=9).fetch(
            origin.reply("/", Reply(JPEG, wait=9)), BytesIO(), max_bytes=MB
        )
    assert 0.25 < time.monotonic() - started < 4


def test_an_end_before_the_status_is_no_usable_answer(origin: Origin, call: Call) -> None:
    assert call(origin.reply("/", Reply(raw=b""))).has_no_head(Incomplete)


@pytest.mark.parametrize("raw", [OK, OK + b"Content-Le", OK + b"\r\n"])
def test_an_end_before_the_body_leaves_the_status(origin: Origin, call: Call, raw: bytes) -> None:
    assert call(origin.reply("/", Reply(raw=raw))).has_no_body(Incomplete)


@pytest.mark.parametrize(
    "raw",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"220 smtp ready\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"\0" * 99_999,
        OK + b"X: y\r\n" * 999,
        OK + b"X: " + b"y" * 99_999 + b"\r\n\r\n",
    ],
    ids=["ssh", "smtp", "no status", "zeros", "many headers", "a long header"],
)
def test_what_is_not_http_is_not_repeated(origin: Origin, call: Call, raw: bytes) -> None:
    got = call(origin.reply("/", Reply(raw=raw)))
    assert got.has_no_head(NotHTTP)
    assert str(got.failure) in {"the server did not answer in HTTP", "the server gave no usable answer"}


@pytest.mark.parametrize(
    "raw",
    [CONTINUE * 20_000 + OK + b"\r\n", OK + (b"X: " + b"y" * 60_000 + b"\r\n") * 9 + b"\r\n"],
    ids=["endless continue", "long headers"],
)
def test_a_head_has_a_limit_of_its_own(origin: Origin, call: Call, raw: bytes) -> None:
    """However large the file may be."""
    assert call(origin.reply("/", Reply(raw=raw)), max_bytes=1024 * MB).has_no_head(NotHTTP)


# --- Bodies


@pytest.mark.parametrize(
    "reply",
    [
        Reply(JPEG, stop_after=0, ending="stall"),
        Reply(JPEG, stop_after=len(JPEG) - 1, ending="stall"),
        Reply(JPEG, framing="chunked", stop_after=1000, ending="stall"),
        Reply(JPEG, encoding="gzip", stop_after=100, ending="stall"),
    ],
    ids=["before the body", "before the last byte", "between chunks", "while decoding"],
)
def test_silence_ends_a_body(origin: Origin, call: Call, reply: Reply) -> None:
    got = call(origin.reply("/", reply), read_seconds=0.3, total_seconds=9)
    assert got.has_no_body(NoAnswer)
    assert (0.25 if got.is_download else 0.0) < got.seconds < 4  # a webhook may have its kilobyte at once


@pytest.mark.parametrize(
    "reply",
    [
        Reply(JPEG, piece=1, pause=0.05),
        Reply(JPEG, framing="chunked", piece=1, pause=0.05),
        Reply(JPEG, framing="close", piece=1, pause=0.05),
        Reply(JPEG, encoding="gzip", piece=1, pause=0.05),
    ],
    ids=["body", "chunks", "until close", "encoded"],
)
def test_a_byte_now_and_then_does_not_keep_a_connection_alive(origin: Origin, call: Call, reply: Reply) -> None:
    got = call(origin.reply("/", reply), read_seconds=0.3, total_seconds=0.6)
    assert got.has_no_body(NoAnswer)
    assert (0.5 if got.is_download else 0.25) < got.seconds < 4


@pytest.mark.parametrize("framing", ["length", "chunked"])
@pytest.mark.parametrize("ending", ["close", "reset"])
@pytest.mark.parametrize("stop_after", [0, 1, 100_000, len(JPEG) - 1])
def test_a_body_that_ends_early_is_incomplete(
    origin: Origin, call: Call, framing: Any, ending: Any, stop_after: int
) -> None:
    url = origin.reply("/", Reply(JPEG, framing=framing, ending=ending, stop_after=stop_after))
    assert call(url).has_no_body(Incomplete)


@pytest.mark.parametrize("announced", [0, 1, 1000, 5000])
def test_of_a_body_no_more_is_read_than_announced(origin: Origin, call: Call, announced: int) -> None:
    got = call(origin.reply("/", Reply(raw=OK + b"Content-Length: %d\r\n\r\n" % announced + b"x" * 9000)))
    assert got.has_no_body(LongerThanAnnounced)
    assert got.body == b"x" * (announced if got.is_download else min(announced, 1024))


@pytest.mark.parametrize("length", ["", "many", "-5", "1, 2"])
def test_a_length_that_is_none_is_ignored(origin: Origin, call: Call, length: str) -> None:
    got = call(origin.reply("/", Reply(raw=OK + f"Content-Length: {length}\r\n\r\nbody".encode())))
    assert (got.status, got.body) == (200, b"body")


@pytest.mark.parametrize("size", ["zz", "", "-5", "fffffffffffffffffffffff"])
def test_nonsense_for_a_chunk_size_is_incomplete(origin: Origin, call: Call, size: str) -> None:
    raw = CHUNKED + f"4\r\nbody\r\n{size}\r\nmore\r\n".encode()
    got = call(origin.reply("/", Reply(raw=raw)))
    assert got.has_no_body(Incomplete)
    assert got.is_download or got.body.startswith(b"body")


@pytest.mark.parametrize(
    "rest", [b"0\r\n" + b"X: 1\r\n" * 700_000, b"4;" + b"x" * 99_999], ids=["trailers", "extension"]
)
def test_endless_trailers_and_extensions_end(origin: Origin, call: Call, rest: bytes) -> None:
    got = call(origin.reply("/", Reply(raw=CHUNKED + b"4\r\nbody\r\n" + rest)))
    assert got.has_no_body(NotHTTP)
    assert got.is_download or got.body == b"body"


@pytest.mark.parametrize("framing", ["chunked", "close"])
def test_an_endless_body_ends(origin: Origin, call: Call, framing: Any) -> None:
    got = call(origin.reply("/", Reply(JPEG, framing=framing, times=math.inf)), max_bytes=2 * MB)
    assert got.has_no_body(LargerThanAllowed)
    assert got.seconds < 4


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, gzip", "nonsense"])
def test_what_cannot_be_decoded_is_not(origin: Origin, call: Call, encoding: str) -> None:
    reply = Reply(b"\x07 no encoding has this", headers={"Content-Encoding": encoding})
    assert call(origin.reply("/", reply)).has_no_body(Undecodable)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_bomb_is_stopped_while_it_expands(origin: Origin, call: Call, encoding: Any) -> None:
    """100 MB in 100 KB."""
    compress = zlib.compressobj(9, wbits=31 if encoding == "gzip" else 15)
    bomb = b"".join([*(compress.compress(b"0" * MB) for _ in range(100)), compress.flush()])
    got = call(origin.reply("/", Reply(bomb, headers={"Content-Encoding": encoding})), max_bytes=5 * MB)
    assert got.has_no_body(LargerThanAllowed)
    assert len(got.body) <= (5 * MB if got.is_download else 1024)


def test_an_encoded_body_that_ends_early_is_incomplete_even_if_nothing_was_announced(
    origin: Origin, call: Call
) -> None:
    reply = Reply(gzip.compress(b"body")[:-1], framing="close", headers={"Content-Encoding": "gzip"})
    got = call(origin.reply("/", reply))
    assert got.has_no_body(Incomplete)
    assert got.body == b"body"
