"""The other side: an archive that serves photographs, a video and a file, and receives webhooks.

It also serves the page that the demo ends with.
"""

import io
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from PIL import Image

from demo.address import Address

FOLDER = Path(__file__).parent
SERVED = ("photos", "videos", "files")
DETAILS_OF = FOLDER / "photos" / "hubble_deep_field.jpg"
DETAIL = 100  # pixels, of either side


class Archive:
    """Serves `photos/`, `videos/` and `files/` under their names and keeps the bodies posted to /webhook."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.webhooks: list[dict[str, Any]] = []
        self.page = ""  # at `/`, once there is one
        self.details = _details()
        archive = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                if self.path == "/" and archive.page:
                    self._answer(200, archive.page.encode(), "text/html; charset=utf-8")
                elif (found := archive.file(self.path)) is not None:
                    self._answer(200, found)
                else:
                    self._answer(404, b"not in this archive")

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                archive.webhooks.append(json.loads(body))
                self._answer(200, b"thank you")

            def _answer(self, status: int, body: bytes, content_type: str = "") -> None:
                self.send_response(status)
                if content_type:
                    self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                """No log: the demo prints its own output."""

        class Server(ThreadingHTTPServer):
            address_family = address.family

        self._server = Server((address.host, address.port), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def url(self, path: str) -> str:
        """The URL from which the service fetches a path."""
        return f"{self.address.url}{path}"

    def file(self, path: str) -> bytes | None:
        """The bytes at a path; None if there are none."""
        _, folder, name = path.split("/") if path.count("/") == 2 else ("", "", "")
        if folder == "details":
            return self.details.get(name)
        file = FOLDER / folder / name
        return file.read_bytes() if folder in SERVED and file.is_file() else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _details() -> dict[str, bytes]:
    """A photograph cut into squares: many small pictures, each another one."""
    with Image.open(DETAILS_OF) as photo:
        corners = [
            (left, top)
            for top in range(0, photo.height - DETAIL + 1, DETAIL)
            for left in range(0, photo.width - DETAIL + 1, DETAIL)
        ]
        return {f"{left}-{top}.jpg": _cut(photo, left, top) for left, top in corners}


def _cut(photo: Image.Image, left: int, top: int) -> bytes:
    file = io.BytesIO()
    photo.crop((left, top, left + DETAIL, top + DETAIL)).save(file, "JPEG", quality=90)
    return file.getvalue()
