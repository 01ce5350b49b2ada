"""The picture archive that is imported from: a server that costs as little as Python can.

One process, no threads; heads are prepared, files go from the page cache into the socket by sendfile.

    python -m benchmarks.origin FOLDER     prints its port, ends with its stdin
"""

import os
import selectors
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Origin:
    """A running archive: address and process."""

    address: str
    pid: int


@contextmanager
def serving(folder: Path) -> Iterator[Origin]:
    """Serve the folder's files from a process of its own."""
    command = [sys.executable, "-m", "benchmarks.origin", str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield Origin(f"127.0.0.1:{int(process.stdout.readline())}", process.pid)
        process.communicate()


@dataclass(frozen=True)
class _File:
    descriptor: int
    size: int
    head: bytes


def _open(path: Path) -> _File:
    size = path.stat().st_size
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: {size}\r\n"
        f'ETag: "{path.stem}-{size}"\r\nLast-Modified: Sat, 21 Nov 2026 00:00:00 GMT\r\n\r\n'
    )
    return _File(os.open(path, os.O_RDONLY), size, head.encode())


class _Conversation:
    """One connection: incoming requests, outgoing responses."""

    def __init__(self, connection: socket.socket, files: dict[bytes, _File]) -> None:
        self.connection = connection
        self._files = files
        self._received = b""
        self._waiting: deque[_File] = deque()
        self._sent = -1  # bytes of the first waiting file; -1: not even its head

    @property
    def answering(self) -> bool:
        return bool(self._waiting)

    def receive(self) -> bool:
        """Read requests; False if the other side has closed."""
        data = self.connection.recv(1 << 16)
        *heads, self._received = (self._received + data).split(b"\r\n\r\n")
        for head in heads:
            path = head.split(b" ", 2)[1].partition(b"?")[0]
            self._waiting.append(self._files[path.lstrip(b"/")])
        return bool(data)

    def send(self) -> None:
        """Send as much as the socket takes."""
        try:
            while self._waiting:
                file = self._waiting[0]
                if self._sent < 0:
                    self.connection.send(file.head, socket.MSG_MORE)  # fits: the socket was empty
                    self._sent = 0
                while self._sent < file.size:
                    self._sent += os.sendfile(
                        self.connection.fileno(), file.descriptor, self._sent, file.size - self._sent
                    )
                self._waiting.popleft()
                self._sent = -1
        except BlockingIOError:
            pass


def main(folder: Path) -> None:
    """Serve until stdin is closed."""
    files = {path.name.encode(): _open(path) for path in folder.iterdir()}
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener, selectors.DefaultSelector() as selector:
        listener.setblocking(False)
        selector.register(listener, selectors.EVENT_READ)
        selector.register(sys.stdin, selectors.EVENT_READ)
        print(listener.getsockname()[1], flush=True)
        while True:
            for key, _ in selector.select():
                if key.fileobj is sys.stdin:
                    return
                if key.fileobj is listener:
                    connection, _ = listener.accept()
                    connection.setblocking(False)
                    selector.register(connection, selectors.EVENT_READ, _Conversation(connection, files))
                else:
                    _go_on(selector, key.data)


def _go_on(selector: selectors.BaseSelector, conversation: _Conversation) -> None:
    """Receive or send, whichever is due; nothing is received while a response is being sent."""
    connection = conversation.connection
    try:
        alive = conversation.answering or conversation.receive()
        conversation.send()
    except ConnectionError:
        alive = False
    if not alive:
        selector.unregister(connection)
        connection.close()
        return
    wanted = selectors.EVENT_WRITE if conversation.answering else selectors.EVENT_READ
    if selector.get_key(connection).events != wanted:
        selector.modify(connection, wanted, conversation)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
