"""The other side: an archive that serves photographs, a video and a file, and receives webhooks, on loopback."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

FOLDER = Path(__file__).parent
SERVED = ("photos", "videos", "files")


class Archive:
    """Serves `photos/`, `videos/` and `files/` under their names and keeps the bodies posted to /webhook."""

    def __init__(self) -> None:
        self.webhooks: list[dict[str, Any]] = []
        archive = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                _, folder, name = self.path.split("/") if self.path.count("/") == 2 else ("", "", "")
                file = FOLDER / folder / name
                found = folder in SERVED and file.is_file()
                self._answer(200 if found else 404, file.read_bytes() if found else b"not in this archive")

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                archive.webhooks.append(json.loads(body))
                self._answer(200, b"thank you")

            def _answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                """No log: the demo prints its own output."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def url(self, path: str) -> str:
        return f"http://{self.address}{path}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
