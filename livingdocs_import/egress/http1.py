"""Send one request over an open connection, and read its response within bounds."""

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead
from typing import Self

from livingdocs_import import content_encoding
from livingdocs_import.content_encoding import Block
from livingdocs_import.egress.connection import CallLimits, DeadlineSocket, ResponseTooLarge
from livingdocs_import.egress.errors import (
    Incomplete,
    LargerThanAllowed,
    LongerThanAnnounced,
    NoAnswer,
    NotHTTP,
    Undecodable,
)
from livingdocs_import.egress.url import Target
from livingdocs_import.errors import Failure

MAX_HEAD = 256 * 1024  # bytes up to the end of a head: http.client skips endless "100 Continue" answers
_SMALL = 64 * 1024  # bytes of an unwanted body that are read to keep its connection usable


class HTTP1Connection(HTTPConnection):
    """Speaks HTTP over a socket that the connector has opened, and never opens one itself."""

    sock: DeadlineSocket
    auto_open = 0


@dataclass(frozen=True)
class HTTP1Request:
    """A request. `body` is None for a request without one, which differs from an empty body."""

    method: str
    target: Target
    headers: Mapping[str, str]
    body: bytes | None = None


@dataclass(frozen=True)
class HTTP1Response:
    """Status and headers of a response, and the connection that still holds its body."""

    connection: HTTP1Connection
    socket: DeadlineSocket  # http.client drops it when the server announces that it will close
    response: HTTPResponse

    @classmethod
    def to(cls, connection: HTTP1Connection, request: HTTP1Request) -> Self:
        """Send a request and read the response's head. Closes the connection on failure."""
        socket = connection.sock
        socket.limits.max_bytes = MAX_HEAD
        headers = {"Host": request.target.authority, **request.headers}
        try:
            with suppress(BrokenPipeError, ConnectionResetError):  # it may have answered without reading to the end
                connection.request(request.method, request.target.path, request.body, headers)
            return cls(connection, socket, connection.getresponse())
        except BaseException:
            connection.close()
            raise

    @property
    def status(self) -> int:
        """The status code."""
        return self.response.status

    @property
    def headers(self) -> Message:
        """The headers; for repeated names, `headers[name]` is the first."""
        return self.response.headers

    @property
    def is_reusable(self) -> bool:
        """Whether the connection can take the next request."""
        return self.response.isclosed() and not self.response.will_close

    def close(self) -> None:
        """Close the connection."""
        self.response.close()
        self.connection.close()

    def body(self, buffer: memoryview, *, max_bytes: int) -> Iterator[Block]:
        """The decoded body: exactly as long as announced, at most `max_bytes`, and not slower than the limits allow.

        A block is valid until the next one is requested.
        """
        if (self.response.length or 0) > max_bytes:
            raise LargerThanAllowed(max_bytes)
        limits, size, begun = self.socket.limits, 0, time.monotonic()
        limits.max_bytes = max_bytes * 5 // 4 + 1024 * 1024  # chunk sizes add to the length of the body
        for block in _decoded(self._blocks(buffer), self._encoding):
            size += len(block)
            if size > max_bytes:
                raise LargerThanAllowed(max_bytes)
            if limits.is_too_slow(size, time.monotonic() - begun):
                raise NoAnswer
            yield block

    def beginning(self, size: int) -> bytes:
        """The first bytes of the decoded body; on any failure, those that arrived before it."""
        beginning, pieces = b"", self._pieces(size)
        with suppress(Undecodable):  # unknown encoding: the raw body
            pieces = _decoded(pieces, self._encoding)
        with suppress(Failure):
            while len(beginning) < size and (piece := next(pieces, b"")):
                beginning += piece
        return beginning[:size]

    def drain(self, *, keep: int = 0) -> bytes:
        """Read a short unneeded body, within a second, to keep the connection usable.

        Returns the first `keep` bytes of the decoded body, or those that have arrived.
        """
        deadline = min(self.socket.limits.cutoff, time.monotonic() + 1.0)
        self.socket.limits = CallLimits(read_timeout=1.0, deadline=deadline)
        beginning = self.beginning(keep) if keep else b""
        if not self.response.will_close:
            with suppress(OSError, HTTPException):
                self.response.read(_SMALL)
        return beginning

    @property
    def _encoding(self) -> str:
        return self.headers["Content-Encoding"] or ""

    def _blocks(self, buffer: memoryview) -> Iterator[Block]:
        """The raw body, exactly as long as announced, in blocks as large as the buffer."""
        response, read = self.response, 0
        announced = None if response.chunked else response.length
        while announced is None or read < announced:
            with network_errors():
                if announced is None:
                    length = response.readinto(buffer)
                else:  # http.client's own readinto takes a closed connection for the end of the body
                    length = response.fp.readinto(buffer[: announced - read])
            if not length:
                break
            read += length
            yield buffer[:length]
        if announced is None:
            if not read and not response.chunked:  # the connection closed early, even before any byte
                raise Incomplete
        elif read < announced:
            raise Incomplete
        elif self._more_follows():
            raise LongerThanAnnounced
        response.close()

    def _pieces(self, size: int) -> Iterator[Block]:
        """The raw body, in pieces of at most `size` bytes, each as soon as it arrives."""
        left = sys.maxsize if self.response.length is None else self.response.length
        while left:
            with network_errors():
                piece = self.response.read1(min(left, size))
            if not piece:
                break
            left -= len(piece)
            yield piece

    def _more_follows(self) -> bool:
        """Whether bytes have arrived after the end of the body; does not wait for any."""
        self.socket.limits = CallLimits(read_timeout=0.0)
        try:
            return bool(self.response.fp.peek(1))
        except OSError:
            return False


def _decoded(blocks: Iterator[Block], encoding: str) -> Iterator[Block]:
    """The blocks without their Content-Encoding. Raises Undecodable at once if the encoding is unknown."""
    with _decoding_errors():
        decoded = content_encoding.decoded(blocks, encoding)
    return _checked(decoded)


def _checked(decoded: Iterator[Block]) -> Iterator[Block]:
    with _decoding_errors():
        yield from decoded


@contextmanager
def _decoding_errors() -> Iterator[None]:
    """Turn exceptions of decoding into Failures."""
    try:
        yield
    except content_encoding.CannotDecode as error:
        raise Undecodable from error
    except content_encoding.EndsEarly as error:
        raise Incomplete from error


@contextmanager
def network_errors() -> Iterator[None]:
    """Turn exceptions of sockets and http.client into Failures.

    Do not wrap code that writes files: a full disk is an OSError, too.
    """
    try:
        yield
    except TimeoutError as error:
        raise NoAnswer from error
    except ResponseTooLarge as error:
        raise NotHTTP from error
    except (OSError, IncompleteRead) as error:
        raise Incomplete from error
    except HTTPException as error:
        raise NotHTTP from error
