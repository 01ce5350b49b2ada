"""Call a client's webhook: one POST through the connector, never redirected, never repeated, bounded in time.

`requests` builds and reads the messages, its adapter is handed a connection of ours. There is no Session: it would
read a redirect's whole body and location even when told not to follow, and bring proxies, netrc and cookies.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from livingdocs_import.egress.connection import USER_AGENT, Connector, DeadlineSocket, Limits, NoAnswer
from livingdocs_import.egress.retry_after import retry_after
from livingdocs_import.egress.url import Target, parse
from livingdocs_import.errors import TransientFailure

MAX_ANSWER = 1024  # bytes of the answer's body that are read
_MAX_BYTES = 256 * 1024  # bytes that are received at all, heads included

OpenSocket = Callable[[], DeadlineSocket]


class NoUsableAnswer(TransientFailure):
    """The connection broke before there was a status, or what came was not HTTP."""

    def __init__(self) -> None:
        super().__init__("the server gave no usable answer")


@dataclass(frozen=True)
class Posted:
    """What the receiver said: any HTTP status is an answer.

    `milliseconds` lie between the lookup of the host and the end of what was read. `answer` is the first kilobyte of
    the body, with replacement characters for what is not text. `retry_after` (seconds) is what the receiver asked for.
    """

    status: int
    milliseconds: int
    answer: str
    retry_after: float | None


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, timeout: float, connector: Connector | None = None
) -> Posted:
    """Post a body and return the answer, whatever its status.

    `timeout` (seconds) bounds everything from the lookup to the last byte read. Without `connector` the settings decide
    what may be reached. Raises PermanentFailure or TransientFailure when there was no answer at all.
    """
    started = time.monotonic()
    target = parse(url)
    connector = connector or Connector.from_settings()
    limits = Limits(
        read_timeout=timeout, deadline=started + timeout, max_bytes=_MAX_BYTES, stop_deadline=connector.stop_deadline
    )
    adapter = _ConnectingAdapter(target, partial(connector.connect, target, limits))
    ours = {"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "identity"}
    request = requests.Request("POST", target.url, headers={**ours, **headers}, data=body).prepare()
    try:
        response = adapter.send(request, stream=True)
    except (requests.RequestException, HTTPError) as error:
        raise NoAnswer if time.monotonic() >= limits.deadline else NoUsableAnswer from error
    else:
        answer = _beginning(response).decode(errors="replace")
        return Posted(
            status=response.status_code,
            milliseconds=round((time.monotonic() - started) * 1000),
            answer=answer.replace("\x00", "\N{REPLACEMENT CHARACTER}"),  # PostgreSQL keeps no NUL
            retry_after=retry_after(response.headers.get("Retry-After"), datetime.now(UTC)),
        )
    finally:
        adapter.close()


def _beginning(response: requests.Response) -> bytes:
    """The first kilobyte of a body, or less if that is all we get: the status is the fact that matters."""
    answer = b""
    try:
        # read1, not read: a receiver that sends a byte a second must not cost us what it has sent so far.
        while len(answer) < MAX_ANSWER and (piece := response.raw.read1(MAX_ANSWER - len(answer), decode_content=True)):
            answer += piece
    except (HTTPError, OSError):
        pass
    finally:
        response.raw.close()
    return answer


class _ConnectingAdapter(HTTPAdapter):
    """Talks to one server, over a connection that the connector opens."""

    def __init__(self, target: Target, open_socket: OpenSocket) -> None:
        super().__init__()
        pool = _HTTPSPool if target.scheme == "https" else _HTTPPool
        self.pool = pool(target.host, target.port, open_socket=open_socket)

    def get_connection_with_tls_context(self, *_: Any, **__: Any) -> HTTPConnectionPool:
        return self.pool

    def close(self) -> None:
        super().close()
        self.pool.close()


class _HTTPConnection(HTTPConnection):
    def __init__(self, *arguments: Any, open_socket: OpenSocket, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._open_socket = open_socket

    def connect(self) -> None:
        self.sock = self._open_socket()


class _HTTPSConnection(HTTPSConnection):
    def __init__(self, *arguments: Any, open_socket: OpenSocket, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._open_socket = open_socket

    def connect(self) -> None:
        self.sock = self._open_socket()
        self.is_verified = True  # by the connector, like the name of the host


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection
