"""A tiny S3 server that breaks on request, below the level where an S3 library could: at the socket."""

import hashlib
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

PAGE = b"<html><body>Please log in to the network</body></html>"


class FaultyS3(ThreadingHTTPServer):
    """Objects by path. The n-th request of a method meets the n-th fault in `faults[method]`; after them all is well.

    Faults: a status number, "html" (200 with a page, nothing done), "lost" (done, but no answer), "wrong etag",
    "half" (half of the body, then the connection ends), "stall" (half of the body, then silence), "trickle"
    (a body in tiny pieces), "whole" (the range is ignored), "hang" (a late answer).
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bucket = f"bucket-{uuid.uuid4().hex[:12]}"  # a storage is opened once for each address
        self.objects: dict[str, tuple[bytes, dict[str, str]]] = {}
        self.faults: dict[str, list[Any]] = {}
        self.requests: list[str] = []
        self.crowd = 0  # pages of a list that have nothing but folders, before the one with all objects
        self.gap = 0.0  # seconds of silence in "stall" and between the pieces of "trickle"
        self.forgetful = False  # answers zeros instead of keeping what it gets

    def handle_error(self, *_: Any) -> None:
        """Clients that give up are what is tested."""

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def url(self) -> str:
        """For ASSET_STORAGE."""
        return f"s3://{self.bucket}/press"


@contextmanager
def faulty_s3() -> Iterator[FaultyS3]:
    with FaultyS3() as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FaultyS3

    def log_message(self, *_: Any) -> None:
        """Tests look at `requests`."""

    def _fault(self) -> Any:
        self.server.requests.append(self.command)
        planned = self.server.faults.get(self.command)
        return planned.pop(0) if planned else None

    def _answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _failed(self, fault: Any) -> bool:
        if fault == "hang":
            time.sleep(self.server.gap)
        if isinstance(fault, int):
            self._answer(fault, b"<Error><Code>InternalError</Code></Error>", {"Content-Type": "application/xml"})
        elif fault == "html":
            self._answer(200, PAGE, {"Content-Type": "text/html"})
        else:
            return False
        return True

    def do_PUT(self) -> None:
        if self.server.forgetful:
            self._swallow()
            return
        body = self.rfile.read(int(self.headers["Content-Length"]))
        fault = self._fault()
        if self._failed(fault):
            return
        metadata = {k.lower(): v for k, v in self.headers.items() if k.lower().startswith("x-amz-meta-")}
        self.server.objects[self.path.partition("?")[0]] = (body, metadata)
        if fault == "lost":
            self.close_connection = True
            return
        etag = "0" * 32 if fault == "wrong etag" else hashlib.md5(body, usedforsecurity=False).hexdigest()
        self._answer(200, headers={"ETag": f'"{etag}"'})

    def _swallow(self) -> None:
        left, digest = int(self.headers["Content-Length"]), hashlib.md5(usedforsecurity=False)
        while left > 0 and (piece := self.rfile.read(min(left, 1 << 16))):
            digest.update(piece)
            left -= len(piece)
        self._answer(200, headers={"ETag": f'"{digest.hexdigest()}"'})

    def _zeros(self, length: int) -> None:
        while length > 0:
            self.wfile.write(bytes(min(length, 1 << 16)))
            length -= 1 << 16

    def do_HEAD(self) -> None:
        if self._failed(self._fault()):
            return
        found = self.server.objects.get(self.path.partition("?")[0])
        if found is None:
            self._answer(404)
            return
        self._answer(200, found[0], {"ETag": '"tag"', "Last-Modified": formatdate(usegmt=True)} | found[1])

    def do_GET(self) -> None:
        fault = self._fault()
        if self._failed(fault):
            return
        if "list-type=2" in self.path:
            self._list()
            return
        start, end = (int(part) for part in self.headers["Range"].removeprefix("bytes=").split("-"))
        if self.server.forgetful:
            size = end + 1 - start
            self.send_response(206)
            self.send_header("Content-Length", str(size))
            self.send_header("Content-Range", f"bytes {start}-{end}/{end + 1}")
            self.end_headers()
            self._zeros(size)
            return
        whole = self.server.objects[self.path.partition("?")[0]][0]
        body = whole if fault == "whole" else whole[start : end + 1]
        self.send_response(200 if fault == "whole" else 206)
        self.send_header("Content-Length", str(len(body)))
        if fault != "whole":
            self.send_header("Content-Range", f"bytes {start}-{end}/{len(whole)}")
        self.end_headers()
        if fault == "trickle":
            for at in range(0, len(body), 1000):
                self.wfile.write(body[at : at + 1000])
                time.sleep(self.server.gap)
            return
        if fault in ("half", "stall"):
            body = body[: len(body) // 2]
            self.close_connection = True
        self.wfile.write(body)
        if fault == "stall":
            self.wfile.flush()
            time.sleep(self.server.gap)

    def _list(self) -> None:
        self.server.crowd -= 1
        if self.server.crowd >= 0:
            elements = "<IsTruncated>true</IsTruncated><NextContinuationToken>next</NextContinuationToken>"
            elements += "<CommonPrefixes><Prefix>press/folder/</Prefix></CommonPrefixes>"
        else:
            time_and_tag = "<LastModified>2026-03-14T00:00:00Z</LastModified><ETag>&quot;tag&quot;</ETag>"
            keys = [path.split("/", 2)[2] for path in sorted(self.server.objects)]
            elements = "".join(f"<Contents><Key>{key}</Key>{time_and_tag}<Size>1</Size></Contents>" for key in keys)
        body = f"<ListBucketResult>{elements}</ListBucketResult>".encode()
        self._answer(200, body, {"Content-Type": "application/xml"})

    def do_DELETE(self) -> None:
        if not self._failed(self._fault()):
            self.server.objects.pop(self.path.partition("?")[0], None)
            self._answer(204)
