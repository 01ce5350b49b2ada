"""Complete HTTP responses to requests that do not reach the application, in the envelope (spec 2.4)."""

import json
from http import HTTPStatus
from typing import Any

MAX_MESSAGE = 200  # characters: a message may quote the request


def error_page(status: int, message: str) -> bytes:
    """Head and body. Does not use Django, which may not be loaded in this process."""
    phrase = HTTPStatus(status).phrase
    body: dict[str, Any] = {"status": status, "error": phrase}
    if status < 500:
        body["error_details"] = {"message": message[:MAX_MESSAGE]}
    content = json.dumps(body).encode()
    head = (
        f"HTTP/1.1 {status} {phrase}\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content
