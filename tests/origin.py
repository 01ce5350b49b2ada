"""The outside world: a real HTTP server that serves files, collects webhooks, and misbehaves on request.

    origin.reply("/a.jpg", Reply(jpeg, etag='"1"'))            serve bytes; If-None-Match is honoured
    origin.reply("/b.jpg", Reply(status=503), Reply(jpeg))     one after the other, the last for good
    origin.serve_folder("/files", Path("tests/data"))          every file below a folder
    origin.redirect("/old", "/a.jpg")
    fetcher.fetch(origin.url("/a.jpg"), ...)
    assert origin.asked("/a.jpg")[0].headers["user-agent"] == ...
    assert [hook.json() for hook in origin.webhooks] == [...]

Unknown paths get 404, a POST 200 "ok". `origin.address` is what FETCH_ALLOWED_NETWORKS
has to hold to let the service reach it. Requests of one connection share it (HTTP/1.1 keep-alive).
"""

import gzip
import json
import math
import mimetypes
import socket
import ssl
import struct
import threading
import time
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal, Self


@dataclass(frozen=True)
class Reply:
    """How to answer one request. Without arguments: an empty 200."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/octet-stream"
    etag: str = ""  # with its quotes; a matching If-None-Match is answered with 304
    last_modified: str = ""  # the same with If-Modified-Since

    framing: Literal["length", "chunked", "close"] = "length"
    encoding: Literal["", "gzip", "deflate", "raw deflate"] = ""
    times: float = 1  # the body is sent so often; math.inf (with chunked or close) never ends
    announced: int | None = None  # a Content-Length that is not the body's

    wait: float = 0.0  # seconds before the first byte
    piece: int = 64 * 1024  # bytes sent at once
    pause: float = 0.0  # seconds between two pieces
    drip_head: float = 0.0  # seconds between two bytes of the status line and the headers

    stop_after: int | None = None  # bytes of the (encoded) body after which the connection ends …
    ending: Literal["close", "reset", "stall"] = "close"  # … like this
    hang_up: bool = False  # close the connection after the answer, without having said so
    raw: bytes | None = None  # send this instead of an HTTP answer, then close


@dataclass(frozen=True)
class Request:
    """One request as it arrived. Header names are in lower case; `target` is path and query as sent."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    at: float  # time.monotonic()
    connection: int  # requests with the same number came over the same connection

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def json(self) -> Any:
        return json.loads(self.body)


