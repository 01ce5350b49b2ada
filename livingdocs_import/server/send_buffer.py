"""What an answer still has to send: to gunicorn it looks like a socket, and it never waits for the client."""

import fcntl
import socket
import struct
import sys
import termios
from collections import deque

FULL = 1 << 16  # bytes; more than that is not asked of a streaming answer before the client has read some
PIECES = 64  # sent with one call


class ClientGone(Exception):
    """Nobody reads the answer."""


class SendBuffer:
    """Pieces of bytes, sent as far as the client takes them."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._pieces: deque[memoryview] = deque()
        self.size = 0  # bytes that are not sent
        self.sent = 0

    @property
    def is_full(self) -> bool:
        return self.size > FULL

    def sendall(self, data: bytes) -> None:
        """Keep it. Small pieces wait for the end of the answer, so that head and body go out together."""
        self._pieces.append(memoryview(data))
        self.size += len(data)
        if self.is_full:
            self.flush()

    send = sendall  # of gunicorn's, only `100 Continue` and early hints are sent with it

    def flush(self) -> bool:
        """Send what can be sent without waiting; whether that was all. Raises ClientGone."""
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
        """How many bytes the client's side has taken. The system's own buffer, which may be large, does not count."""
        if sys.platform != "linux":
            return self.sent
        (unacknowledged,) = struct.unpack("i", fcntl.ioctl(self._socket.fileno(), termios.TIOCOUTQ, b"\0" * 4))
        return self.sent - int(unacknowledged)
