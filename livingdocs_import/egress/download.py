"""Download what a client's URL names: checked at every hop, bounded in bytes and in time.

Errors are Failures whose `detail` comes from a fixed vocabulary. A refused address reads the same whether anything
listens there or not (THR-1, THR-3, THR-14).
"""

import hashlib
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, BinaryIO, Literal, Self

from django.conf import settings

from livingdocs_import.egress.connection import USER_AGENT, Connector, Limits, NoAnswer, never
from livingdocs_import.egress.content_encoding import decoded
from livingdocs_import.egress.host_limits import HostLimits
from livingdocs_import.egress.http1 import Connection, Response, network_errors
from livingdocs_import.egress.pool import IdleConnections
from livingdocs_import.egress.retry_after import is_retryable, retry_after
from livingdocs_import.egress.url import InvalidURL, Target, parse
from livingdocs_import.errors import PermanentFailure, TransientFailure

BUFFER = 256 * 1024  # bytes read at once; smaller reads cost more CPU per image
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_STATUSES = frozenset(status.value for status in HTTPStatus)


class PermanentHTTPError(PermanentFailure):
    """The server refused, for good: `status` is its HTTP status."""

    def __init__(self, status: int, target: Target) -> None:
        self.status = status
        self.cause, self.parameter = http_cause(status), target.endpoint
        super().__init__(f"HTTP {status} from {target.redacted}")


class TransientHTTPError(TransientFailure):
    """The server refused for now: `status` is its HTTP status, `retry_after` what it asked for."""

    def __init__(self, status: int, target: Target, *, retry_after: float | None) -> None:
        self.status = status
        self.cause, self.parameter = http_cause(status), target.endpoint
        super().__init__(f"HTTP {status} from {target.redacted}", retry_after=retry_after)


class TooManyRedirects(PermanentFailure):
    """The last of the redirects that are followed led to another one."""

    cause = "redirects"

    def __init__(self) -> None:
        super().__init__("too many redirects")


class LargerThanAllowed(PermanentFailure):
    """The file is larger than `limit` bytes; it was not downloaded to the end."""

    cause = "too-large"

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.parameter = str(limit)
        megabytes, rest = divmod(limit, 1024 * 1024)
        super().__init__(f"larger than {limit} bytes" if rest else f"larger than {megabytes} MB")


@dataclass(frozen=True)
class Fetched:
    """One download. With status 304 nothing was written: `size` is 0 and `sha256` empty.

    `sha256` is hexadecimal. `etag` and `last_modified` are what to send next time, as the server spelled them;
    `content_type` is the media type it claims, in lower case without parameters. Each is "" when absent.
    """

    status: Literal[200, 304]
    size: int
    sha256: str
    etag: str
    last_modified: str
    content_type: str
    final_url: str