class Origin:
    """A server on a free port of loopback, from construction until `close()`."""

    def __init__(self, host: str = "127.0.0.1", *, tls: ssl.SSLContext | None = None) -> None:
        self.tls = tls
        self.requests: list[Request] = []
        self.connections = 0
        self.most_at_once: Counter[str] = Counter()  # by path: the most answers that were under way side by side
        self.closing = threading.Event()
        self._replies: dict[str, list[Reply]] = {}
        self._folders: dict[str, Path] = {}
        self._under_way: Counter[str] = Counter()
        self.lock = threading.Lock()
        self._server = _Server(self, host)
        self.host, self.port = host, self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """The entry for FETCH_ALLOWED_NETWORKS."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def webhooks(self) -> list[Request]:
        """What was posted, oldest first."""
        with self.lock:
            return [request for request in self.requests if request.method == "POST"]

    def url(self, target: str = "/") -> str:
        return f"{'https' if self.tls else 'http'}://{self.address}{target}"

    def asked(self, path: str) -> list[Request]:
        """The requests for a path, oldest first."""
        with self.lock:
            return [request for request in self.requests if request.path == path]

    def reply(self, path: str, *replies: Reply) -> str:
        """Answer requests for a path, of any method, in this order; the last one for good. Returns the URL."""
        with self.lock:
            self._replies[path] = list(replies)
        return self.url(path)

    def redirect(self, path: str, to: str, status: int = 302) -> str:
        return self.reply(path, Reply(b"moved", status, {"Location": to}))

    def serve_folder(self, prefix: str, folder: Path) -> str:
        """Serve the files of a folder below a path. Returns the URL of the folder."""
        self._folders[prefix.rstrip("/") + "/"] = folder
        return self.url(prefix)

    def wait_for(self, count: int, path: str, *, seconds: float = 5.0) -> list[Request]:
        """The requests for a path, once there are so many. Fails the test otherwise."""
        until = time.monotonic() + seconds
        while len(requests := self.asked(path)) < count:
            assert time.monotonic() < until, f"{len(requests)} of {count} requests for {path}"
            time.sleep(0.01)
        return requests

    def close(self) -> None:
        self.closing.set()  # lets stalled answers go
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- called by the handler

    def begin(self, request: Request) -> Reply:
        with self.lock:
            self.requests.append(request)
            self._under_way[request.path] += 1
            self.most_at_once[request.path] = max(self.most_at_once[request.path], self._under_way[request.path])
            replies = self._replies.get(request.path)
            if replies:
                return replies.pop(0) if len(replies) > 1 else replies[0]
        for prefix, folder in self._folders.items():
            file = folder / request.path.removeprefix(prefix)
            if request.path.startswith(prefix) and file.is_file():
                return Reply(file.read_bytes(), content_type=mimetypes.guess_type(file)[0] or Reply.content_type)
        return Reply(b"ok") if request.method == "POST" else Reply(b"not found", 404)

    def end(self, request: Request) -> None:
        with self.lock:
            self._under_way[request.path] -= 1


class Canary:
    """A listener on loopback that must never see a connection."""

    def __init__(self) -> None:
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._last: Any = None  # the address of the connection that ends the count
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            connection, address = self._listener.accept()
            connection.close()
            if address == self._last:
                return
            self.connections += 1

    def close(self) -> None:
        """Stop listening, after having counted all that came before."""
        last = socket.socket()
        last.bind(("127.0.0.1", 0))
        self._last = last.getsockname()
        last.connect(self._listener.getsockname())
        self._thread.join()
        last.close()
        self._listener.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, origin: Origin, host: str) -> None:
        self.origin = origin
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, 0), _Handler)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """In the connection's own thread: the handshake must not hold up accept()."""
        if self.origin.tls is None:
            super().finish_request(request, client_address)
            return
        with self.origin.tls.wrap_socket(request, server_side=True) as secured:
            super().finish_request(secured, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients hang up: that is what is tested."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        origin = self.server.origin
        with origin.lock:
            origin.connections += 1
            self.number = origin.connections

    def answer(self) -> None:
        origin = self.server.origin
        request = Request(
            method=self.command,
            target=self.path,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("Content-Length", 0))),
            at=time.monotonic(),
            connection=self.number,
        )
        reply = origin.begin(request)
        try:
            self.send(request, reply)
        except OSError:
            self.close_connection = True
        finally:
            origin.end(request)

    do_GET = do_POST = do_HEAD = do_PUT = do_PATCH = answer  # noqa: N815

    def send(self, request: Request, reply: Reply) -> None:
        closing = self.server.origin.closing
        if reply.wait:
            closing.wait(reply.wait)
        if reply.raw is not None:
            self.wfile.write(reply.raw)
            self.close_connection = True
            return
        unchanged = (reply.etag and request.headers.get("if-none-match") == reply.etag) or (
            reply.last_modified and request.headers.get("if-modified-since") == reply.last_modified
        )
        body = _encode(reply.body, reply.encoding)
        head = _head(reply, 304 if unchanged else reply.status, len(body))
        if reply.drip_head:
            for byte in head:
                self.wfile.write(bytes([byte]))
                if closing.wait(reply.drip_head):
                    return
        else:
            self.wfile.write(head)
        if not unchanged and self.command != "HEAD":
            self.send_body(reply, body)
        if reply.hang_up or reply.framing == "close":
            self.close_connection = True

    def send_body(self, reply: Reply, body: bytes) -> None:
        sent = 0
        for piece in _pieces(reply, body):
            if reply.stop_after is not None and sent + len(piece) >= reply.stop_after:
                self.send_piece(reply, piece[: reply.stop_after - sent])
                self.end(reply.ending)
                return
            self.send_piece(reply, piece)
            sent += len(piece)
            if self.server.origin.closing.wait(reply.pause):
                return
        if reply.framing == "chunked":
            self.wfile.write(b"0\r\n\r\n")

    def send_piece(self, reply: Reply, piece: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if reply.framing == "chunked" and piece else piece)

    def end(self, ending: str) -> None:
        self.close_connection = True
        if ending == "stall":
            self.server.origin.closing.wait()
        elif ending == "reset":
            connection = socket.socket(fileno=self.connection.detach())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the requests are recorded."""


def _encode(body: bytes, encoding: str) -> bytes:
    match encoding:
        case "gzip":
            return gzip.compress(body)
        case "deflate":
            return zlib.compress(body)
        case "raw deflate":
            return zlib.compress(body, wbits=-zlib.MAX_WBITS)
    return body


def _head(reply: Reply, status: int, length: int) -> bytes:
    headers = {"Content-Type": reply.content_type, **reply.headers}
    if reply.etag:
        headers["ETag"] = reply.etag
    if reply.last_modified:
        headers["Last-Modified"] = reply.last_modified
    if reply.encoding:
        headers["Content-Encoding"] = reply.encoding.removeprefix("raw ")
    match reply.framing:
        case "length" if status != 304:
            announced = length * reply.times if reply.announced is None else reply.announced
            headers["Content-Length"] = str(int(announced))
        case "chunked":
            headers["Transfer-Encoding"] = "chunked"
        case "close":
            headers["Connection"] = "close"
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Unheard Of"
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _pieces(reply: Reply, body: bytes) -> Iterator[bytes]:
    """The body in pieces, repeated as requested: endless for math.inf."""
    rounds = 0
    while rounds < reply.times and (body or reply.times is not math.inf):
        for start in range(0, len(body), reply.piece):
            yield body[start : start + reply.piece]
        rounds += 1
    if reply.stop_after == 0 and not body:
        yield b""
