"""An S3 server in a process of its own, over a folder, that can be stopped, frozen and restarted.

python -m benchmarks.object_storage FOLDER PORT     prints that it is ready, ends with its stdin
"""

import hashlib
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

BUCKET = "bench"


class ObjectStorage:
    """The caller's side: the process, which may be stopped."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The settings of a service that stores its files here."""
        return {
            "ASSET_STORAGE": f"s3://{BUCKET}",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self._port}",
            "AWS_ACCESS_KEY_ID": "bench",
            "AWS_SECRET_ACCESS_KEY": "bench",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def start(self) -> None:
        """Serve the folder, always on the same port."""
        command = [sys.executable, "-m", "benchmarks.object_storage", str(self._folder), str(self._port)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        self._port = int(self._process.stdout.readline())

    def stop(self) -> None:
        """Stop listening."""
        assert self._process is not None
        self._process.kill()
        self._process.communicate()

    def freeze(self) -> None:
        """From now on connections are accepted, but not answered."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Continue, including the requests that arrived meanwhile."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)


@contextmanager
def serving(folder: Path) -> Iterator[ObjectStorage]:
    """An empty bucket; its server ends with the block."""
    (folder / BUCKET).mkdir(parents=True)
    storage = ObjectStorage(folder)
    storage.start()
    try:
        yield storage
    finally:
        storage.stop()


class _Server(ThreadingHTTPServer):
    request_queue_size = 128


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    folder: Path

    def log_message(self, *_: object) -> None:
        """No log: requests are measured elsewhere."""

    @property
    def _file(self) -> Path:
        return self.folder / unquote(urlsplit(self.path).path).lstrip("/")

    def _send(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._file.parent.mkdir(parents=True, exist_ok=True)
        beside = self._file.with_name(uuid.uuid4().hex)
        beside.write_bytes(body)
        beside.replace(self._file)
        self._send(200, ETag=f'"{hashlib.md5(body).hexdigest()}"')

    def do_HEAD(self) -> None:
        if not self._file.exists():
            self._send(404)
            return
        facts = self._file.stat()
        modified = formatdate(facts.st_mtime, usegmt=True)
        self._send(200, Content_Length=str(facts.st_size), ETag='"-"', Last_Modified=modified)

    def do_GET(self) -> None:
        """The list of a bucket; files are not read by imports."""
        prefix = parse_qs(urlsplit(self.path).query).get("prefix", [""])[0]
        bucket = self.folder / BUCKET
        keys = sorted(path.relative_to(bucket).as_posix() for path in bucket.rglob("*") if path.is_file())
        rows = "".join(f"<Contents><Key>{key}</Key></Contents>" for key in keys if key.startswith(prefix))
        listed = f"<ListBucketResult><IsTruncated>false</IsTruncated>{rows}</ListBucketResult>"
        self._send(200, listed.encode(), Content_Type="application/xml")

    def do_DELETE(self) -> None:
        self._file.unlink(missing_ok=True)
        self._send(204)


def main(folder: Path, port: int) -> None:
    """Serve until stdin is closed."""
    _Handler.folder = folder
    with _Server(("127.0.0.1", port), _Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_address[1], flush=True)
        sys.stdin.read()
        server.shutdown()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
