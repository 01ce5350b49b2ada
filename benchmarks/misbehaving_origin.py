"""An origin that behaves as each path says: answers at once or late, a byte at a time, at the second request, or never.

    python -m benchmarks.misbehaving_origin FOLDER LOG     prints its port, ends with its stdin

It listens at every address of loopback, so that one process is as many hosts as there are addresses. Paths are
/BEHAVIOUR/SECONDS/FILE. A POST is answered like a GET, with a body of two bytes; each is appended to LOG.

- `answer`: after so many seconds.
- `trickle`: a byte every so many seconds, the head included.
- `stumble`: the first time 503 after so many seconds, then as `answer`.
- `hang`: nothing is ever sent.
"""

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

OK = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n"
UNAVAILABLE = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
HOSTS_IN_A_NETWORK = 250


@dataclass(frozen=True)
class Received:
    """A POST: when it came (seconds since 1970), and for which target."""

    at: float
    target: str


@dataclass(frozen=True)
class MisbehavingOrigin:
    """A running origin."""

    port: int
    log: Path

    def url(self, behaviour: str, name: str, *, seconds: float = 0, host: int = 0) -> str:
        """A URL of one behaviour, at one of 60,000 hosts."""
        address = f"127.{10 + host // HOSTS_IN_A_NETWORK}.7.{host % HOSTS_IN_A_NETWORK + 1}"
        return f"http://{address}:{self.port}/{behaviour}/{seconds:g}/{name}"

    def received(self) -> list[Received]:
        """Every POST so far, oldest first."""
        return [Received(*json.loads(line)) for line in self.log.read_text().splitlines()]


@contextmanager
def serving(folder: Path, log: Path) -> Iterator[MisbehavingOrigin]:
    """Serve the folder's files from a process of its own."""
    log.touch()
    command = [sys.executable, "-m", "benchmarks.misbehaving_origin", str(folder), str(log)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield MisbehavingOrigin(int(process.stdout.readline()), log)
        process.communicate()


class _Server:
    def __init__(self, folder: Path, log: Path) -> None:
        self._answers = {path.name: OK % path.stat().st_size + path.read_bytes() for path in folder.iterdir()}
        self._log = log.open("a", buffering=1)
        self._stumbled: set[str] = set()

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection: one request after the other until the client hangs up."""
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                await self._answer(head.decode("latin-1"), reader, writer)
        writer.close()

    async def _answer(self, head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request, *lines = head.splitlines()
        method, target, _ = request.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        await reader.readexactly(int(headers.get("content-length", 0)))
        if method == "POST":
            self._log.write(json.dumps([time.time(), target]) + "\n")
        _, behaviour, seconds, name = target.partition("?")[0].split("/", 3)
        answer = OK % 2 + b"ok" if method == "POST" else self._answers[name]
        if behaviour == "hang":
            await reader.read()  # until the client closes
            raise ConnectionResetError
        if behaviour == "trickle":
            await _trickle(answer, float(seconds), writer)
            return
        if behaviour == "stumble" and target not in self._stumbled:
            self._stumbled.add(target)
            answer = UNAVAILABLE
        await asyncio.sleep(float(seconds))
        writer.write(answer)
        await writer.drain()


async def _trickle(answer: bytes, seconds: float, writer: asyncio.StreamWriter) -> None:
    for byte in answer:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(seconds)


async def main(folder: Path, log: Path) -> None:
    """Serve until stdin is closed."""
    served = _Server(folder, log)
    server = await asyncio.start_server(served.converse, "0.0.0.0", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
