"""Download what a client's URL names into a file: checked at every hop, bounded in bytes and in time."""

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO, Literal, Self

from django.conf import settings

from livingdocs_import.egress.client import HTTPClient
from livingdocs_import.egress.connection import CallLimits, Connector, never
from livingdocs_import.egress.errors import NoAnswer, PermanentHTTPError, TooManyRedirects, TransientHTTPError
from livingdocs_import.egress.evidence import BEGINNING, Exchange
from livingdocs_import.egress.host_limits import HostLimits
from livingdocs_import.egress.http1 import HTTP1Response
from livingdocs_import.egress.pool import IdleConnections
from livingdocs_import.egress.retry_after import is_retryable, retry_after
from livingdocs_import.egress.url import InvalidURL, Target, parse
from livingdocs_import.errors import Failure

BUFFER = 256 * 1024  # bytes read at once; smaller reads cost more CPU per image
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True)
class Fetched:
    """One download. With status 304 nothing was written: `size` is 0 and `sha256` empty.

    `sha256` is hexadecimal. `etag` and `last_modified` are the validators for the next request, as the server spelled
    them; `content_type` is the media type of the header, in lower case without parameters. Each is "" when absent.
    """

    status: Literal[200, 304]
    size: int
    sha256: str
    etag: str
    last_modified: str
    content_type: str
    final_url: str


@dataclass(frozen=True)
class DownloadPace:
    """For files that may be large: while the body arrives at `min_bytes_per_second` on average, the download may exceed
    the fetcher's own total, up to `total_seconds`."""

    total_seconds: float
    min_bytes_per_second: float


class Fetcher:
    """Downloads with kept-alive connections. One per process, made after the fork; thread-safe within it."""

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
        """A download ends after `read_seconds` of silence, after `total_seconds` including redirects, and when its body
        is slower than `min_bytes_per_second` after the first `read_seconds`. A redirect waits up to `wait_seconds` for
        a slot at a busy host."""
        self.client = HTTPClient(connector, idle=idle)
        self.read_seconds = read_seconds
        self.total_seconds = total_seconds
        self.wait_seconds = wait_seconds
        self.min_bytes_per_second = min_bytes_per_second
        self.max_redirects = max_redirects
        self.host_limits = limits or HostLimits()
        self._local = threading.local()

    @classmethod
    def from_settings(cls, limits: HostLimits | None = None, *, stop_deadline: Callable[[], float] = never) -> Self:
        """No download outlasts the stop deadline. Raises ValueError if FETCH_ALLOWED_NETWORKS or FETCH_ALLOWED_PORTS
        cannot be parsed."""
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
        self.client.close()

    def fetch(
        self,
        url: str,
        into: BinaryIO,
        *,
        max_bytes: int,
        etag: str | None = None,
        last_modified: str | None = None,
        pace: DownloadPace | None = None,
        exchange: Exchange | None = None,
    ) -> Fetched:
        """Download a URL into a file; bytes are counted after decoding. Without a pace the fetcher's total applies.

        With `etag` or `last_modified` the server may answer 304: unchanged. Raises PermanentFailure or
        TransientFailure, each with its evidence; the file may be partly written then. `exchange` gets what was sent
        and answered, for a failure that the downloaded file turns out to be.
        """
        exchange = exchange or Exchange()
        try:
            return self._follow(url, into, max_bytes, _conditions(etag, last_modified), pace, exchange)
        except Failure as failure:
            failure.evidence = exchange.evidence()
            raise

    def _follow(
        self,
        url: str,
        into: BinaryIO,
        max_bytes: int,
        headers: dict[str, str],
        pace: DownloadPace | None,
        exchange: Exchange,
    ) -> Fetched:
        """Request one server after the other, while they redirect."""
        limits = self.client.limits(
            read_seconds=self.read_seconds,
            total_seconds=self.total_seconds,
            min_bytes_per_second=self.min_bytes_per_second,
        )
        deadline = _Deadline(limits, time.monotonic(), self.total_seconds, pace)
        target = parse(url)
        for _ in range(self.max_redirects + 1):
            exchange.begin(target)
            outcome = self._hop(target, headers, into, max_bytes, deadline, exchange)
            if isinstance(outcome, Fetched):
                return outcome
            target = outcome
        raise TooManyRedirects

    def _hop(
        self,
        target: Target,
        headers: dict[str, str],
        into: BinaryIO,
        max_bytes: int,
        deadline: "_Deadline",
        exchange: Exchange,
    ) -> Fetched | Target:
        """Request one server: returns the download, or the target of a redirect."""
        limits = deadline.limits
        left = limits.cutoff - time.monotonic()
        if left <= 0:
            raise NoAnswer
        wait_seconds = min(self.wait_seconds, left)
        slot = self.host_limits.request(target.endpoint, wait_seconds=wait_seconds, first=exchange.is_first)
        with slot, self.client.get(target, headers, limits) as response:
            self.host_limits.answered(target.endpoint)
            status = response.status
            exchange.answered(status, response.headers)
            if status == 200:
                return self._receive(target, response, into, max_bytes, deadline)
            exchange.beginning = response.drain(keep=0 if status in _REDIRECTS or status == 304 else BEGINNING)
            if status in _REDIRECTS and (location := _location(response)):
                return target.redirected(location)
            if status == 304 and headers:
                return _fetched(304, target, response)
            if is_retryable(status):
                seconds = retry_after(response.headers["Retry-After"], datetime.now(UTC))
                raise TransientHTTPError(status, target, retry_after=seconds)
            raise PermanentHTTPError(status, target)

    def _receive(
        self, target: Target, response: HTTP1Response, into: BinaryIO, max_bytes: int, deadline: "_Deadline"
    ) -> Fetched:
        """Write the body to a file, hashing on the way."""
        size, digest = 0, hashlib.sha256()
        deadline.extend(size)
        for block in response.body(self._buffer(), max_bytes=max_bytes):
            size += len(block)
            digest.update(block)
            into.write(block)
            deadline.extend(size)
        return _fetched(200, target, response, size=size, sha256=digest.hexdigest())

    def _buffer(self) -> memoryview:
        """This thread's buffer, reused for every download: a new one would have to be zeroed each time."""
        if not hasattr(self._local, "buffer"):
            self._local.buffer = memoryview(bytearray(BUFFER))
        buffer: memoryview = self._local.buffer
        return buffer


