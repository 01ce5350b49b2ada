"""The state of one client connection."""

import socket
from enum import Enum, auto
from threading import Lock
from typing import Any

from livingdocs_import.server.limits import ConnectionLimits, TransferPace
from livingdocs_import.server.request_bodies import Body
from livingdocs_import.server.send_buffer import SendBuffer


class ConnectionState(Enum):
    """Who acts next. In WORKING a thread owns the connection, in all other states the poller does."""

    IDLE = auto()  # the client may begin a request
    HEAD = auto()  # the client has begun one
    BODY = auto()  # the client is sending a body
    WORKING = auto()
    SENDING = auto()  # waiting for the client to read
    LINGERING = auto()  # everything is sent; waiting for the client to close


class ClientConnection:
    """A connection and its current request. `until`: when the poller checks its speed (monotonic seconds)."""

    __slots__ = (
        "asked", "body", "client", "drained", "early", "events", "exchange", "lock", "out", "pace", "received",
        "request", "requests", "searched", "server", "since", "sock", "state", "until", "waits_to_continue",
    )  # fmt: skip

    def __init__(self, sock: socket.socket, client: Any, server: Any, limits: ConnectionLimits, now: float) -> None:
        self.sock = sock
        self.client = client  # addresses, as WSGI wants them
        self.server = server
        self.lock = Lock()  # of `state` and `early`, which both the poller and a thread may change
        self.state = ConnectionState.IDLE
        self.early = False  # bytes arrived while a thread had the connection
        self.events = 0  # what the poller is registered for
        self.received = bytearray()  # not parsed yet
        self.searched = 0  # bytes of it, for the end of a head
        self.requests = 0
        self.request: Any = None  # gunicorn's, from the end of its head to the end of its response
        self.body: Body | None = None
        self.waits_to_continue = False  # the client waits for 100 Continue before it sends a body (RFC 9110 10.1.1)
        self.asked = False  # the application has seen the head, and requested the body
        self.exchange: Any = None  # while an answer is unfinished
        self.out = SendBuffer(sock)
        self.since = now  # when it began to wait for a complete request
        self.until = now + limits.patience
        self.pace: TransferPace | None = None
        self.drained = 0  # bytes that arrived after the last response

    @property
    def is_unasked(self) -> bool:
        """Whether a body is arriving that the application has not requested."""
        return self.state is ConnectionState.BODY and not self.asked

    def moved(self) -> int:
        """Bytes of the current transfer so far."""
        return self.body.size if self.state is ConnectionState.BODY and self.body is not None else self.out.taken()

    def kept(self) -> int:
        """Bytes buffered for the body or the response."""
        return self.body.size if self.state is ConnectionState.BODY and self.body is not None else self.out.size

    def speed(self, now: float) -> float:
        """Bytes per second of that transfer."""
        return self.pace.speed(now, self.moved()) if self.pace is not None else 0.0

    def next_request(self) -> None:
        """Reset the state of the answered request."""
        if self.body is not None:
            self.body.discard()
        self.request = self.body = self.exchange = self.pace = None
        self.asked = self.waits_to_continue = False
        self.searched = 0
