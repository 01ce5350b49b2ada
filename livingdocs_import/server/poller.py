"""The connections of a web process that wait for their clients: one thread receives, sends, and ends what is slow."""

import errno
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

from livingdocs_import.server.connection import Connection, State
from livingdocs_import.server.error_pages import error_page
from livingdocs_import.server.exchange import Next
from livingdocs_import.server.limits import Limits, Pace
from livingdocs_import.server.request_bodies import body_of
from livingdocs_import.server.request_heads import find_end
from livingdocs_import.server.send_buffer import ClientGone

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
RECEIVED_AT_ONCE = 1 << 18  # bytes
LOOK_EVERY = 1.0  # seconds, at those who take too long; a tenth while stopping
NO_MORE_DESCRIPTORS = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
NOBODY_THERE = (errno.EAGAIN, errno.EWOULDBLOCK, errno.ECONNABORTED, errno.EPROTO)
UNSENT = 1 << 17  # bytes that the system keeps of an answer, besides what is on the way
RESET = struct.pack("ii", 1, 0)
NEVER = float("inf")


class Poller:
    """Gives a connection to `submit` when a thread has something to do for it, and gets it back by `worked`.

    `wakeup`: a non-blocking pipe, also written to by signals. `refuse` makes an error page of an exception.
    """

    def __init__(
        self, cfg: Any, limits: Limits, log: Any, *, wakeup: Sequence[int],
        submit: Callable[[Connection], None], refuse: Callable[[Connection, Exception], None],
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
        self._listeners: dict[Any, Any] = {}  # those that accept, and their addresses
        self._next_look = 0.0
        self._stay = float(cfg.keepalive)  # seconds without a request
        self.connections: set[Connection] = set()

    # --- Turns -------------------------------------------------------------------------------------------------------

    def run_once(self) -> bool:
        """Wait for something to happen, and see to it; whether it was time to look at the slow as well."""
        for key, _ in self._selector.select(max(0.0, self._next_look - time.monotonic())):
            key.data()
        now = time.monotonic()
        if now < self._next_look:
            return False
        self._next_look = now + LOOK_EVERY
        self._end_the_slow(now)
        self._keep_within_limits(now)
        return True

    def stop(self, stay: float) -> None:
        """Idle connections are kept `stay` seconds from now on: a request may be on its way."""
        now = time.monotonic()
        self._stay = stay
        self._next_look = now
        for connection in self.connections:
            if connection.state in (State.IDLE, State.HEAD):
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

    def _ready(self, connection: Connection) -> None:
        """Something can be received or sent. A bug costs this connection and no other."""
        try:
            with connection.lock:
                if connection.state is State.WORKING:
                    connection.early = True
                    self._watch(connection, 0)
                    return
            if connection.state is State.SENDING:
                self._send(connection)
            elif connection.state is State.LINGERING:
                self._drain(connection)
            else:
                self._receive(connection)
        except (OSError, ClientGone):
            self._drop(connection)
        except Exception:
            self._log.exception("a connection was given up")
            self._drop(connection)

    def _watch(self, connection: Connection, events: int) -> None:
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

    def listen(self, listeners: Sequence[Any]) -> None:
        """Accept from these, and from no others. With none of them, callers wait in the system's queue."""
        for listener in self._listeners.keys() - set(listeners):
            self._selector.unregister(listener)
            del self._listeners[listener]
        for listener in listeners:
            if listener not in self._listeners:
                listener.setblocking(False)
                _keep_little_unsent(listener)
                self._listeners[listener] = listener.getsockname()
                self._selector.register(listener, READ, partial(self._accept, listener))

    def _accept(self, listener: Any) -> None:
        """Accept one connection; if there are too many, the one that has been slow for longest is closed."""
        if len(self.connections) >= self._cfg.worker_connections and not self._make_room():
            self.listen(())
            return
        try:
            sock, client = listener.accept()
        except OSError as error:
            if error.errno in NO_MORE_DESCRIPTORS:
                self._log.warning("no connection could be accepted: %s", error.strerror)
                if not self._make_room():
                    self.listen(())
            elif error.errno not in NOBODY_THERE:
                raise
            return
        sock.setblocking(False)
        connection = Connection(sock, client, self._listeners[listener], self._limits, time.monotonic())
        self.connections.add(connection)
        self._ready(connection)

    def _make_room(self) -> bool:
        """End the connection that has waited longest without a request that the application would have read."""
        now = time.monotonic()
        waiting = [c for c in self.connections if c.state in (State.IDLE, State.HEAD, State.LINGERING) or c.is_unasked]
        if waiting:
            self._drop(min(waiting, key=lambda c: c.since))
            return True
        sending = [c for c in self.connections if c.state is State.SENDING]
        if sending:
            self._drop(min(sending, key=lambda c: c.speed(now)))
        return bool(sending)

    # --- Receiving ---------------------------------------------------------------------------------------------------

    def _receive(self, connection: Connection) -> None:
        body = connection.body
        most = self._limits.head if body is None else min(body.wanted, RECEIVED_AT_ONCE)
        try:
            size = connection.sock.recv_into(self._space[:most])
        except (BlockingIOError, InterruptedError):
            self._watch(connection, READ)
            return
        if body is not None:
            body.over = not size  # an application that may have to do with it tells the client that it was cut short
            self._take_body(connection, self._space[:size])
        elif size:
            connection.received += self._space[:size]
            self._take_head(connection)
        else:
            self._drop(connection)

    def _take_head(self, connection: Connection) -> None:
        """Of what was received; and whatever of the body came with it."""
        limits, received = self._limits, connection.received
        if connection.state is State.IDLE:
            connection.since = time.monotonic()
            connection.until = connection.since + limits.patience
            connection.state = State.HEAD
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
            connection.request._expected_100_continue = False  # or gunicorn says so before anybody has looked at it
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

    def _take_body(self, connection: Connection, data: memoryview) -> None:
        """Of what was received; then on to a thread with it, if it is complete or has to be asked for."""
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
        if connection.state is not State.BODY:
            now = time.monotonic()
            connection.state = State.BODY
            connection.pace = Pace(self._limits, now, body.size)
            connection.until = connection.pace.until
        self._watch(connection, READ)

    def _is_small(self, connection: Connection) -> bool:
        """Whether the body is read unasked: its client does not wait to be asked, and it will not be long."""
        body = connection.body
        assert body is not None
        if connection.waits_to_continue:
            return False
        return max(body.size, body.announced) <= self._limits.unasked_body

    # --- Threads -----------------------------------------------------------------------------------------------------

    def _give_to_thread(self, connection: Connection) -> None:
        connection.state = State.WORKING
        connection.early = False
        connection.until = NEVER
        self._submit(connection)

    def worked(self, connection: Connection, then: Next) -> None:
        """Called by a thread, which from here on leaves the connection alone."""
        if then is Next.REQUEST and connection.events == READ and not connection.received:
            with connection.lock:
                if not connection.early:
                    self._await_request(connection)
                    return
        self._later(partial(self._go_on, connection, then))

    def _go_on(self, connection: Connection, then: Next) -> None:
        try:
            if then is Next.BODY:
                self._ask_for_body(connection)
            elif then is Next.SEND:
                connection.state = State.SENDING
                connection.pace = Pace(self._limits, time.monotonic(), connection.out.taken())
                connection.until = connection.pace.until
                self._watch(connection, WRITE)
            else:
                self._answered(connection, then)
        except (OSError, ClientGone):
            self._drop(connection)
        except Exception:
            self._log.exception("a connection was given up")
            self._drop(connection)

    def _ask_for_body(self, connection: Connection) -> None:
        if connection.waits_to_continue:
            connection.out.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            connection.out.flush()
        connection.asked = True
        rest = bytes(connection.received)
        connection.received.clear()
        self._take_body(connection, memoryview(rest))

    def _answered(self, connection: Connection, then: Next) -> None:
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

    def _await_request(self, connection: Connection) -> None:
        connection.next_request()
        connection.since = time.monotonic()
        connection.until = connection.since + self._stay
        connection.state = State.IDLE  # the last: from here on it is the poller's

    # --- Sending -----------------------------------------------------------------------------------------------------

    def _answer_error(self, connection: Connection, error: Exception) -> None:
        self._refuse(connection, error)
        self._send_last(connection)

    def _answer_slow(self, connection: Connection, message: str) -> None:
        connection.out.sendall(error_page(408, message))
        self._send_last(connection)

    def _send_last(self, connection: Connection) -> None:
        """What is in `out`; it is short, and who does not take it will miss it."""
        connection.out.flush()
        self._linger(connection)

    def _send(self, connection: Connection) -> None:
        if not connection.out.flush():
            return
        exchange = connection.exchange
        if exchange.ended:
            self._answered(connection, exchange.done())
        else:
            self._watch(connection, 0)
            self._give_to_thread(connection)

    def _linger(self, connection: Connection) -> None:
        """Say that this was all. Were it closed while the client is sending, a reset would overtake the answer."""
        connection.next_request()
        connection.received.clear()
        connection.state = State.LINGERING
        connection.until = time.monotonic() + self._limits.linger
        connection.drained = 0
        connection.sock.shutdown(socket.SHUT_WR)
        self._watch(connection, READ)

    def _drain(self, connection: Connection) -> None:
        size = connection.sock.recv_into(self._space[: self._limits.drained])
        connection.drained += size
        if not size:
            self._drop(connection)
        elif connection.drained > self._limits.drained:
            self._watch(connection, 0)

    # --- Ending ------------------------------------------------------------------------------------------------------

    def _drop(self, connection: Connection) -> None:
        """Close at once. Not while a thread has it."""
        self._watch(connection, 0)
        self.connections.discard(connection)
        if connection.out.size:  # or the system would keep what it has of the answer for as long as the client is there
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

    def _end_if_slow(self, connection: Connection, now: float) -> None:
        with connection.lock:  # a thread may be about to hand it back
            if connection.until > now or connection.state is State.WORKING:
                return
        if connection.pace is not None and connection.pace.kept(now, connection.moved()):
            connection.until = connection.pace.until
        elif connection.state is State.HEAD:
            self._answer_slow(connection, "The request did not arrive in time")
        elif connection.state is State.BODY:
            self._answer_slow(connection, "The request body arrived too slowly")
        else:
            self._drop(connection)

    def _keep_within_limits(self, now: float) -> None:
        """Where more is kept than we can afford, those go who are slowest."""
        for state, limit in ((State.BODY, self._limits.incoming), (State.SENDING, self._limits.outgoing)):
            kept = sorted((c for c in self.connections if c.state is state), key=lambda c: c.speed(now))
            total = sum(c.kept() for c in kept)
            for connection in kept:
                if total <= limit:
                    break
                total -= connection.kept()
                self._log.warning("a connection was given up: too much is kept for slow clients")
                self._drop(connection)


def _keep_little_unsent(listener: Any) -> None:
    """The system, too, is to keep little of what a client does not read: it would take some megabytes of each answer.

    The sockets that are accepted inherit it.
    """
    if hasattr(socket, "TCP_NOTSENT_LOWAT") and listener.family in (socket.AF_INET, socket.AF_INET6):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT)
