"""The connections of a web process that wait for their clients: one thread receives, sends, and closes slow ones."""

import os
import queue
import selectors
import socket
import struct
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from gunicorn.http import errors
from gunicorn.http.message import Request
from gunicorn.http.unreader import IterUnreader

from livingdocs_import.server.bare_errors import error_page
from livingdocs_import.server.connection import ClientConnection, ConnectionState
from livingdocs_import.server.exchange import Next
from livingdocs_import.server.limits import ConnectionLimits, TransferPace
from livingdocs_import.server.listeners import Listeners
from livingdocs_import.server.request_bodies import body_of
from livingdocs_import.server.request_heads import find_end
from livingdocs_import.server.send_buffer import ClientGone
from livingdocs_import.server.slow_clients import above_limits, complaint, to_make_room

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
RECEIVED_AT_ONCE = 1 << 18  # bytes
SLOW_CHECK_SECONDS = 1.0  # between two checks for slow connections
RESET = struct.pack("ii", 1, 0)
NEVER = float("inf")


class Poller:
    """Passes a connection to `submit` when a thread has work for it, and gets it back by `worked`.

    `wakeup`: a non-blocking pipe, also written to by signals. `refuse` makes an error page of an exception.
    """

    def __init__(
        self, cfg: Any, limits: ConnectionLimits, log: Any, *, wakeup: Sequence[int],
        submit: Callable[[ClientConnection], None], refuse: Callable[[ClientConnection, Exception], None],
    ) -> None:  # fmt: skip
        self._cfg = cfg
        self._limits = limits
        self._log = log
        self._wakeup = wakeup
        self._submit = submit
        self._refuse = refuse
        self._selector = selectors.DefaultSelector()
        self._selector.register(wakeup[0], READ, self._woken)
        self._space = memoryview(bytearray(RECEIVED_AT_ONCE))
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._listeners = Listeners(self._selector, log, make_room=self._make_room, accepted=self._accepted)
        self.listen = self._listeners.listen
        self._next_check = 0.0
        self._stay = float(cfg.keepalive)  # seconds without a request
        self.connections: set[ClientConnection] = set()

    # --- The loop ----------------------------------------------------------------------------------------------------

    def run_once(self) -> bool:
        """Wait for events and handle them; returns whether slow connections were checked as well (once a second)."""
        for key, _ in self._selector.select(max(0.0, self._next_check - time.monotonic())):
            key.data()
        now = time.monotonic()
        if now < self._next_check:
            return False
        self._next_check = now + SLOW_CHECK_SECONDS
        self._end_the_slow(now)
        self._keep_within_limits(now)
        return True

    def stop(self, stay: float) -> None:
        """Keep idle connections for `stay` more seconds only: a request may be on its way."""
        now = time.monotonic()
        self._stay = stay
        self._next_check = now
        for connection in self.connections:
            if connection.state in (ConnectionState.IDLE, ConnectionState.HEAD):
                connection.until = min(connection.until, now + stay)

    def _woken(self) -> None:
        with suppress(BlockingIOError):
            os.read(self._wakeup[0], 4096)
        while not self._calls.empty():
            self._calls.get_nowait()()

    def _later(self, call: Callable[[], None]) -> None:
        self._calls.put(call)
        with suppress(BlockingIOError):  # a full pipe wakes up as well
            os.write(self._wakeup[1], b"\0")

    def _ready(self, connection: ClientConnection) -> None:
        """Receive or send what is possible now. An unexpected error closes this connection and no other."""
        try:
            with connection.lock:
                if connection.state is ConnectionState.WORKING:
                    connection.early = True
                    self._watch(connection, 0)
                    return
            if connection.state is ConnectionState.SENDING:
                self._send(connection)
            elif connection.state is ConnectionState.LINGERING:
                self._drain(connection)
            else:
                self._receive(connection)
        except (OSError, ClientGone):
            self._drop(connection)
        except Exception:
            self._log.exception("a connection was given up")
            self._drop(connection)

    def _watch(self, connection: ClientConnection, events: int) -> None:
        if events == connection.events:
            return
        if not events:
            self._selector.unregister(connection.sock)
        elif connection.events:
            self._selector.modify(connection.sock, events, partial(self._ready, connection))
        else:
            self._selector.register(connection.sock, events, partial(self._ready, connection))
        connection.events = events

    # --- Accepting ---------------------------------------------------------------------------------------------------

    def _accepted(self, sock: socket.socket, client: Any, server: Any) -> None:
        connection = ClientConnection(sock, client, server, self._limits, time.monotonic())
        self.connections.add(connection)
        self._ready(connection)

    def _make_room(self, *, full: bool) -> bool:
        """Close a connection if there are too many, or the system is `full`; returns whether there is room now."""
        if not full and len(self.connections) < self._cfg.worker_connections:
            return True
        closed = to_make_room(self.connections, time.monotonic())
        if closed is not None:
            self._drop(closed)
        return closed is not None

    # --- Receiving ---------------------------------------------------------------------------------------------------

    def _receive(self, connection: ClientConnection) -> None:
        body = connection.body
        size_limit = self._limits.head if body is None else min(body.wanted, RECEIVED_AT_ONCE)
        try:
            size = connection.sock.recv_into(self._space[:size_limit])
        except (BlockingIOError, InterruptedError):
            self._watch(connection, READ)
            return
        if body is not None:
            body.over = not size  # the application, if called, reports to the client that the body was cut short
            self._take_body(connection, self._space[:size])
        elif size:
            connection.received += self._space[:size]
            self._take_head(connection)
        else:
            self._drop(connection)

    def _take_head(self, connection: ClientConnection) -> None:
        """Parse the head, once it is complete, and take what has arrived of the body."""
        limits, received = self._limits, connection.received
        if connection.state is ConnectionState.IDLE:
            connection.since = time.monotonic()
            connection.until = connection.since + limits.patience
            connection.state = ConnectionState.HEAD
        end = find_end(received, connection.searched, line_limit=self._cfg.limit_request_line, head_limit=limits.head)
        if not end:
            connection.searched = len(received)
            self._watch(connection, READ)
            return
        connection.requests += 1
        head = bytes(received[:end])
        try:
            connection.request = Request(self._cfg, IterUnreader([head]), connection.client, connection.requests)
            connection.waits_to_continue = connection.request._expected_100_continue
            connection.request._expected_100_continue = (
                False  # else gunicorn would send 100 Continue before the application has run
            )
            connection.body = body_of(connection.request, limits.body)
        except errors.NoMoreData:
            self._answer_error(connection, errors.LimitRequestHeaders(f"more than {limits.head} bytes"))
            return
        except Exception as error:
            self._answer_error(connection, error)
            return
        rest = bytes(received[end:])
        received.clear()
        self._take_body(connection, memoryview(rest))

    def _take_body(self, connection: ClientConnection, data: memoryview) -> None:
        """Add to the body; pass the request to a thread when it is complete, or only on demand for long bodies."""
        body = connection.body
        assert body is not None
        try:
            taken = body.feed(data)
        except errors.ParseException as error:
            self._answer_error(connection, error)
            return
        connection.received += data[taken:]
        if body.complete or body.over or not (connection.asked or self._is_small(connection)):
            self._give_to_thread(connection)
            return
        if connection.state is not ConnectionState.BODY:
            now = time.monotonic()
            connection.state = ConnectionState.BODY
            connection.pace = TransferPace(self._limits, now, body.size)
            connection.until = connection.pace.until
        self._watch(connection, READ)

    def _is_small(self, connection: ClientConnection) -> bool:
        """Whether the body is read before the application runs: it is short, and comes without 100 Continue."""
        body = connection.body
        assert body is not None
        if connection.waits_to_continue:
            return False
        return max(body.size, body.announced) <= self._limits.unasked_body

    # --- Threads -----------------------------------------------------------------------------------------------------

    def _give_to_thread(self, connection: ClientConnection) -> None:
        connection.state = ConnectionState.WORKING
        connection.early = False
        connection.until = NEVER
        self._submit(connection)

    def worked(self, connection: ClientConnection, then: Next) -> None:
        """Take the connection back from a thread, which must not touch it afterwards."""
        if then is Next.REQUEST and connection.events == READ and not connection.received:
            with connection.lock:
                if not connection.early:
                    self._await_request(connection)
                    return
        self._later(partial(self._go_on, connection, then))

    def _go_on(self, connection: ClientConnection, then: Next) -> None:
        try:
            if then is Next.BODY:
                self._ask_for_body(connection)
            elif then is Next.SEND:
                connection.state = ConnectionState.SENDING
                connection.pace = TransferPace(self._limits, time.monotonic(), connection.out.taken())
                connection.until = connection.pace.until
                self._watch(connection, WRITE)
            else:
                self._answered(connection, then)
        except (OSError, ClientGone):
            self._drop(connection)
        except Exception:
            self._log.exception("a connection was given up")
            self._drop(connection)

    def _ask_for_body(self, connection: ClientConnection) -> None:
        if connection.waits_to_continue:
            connection.out.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            connection.out.flush()
        connection.asked = True
        rest = bytes(connection.received)
        connection.received.clear()
        self._take_body(connection, memoryview(rest))

    def _answered(self, connection: ClientConnection, then: Next) -> None:
        if then is Next.CLOSE:
            self._linger(connection)
        elif then is Next.DROP:
            self._drop(connection)
        else:
            self._await_request(connection)
            if connection.received:
                self._take_head(connection)
            else:
                self._watch(connection, READ)

    def _await_request(self, connection: ClientConnection) -> None:
        connection.next_request()
        connection.since = time.monotonic()
        connection.until = connection.since + self._stay
        connection.state = ConnectionState.IDLE  # last: the poller may use it from here on

    # --- Sending -----------------------------------------------------------------------------------------------------

    def _answer_error(self, connection: ClientConnection, error: Exception) -> None:
        self._refuse(connection, error)
        self._send_last(connection)

    def _send_last(self, connection: ClientConnection) -> None:
        """Send what is in `out`, which is short, once; a client that does not read it misses it."""
        connection.out.flush()
        self._linger(connection)

    def _send(self, connection: ClientConnection) -> None:
        if not connection.out.flush():
            return
        exchange = connection.exchange
        if exchange.ended:
            self._answered(connection, exchange.done())
        else:
            self._watch(connection, 0)
            self._give_to_thread(connection)

    def _linger(self, connection: ClientConnection) -> None:
        """Close the sending side only: closing both while the client is sending would reset it, answer included."""
        connection.next_request()
        connection.received.clear()
        connection.state = ConnectionState.LINGERING
        connection.until = time.monotonic() + self._limits.linger
        connection.drained = 0
        connection.sock.shutdown(socket.SHUT_WR)
        self._watch(connection, READ)

    def _drain(self, connection: ClientConnection) -> None:
        size = connection.sock.recv_into(self._space[: self._limits.drained])
        connection.drained += size
        if not size:
            self._drop(connection)
        elif connection.drained > self._limits.drained:
            self._watch(connection, 0)

    # --- Ending ------------------------------------------------------------------------------------------------------

    def _drop(self, connection: ClientConnection) -> None:
        """Close at once. Must not be called while a thread has the connection."""
        self._watch(connection, 0)
        self.connections.discard(connection)
        if connection.out.size:  # otherwise the system keeps the unsent rest while the client is connected
            connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        connection.sock.close()
        exchange = connection.exchange
        connection.next_request()
        if exchange is not None:
            try:
                exchange.end()
            except Exception:
                self._log.exception("an application did not clean up")

    def _end_the_slow(self, now: float) -> None:
        for connection in [c for c in self.connections if c.until <= now]:
            try:
                self._end_if_slow(connection, now)
            except (OSError, ClientGone):
                self._drop(connection)

    def _end_if_slow(self, connection: ClientConnection, now: float) -> None:
        with connection.lock:  # a thread may be handing it back
            if connection.until > now or connection.state is ConnectionState.WORKING:
                return
        if connection.pace is not None and connection.pace.kept(now, connection.moved()):
            connection.until = connection.pace.until
        elif message := complaint(connection):
            connection.out.sendall(error_page(408, message))
            self._send_last(connection)
        else:
            self._drop(connection)

    def _keep_within_limits(self, now: float) -> None:
        for connection in above_limits(self.connections, self._limits, now):
            self._log.warning("a connection was given up: too much is kept for slow clients")
            self._drop(connection)