@dataclass(frozen=True)
class _Deadline:
    """The deadlines of a paced download: for its next block, and for the whole."""

    limits: CallLimits
    started: float
    seconds: float  # that any download may take
    pace: DownloadPace | None

    def extend(self, size: int) -> None:
        """Extend the deadline by the bytes that have arrived."""
        if self.pace is not None:
            due = max(self.seconds, (size + BUFFER) / self.pace.min_bytes_per_second)
            self.limits.deadline = self.started + min(due, max(self.seconds, self.pace.total_seconds))


def _conditions(etag: str | None, last_modified: str | None) -> dict[str, str]:
    """The headers of a conditional request; none without a storable validator."""
    conditions = {"If-None-Match": _keepable(etag), "If-Modified-Since": _keepable(last_modified)}
    return {name: value for name, value in conditions.items() if value}


def _fetched(
    status: Literal[200, 304], target: Target, response: HTTP1Response, *, size: int = 0, sha256: str = ""
) -> Fetched:
    headers = response.headers
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
    """A header's value if it can be stored and sent back: short, printable ASCII. Otherwise ""."""
    text = (header or "").strip()
    return text if len(text) <= 255 and text.isascii() and text.isprintable() else ""


def _location(response: HTTP1Response) -> str:
    """The target of a redirect; "" without one. Repeated headers are refused: clients differ in which they follow."""
    locations = response.headers.get_all("Location", [])
    if len(locations) > 1:
        raise InvalidURL("the redirect is ambiguous")
    return _text(locations[0]) if locations else ""


def _text(header: str) -> str:
    """Decode a header as its sender meant it: http.client reads all as ISO 8859-1, servers send UTF-8."""
    try:
        return header.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return header
