"""The unsent part of a response, in place of gunicorn's socket: writing to it never blocks."""

import fcntl
import socket
import struct
import sys
import termios
from collections import deque

FULL = 1 << 16  # bytes; a streaming response pauses while more than that is unsent
PIECES = 64  # sent with one system call


class ClientGone(Exception):
    """The client has closed the connection."""


class SendBuffer:
    """Buffers pieces of a response, and sends them as the client reads."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._pieces: deque[memoryview] = deque()
        self.size = 0  # bytes that are not sent
        self.sent = 0

    @property
    def is_full(self) -> bool:
        return self.size > FULL

    def sendall(self, data: bytes) -> None:
        """Buffer the data. Small responses are sent as a whole by `flush`, so that head and body share a packet."""
        self._pieces.append(memoryview(data))
        self.size += len(data)
        if self.is_full:
            self.flush()

    send = sendall  # gunicorn's; used only for `100 Continue` and early hints

    def flush(self) -> bool:
        """Send what can be sent without blocking; returns whether everything is sent. Raises ClientGone."""
        while self._pieces:
            try:
                sent = self._socket.sendmsg([self._pieces[number] for number in range(min(PIECES, len(self._pieces)))])
            except (BlockingIOError, InterruptedError):
                return False
            except OSError as error:
                raise ClientGone from error
            self.sent += sent
            self.size -= sent
            while self._pieces and sent >= len(self._pieces[0]):
                sent -= len(self._pieces.popleft())
            if sent:
                self._pieces[0] = self._pieces[0][sent:]
        return True

    def taken(self) -> int:
        """How many bytes the client has acknowledged. Those in the system's buffer do not count."""
        if sys.platform != "linux":
            return self.sent
        (unacknowledged,) = struct.unpack("i", fcntl.ioctl(self._socket.fileno(), termios.TIOCOUTQ, b"\0" * 4))
        return self.sent - int(unacknowledged)
