"""Whole HTTP answers to what no application sees, in the envelope (spec 2.4)."""

import json
from http import HTTPStatus
from typing import Any

MAX_MESSAGE = 200  # characters: it may quote what was sent


def error_page(status: int, message: str) -> bytes:
    """Head and body. Written by hand, for this process may have no Django to ask."""
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