class Fetcher:
    """Downloads with kept-alive connections. One per process, made after the fork; safe between its threads."""

    def __init__(
        self,
        connector: Connector,
        *,
        read_seconds: float = 10.0,
        total_seconds: float = 30.0,
        wait_seconds: float = 5.0,
        min_bytes_per_second: float = 0.0,
        max_redirects: int = 5,
        limits: HostLimits | None = None,
        idle: IdleConnections | None = None,
    ) -> None:
        """`read_seconds` of silence or `total_seconds` altogether, redirects included, end a download, and so does a
        body that comes slower than `min_bytes_per_second` after the first `read_seconds`. `wait_seconds` may pass until
        a redirect gets its place at a busy host."""
        self.connector = connector
        self.read_seconds = read_seconds
        self.total_seconds = total_seconds
        self.wait_seconds = wait_seconds
        self.min_bytes_per_second = min_bytes_per_second
        self.max_redirects = max_redirects
        self.limits = limits or HostLimits()
        self.idle = idle or IdleConnections()
        self._local = threading.local()

    @classmethod
    def from_settings(cls, limits: HostLimits | None = None, *, stop_deadline: Callable[[], float] = never) -> Self:
        """No download outlasts the stop deadline. Raises ValueError when FETCH_ALLOWED_NETWORKS or FETCH_ALLOWED_PORTS
        hold nonsense."""
        return cls(
            Connector.from_settings(stop_deadline=stop_deadline),
            read_seconds=settings.FETCH_READ_SECONDS,
            total_seconds=settings.FETCH_TOTAL_SECONDS,
            min_bytes_per_second=settings.FETCH_MIN_BYTES_PER_SECOND,
            max_redirects=settings.FETCH_MAX_REDIRECTS,
            limits=limits,
        )

    def close(self) -> None:
        """Close the idle connections."""
        self.idle.close()

    def fetch(
        self,
        url: str,
        into: BinaryIO | Path,
        *,
        max_bytes: int,
        etag: str | None = None,
        last_modified: str | None = None,
    ) -> Fetched:
        """Download a URL into a file; bytes are counted after decoding.

        With `etag` or `last_modified` the server may answer 304: unchanged. Raises PermanentFailure or
        TransientFailure; an open file may have been written to then, while a Path exists after a 200 only.
        """
        if isinstance(into, Path):
            return self._fetch_to_path(url, into, max_bytes=max_bytes, etag=etag, last_modified=last_modified)
        limits = Limits(
            read_timeout=self.read_seconds,
            deadline=time.monotonic() + self.total_seconds,
            max_bytes=max_bytes * 5 // 4 + 1024 * 1024,  # heads and chunk sizes cost something beyond the body
            stop_deadline=self.connector.stop_deadline,
        )
        headers = _request_headers(etag, last_modified)
        target = parse(url)
        for hop in range(self.max_redirects + 1):
            outcome = self._hop(target, headers, into, max_bytes, limits, first=hop == 0)
            if isinstance(outcome, Fetched):
                return outcome
            target = outcome
        raise TooManyRedirects

    def _fetch_to_path(self, url: str, path: Path, **options: Any) -> Fetched:
        fetched = None
        try:
            with path.open("wb") as file:
                fetched = self.fetch(url, file, **options)
        finally:
            if fetched is None or fetched.status == 304:
                path.unlink(missing_ok=True)
        return fetched

    def _hop(
        self,
        target: Target,
        headers: dict[str, str],
        into: BinaryIO,
        max_bytes: int,
        limits: Limits,
        *,
        first: bool,
    ) -> Fetched | Target:
        """Ask one server: the download, or the target it redirects to."""
        left = limits.cutoff - time.monotonic()
        if left <= 0:
            raise NoAnswer
        place = self.limits.request(target.endpoint, wait_seconds=min(self.wait_seconds, left), first=first)
        with place, self._ask(target, headers, limits) as answer:
            self.limits.answered(target.endpoint)
            status = answer.response.status
            if status == 200:
                return self._receive(target, answer, into, max_bytes)
            answer.drain()
            if status in _REDIRECTS and (location := _location(answer)):
                return target.redirected(location)
            if status == 304 and headers.keys() & {"If-None-Match", "If-Modified-Since"}:
                return _fetched(304, target, answer)
            if is_retryable(status):
                seconds = retry_after(answer.response.headers["Retry-After"], datetime.now(UTC))
                raise TransientHTTPError(status, target, retry_after=seconds)
            raise PermanentHTTPError(status, target)

    @contextmanager
    def _ask(self, target: Target, headers: dict[str, str], limits: Limits) -> Iterator[Response]:
        """The server's answer, its body still to be read. The connection is kept if the body was read to its end."""
        with network_errors():
            answer = self._ask_again(target, headers, limits) or self._ask_anew(target, headers, limits)
        try:
            yield answer
        finally:
            if answer.response.isclosed() and not answer.response.will_close:
                self.idle.keep(target, answer.connection)
            else:
                answer.response.close()
                answer.connection.close()

    def _ask_again(self, target: Target, headers: dict[str, str], limits: Limits) -> Response | None:
        """The answer over a connection that was kept; None when there is none, or it has died in the meantime."""
        connection = self.idle.take(target)
        if connection is None:
            return None
        connection.sock.limits = limits
        try:
            return Response.to(connection, target, headers)
        except (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError):
            return None

    def _ask_anew(self, target: Target, headers: dict[str, str], limits: Limits) -> Response:
        connection = Connection(target.host, target.port)
        connection.sock = self.connector.connect(target, limits)
        return Response.to(connection, target, headers)

    def _receive(self, target: Target, answer: Response, into: BinaryIO, max_bytes: int) -> Fetched:
        """Write the body to a file, hashing on the way."""
        if (answer.response.length or 0) > max_bytes:
            raise LargerThanAllowed(max_bytes)
        size, digest, begun = 0, hashlib.sha256(), time.monotonic()
        blocks = answer.blocks(self._buffer())
        for block in decoded(blocks, answer.response.headers["Content-Encoding"] or ""):
            size += len(block)
            if size > max_bytes:
                raise LargerThanAllowed(max_bytes)
            seconds = time.monotonic() - begun
            if seconds > self.read_seconds and size < seconds * self.min_bytes_per_second:
                raise NoAnswer
            digest.update(block)
            into.write(block)
        return _fetched(200, target, answer, size=size, sha256=digest.hexdigest())

    def _buffer(self) -> memoryview:
        """This thread's own, used again for every download: a new one would have to be zeroed each time."""
        if not hasattr(self._local, "buffer"):
            self._local.buffer = memoryview(bytearray(BUFFER))
        buffer: memoryview = self._local.buffer
        return buffer


def http_cause(status: int) -> str:
    """`http-404`; statuses that no standard knows are `http-other`."""
    return f"http-{status}" if status in _STATUSES else "http-other"


def _request_headers(etag: str | None, last_modified: str | None) -> dict[str, str]:
    headers = {"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "identity"}
    if etag := _keepable(etag):
        headers["If-None-Match"] = etag
    if last_modified := _keepable(last_modified):
        headers["If-Modified-Since"] = last_modified
    return headers


def _fetched(
    status: Literal[200, 304], target: Target, answer: Response, *, size: int = 0, sha256: str = ""
) -> Fetched:
    headers = answer.response.headers
    return Fetched(
        status=status,
        size=size,
        sha256=sha256,
        etag=_keepable(headers["ETag"]),
        last_modified=_keepable(headers["Last-Modified"]),
        content_type=_keepable(headers["Content-Type"]).partition(";")[0].strip().lower(),
        final_url=target.url,
    )


def _keepable(header: str | None) -> str:
    """A header's value if it can be stored and sent back: short, printable ASCII. Otherwise nothing."""
    text = (header or "").strip()
    return text if len(text) <= 255 and text.isascii() and text.isprintable() else ""


def _location(answer: Response) -> str:
    """Where a redirect leads; "" when it does not say. Of two headers, programs follow the first or the last."""
    locations = answer.response.headers.get_all("Location", [])
    if len(locations) > 1:
        raise InvalidURL("the redirect is ambiguous")
    return _text(locations[0]) if locations else ""


def _text(header: str) -> str:
    """A header in the encoding its sender had in mind: http.client reads all as ISO 8859-1, servers send UTF-8."""
    try:
        return header.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return header
