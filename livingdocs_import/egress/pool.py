"""Connections kept open for the next download from the same server."""

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from urllib3.util import wait_for_read

from livingdocs_import.egress.http1 import HTTP1Connection
from livingdocs_import.egress.url import Target


class _Idle(NamedTuple):
    server: tuple[str, str]
    connection: HTTP1Connection
    since: float


class IdleConnections:
    """A few idle connections, each kept for a short while. Thread-safe; do not share it across a fork."""

    def __init__(
        self, *, max_idle: int = 32, idle_seconds: float = 15.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.max_idle = max_idle
        self.idle_seconds = idle_seconds
        self.clock = clock
        self._lock = threading.Lock()
        self._idle: list[_Idle] = []  # oldest first

    def take(self, target: Target) -> HTTP1Connection | None:
        """The most recently used connection to the target's server, if it still seems usable."""
        while idle := self._pop(target.server):
            # Readable without a request: the server has closed it, or sent more than announced.
            usable = self.clock() - idle.since < self.idle_seconds and not wait_for_read(idle.connection.sock, 0)
            if usable:
                return idle.connection
            idle.connection.close()
        return None

    def keep(self, target: Target, connection: HTTP1Connection) -> None:
        """Keep a connection for the next request; the oldest is closed when there are too many."""
        with self._lock:
            self._idle.append(_Idle(target.server, connection, self.clock()))
            surplus, self._idle = self._idle[: -self.max_idle], self._idle[-self.max_idle :]
        for idle in surplus:
            idle.connection.close()

    def close(self) -> None:
        """Close all that are idle."""
        with self._lock:
            abandoned, self._idle = self._idle, []
        for idle in abandoned:
            idle.connection.close()

    def _pop(self, server: tuple[str, str]) -> _Idle | None:
        with self._lock:
            for position in range(len(self._idle) - 1, -1, -1):
                if self._idle[position].server == server:
                    return self._idle.pop(position)
        return None
