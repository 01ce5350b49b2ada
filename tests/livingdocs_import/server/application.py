"""A small WSGI application, to look at the web server without the service behind it."""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

BIG = 48 << 20  # bytes


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answers by path; anything else is echoed as JSON, with what could be read of the body."""
    path = environ["PATH_INFO"]
    match path:
        case "/refused":
            return answer(start_response, b"no", "403 Forbidden")
        case "/big":
            return answer(start_response, bytes(BIG))
        case "/stream":
            start_response("200 OK", [("Content-Type", "application/octet-stream")])
            return (bytes(1 << 16) for _ in range(BIG >> 16))
        case "/broken":
            start_response("200 OK", [("Content-Length", "1000000")])
            return broken()
        case "/failing":
            raise ValueError("nobody expected this")
        case "/slow":
            time.sleep(1)
            return answer(start_response, b"at last")
    body = environ["wsgi.input"].read()
    request = {
        "path": path,
        "length": len(body),
        "announced": environ.get("CONTENT_LENGTH"),
        "begin": body[:20].decode(),
    }
    return answer(start_response, json.dumps(request).encode())


def answer(start_response: Callable[..., Any], content: bytes, status: str = "200 OK") -> Iterable[bytes]:
    start_response(status, [("Content-Length", str(len(content))), ("Content-Type", "application/json")])
    return [content]


def broken() -> Iterator[bytes]:
    yield bytes(300_000)
    raise OSError("the storage is gone")
