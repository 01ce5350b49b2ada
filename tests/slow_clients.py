"""Clients that keep a web server waiting, many at a time."""

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

STEP = 0.25  # seconds between two bytes


class SlowClients:
    """`count` connections that each send `opening` at once, and then a byte of `trickle` (or read one) every STEP."""

    def __init__(self, port: int, count: int, opening: bytes, trickle: bytes = b"") -> None:
        self._port = port
        self._count = count
        self._opening = opening
        self._trickle = trickle
        self._stop = threading.Event()
        self.connected = 0
        self.answered = 0  # bytes that were read, by those that trickle nothing

    @contextmanager
    def at_work(self) -> Iterator["SlowClients"]:
        """Within the block they are all connected."""
        sockets: list[socket.socket] = []
        thread = threading.Thread(target=self._trickle_on, args=[sockets])
        try:
            for _ in range(self._count):
                sockets.append(self._connect())
            self.connected = len(sockets)
            thread.start()
            yield self
        finally:
            self._stop.set()
            if thread.is_alive():
                thread.join()
            for connection in sockets:
                connection.close()

    def wait_until_served(self, seconds: float) -> None:
        """Until each of those that read has got something; what 200 answers cost to begin is another matter."""
        deadline = time.monotonic() + seconds
        while self.answered < 2 * self._count:
            assert time.monotonic() < deadline, f"{self.answered} bytes for {self._count} clients"
            time.sleep(0.05)

    def _connect(self) -> socket.socket:
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # for slow reading to be felt
        connection.settimeout(20)
        connection.connect(("127.0.0.1", self._port))
        connection.sendall(self._opening)
        connection.setblocking(False)
        return connection

    def _trickle_on(self, sockets: Sequence[socket.socket]) -> None:
        position = 0
        while not self._stop.wait(STEP):
            byte = self._trickle[position % len(self._trickle) :][:1] if self._trickle else b""
            position += 1
            for connection in sockets:
                with suppress(OSError):  # it may have been hung up on
                    if byte:
                        connection.send(byte)
                    else:
                        self.answered += len(connection.recv(1))
