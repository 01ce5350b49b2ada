"""Bodies: framed, encoded and counted; what is cut short, padded or too large fails."""

import errno
import gzip
import hashlib
import subprocess
import sys
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from livingdocs_import.egress.download import Fetcher
from livingdocs_import.egress.errors import LargerThanAllowed, LongerThanAnnounced, Undecodable
from livingdocs_import.errors import PermanentFailure
from tests.origin import Origin, Reply

JPEG = bytes(range(256)) * 1300
MB = 1024 * 1024


def fetch(fetcher: Fetcher, url: str, max_bytes: int = MB) -> bytes:
    file = BytesIO()
    fetched = fetcher.fetch(url, file, max_bytes=max_bytes)
    body = file.getvalue()
    assert (fetched.size, fetched.sha256) == (len(body), hashlib.sha256(body).hexdigest())
    return body


@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
@pytest.mark.parametrize("encoding", ["", "gzip", "deflate", "raw deflate"])
def test_every_framing_and_encoding_is_read(origin: Origin, fetcher: Fetcher, framing: Any, encoding: Any) -> None:
    assert fetch(fetcher, origin.reply("/a", Reply(JPEG, framing=framing, encoding=encoding, piece=10_001))) == JPEG


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_an_empty_file_is_a_file(origin: Origin, fetcher: Fetcher, encoding: Any) -> None:
    assert fetch(fetcher, origin.reply("/a", Reply(encoding=encoding))) == b""


def test_a_gzip_file_may_have_several_members(origin: Origin, fetcher: Fetcher) -> None:
    body = gzip.compress(b"first, ") + gzip.compress(b"second")
    url = origin.reply("/a", Reply(body, headers={"Content-Encoding": "gzip"}))
    assert fetch(fetcher, url) == b"first, second"


# --- Cut short, padded, broken


@pytest.mark.parametrize("announced", [0, 1000, len(JPEG) - 1])
def test_a_body_that_is_longer_than_announced_is_refused(origin: Origin, fetcher: Fetcher, announced: int) -> None:
    url = origin.reply("/a", Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % announced + JPEG))
    with pytest.raises(LongerThanAnnounced) as failure:
        fetch(fetcher, url)
    assert not failure.value.transient


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, gzip", "nonsense"])
def test_what_cannot_be_decoded_is_refused(origin: Origin, fetcher: Fetcher, encoding: str) -> None:
    url = origin.reply("/a", Reply(b"\x07 no encoding has this", headers={"Content-Encoding": encoding}))
    with pytest.raises(Undecodable) as failure:
        fetch(fetcher, url)
    assert failure.value.detail == "the content encoding of the answer could not be read"


def test_what_follows_a_deflated_body_is_refused(origin: Origin, fetcher: Fetcher) -> None:
    body = zlib.compress(b"body") + b"more"
    with pytest.raises(Undecodable):
        fetch(fetcher, origin.reply("/a", Reply(body, headers={"Content-Encoding": "deflate"})))


# --- Too large


@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
def test_a_file_of_exactly_the_limit_is_taken_and_one_byte_more_is_not(
    origin: Origin, fetcher: Fetcher, framing: Any
) -> None:
    url = origin.reply("/a", Reply(JPEG, framing=framing))
    assert fetch(fetcher, url, max_bytes=len(JPEG)) == JPEG
    with pytest.raises(LargerThanAllowed):
        fetch(fetcher, url, max_bytes=len(JPEG) - 1)


def test_an_announced_size_is_refused_before_it_is_sent(origin: Origin, fetcher: Fetcher) -> None:
    url = origin.reply("/a", Reply(JPEG, announced=50 * MB + 1, stop_after=0, ending="stall"))
    with pytest.raises(LargerThanAllowed) as failure:
        fetch(fetcher, url, max_bytes=50 * MB)
    assert (failure.value.detail, failure.value.transient) == ("larger than 50 MB", False)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_bomb_is_stopped_while_it_expands(origin: Origin, fetcher: Fetcher, encoding: Any) -> None:
    """100 MB of zeros in 100 KB: cut at 5 MB, without ever being in memory."""
    compress = zlib.compressobj(9, wbits=31 if encoding == "gzip" else 15)
    bomb = b"".join([*(compress.compress(bytes(MB)) for _ in range(100)), compress.flush()])
    url = origin.reply("/a", Reply(bomb, headers={"Content-Encoding": encoding}))
    sizes: list[int] = []

    class File(BytesIO):
        def write(self, block: Any) -> int:
            sizes.append(len(block))
            return len(block)

    with pytest.raises(LargerThanAllowed, match="larger than 5 MB"):
        fetcher.fetch(url, File(), max_bytes=5 * MB)
    assert sum(sizes) <= 5 * MB
    assert max(sizes) <= 256 * 1024


@pytest.mark.parametrize("repeated", [b"HTTP/1.1 100 Continue\r\n\r\n", b""])
def test_a_flood_in_front_of_the_body_ends_at_the_limit(origin: Origin, fetcher: Fetcher, repeated: bytes) -> None:
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"X-Trailer: 1\r\n" * 400_000
    with pytest.raises(PermanentFailure, match="the server did not answer in HTTP"):
        fetch(fetcher, origin.reply("/a", Reply(raw=repeated * 200_000 or chunks)), max_bytes=MB)


def test_too_many_headers_are_not_http(origin: Origin, fetcher: Fetcher) -> None:
    headers = {f"X-{number}": "x" for number in range(200)}
    with pytest.raises(PermanentFailure, match="the server did not answer in HTTP"):
        fetch(fetcher, origin.reply("/a", Reply(b"a", headers=headers)))


# --- Ours


def test_a_full_disk_is_not_the_servers_fault(origin: Origin, fetcher: Fetcher) -> None:
    class FullDisk(BytesIO):
        def write(self, block: Any) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        fetcher.fetch(origin.reply("/a", Reply(JPEG)), FullDisk(), max_bytes=MB)


def test_200_mb_stream_through_little_memory(origin: Origin, tmp_path: Path) -> None:
    """In a process of its own: the origin's memory must not be counted."""
    url = origin.reply("/a", Reply(bytes(MB), times=200))
    program = """
import resource, sys
from pathlib import Path
from livingdocs_import.egress.ssrf import AddressPolicy
from livingdocs_import.egress.connection import Connector
from livingdocs_import.egress.download import Fetcher
fetcher = Fetcher(Connector(AddressPolicy.parse([sys.argv[1]], [])))
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with Path(sys.argv[3]).open("wb") as file:
    fetcher.fetch(sys.argv[2] + "?warm", file, max_bytes=10**9)
    before = peak()
    assert fetcher.fetch(sys.argv[2], file, max_bytes=10**9).size == 200 * 2**20
    print(peak() - before)
"""
    arguments = [sys.executable, "-c", program, origin.address, url, str(tmp_path / "a")]
    origin.reply("/a", Reply(b"warm"), Reply(bytes(MB), times=200))
    grown = subprocess.run(arguments, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3])
    assert int(grown.stdout) * (1 if sys.platform != "darwin" else 1 / 1024) < 2 * 1024  # kilobytes
