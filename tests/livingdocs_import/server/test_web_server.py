"""What is no proper HTTP request is answered in the envelope as well, by gunicorn's worker or in front of Django."""

import http.client
import io
import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.signals import request_started
from django.db import close_old_connections
from django.test import RequestFactory

from config.wsgi import application
from tests.api_client import Caller
from tests.web import web_server

BODY = b'{"systemName": "x", "images": []}'
POST = b"POST /api/v1/import/images HTTP/1.1\r\nHost: localhost\r\n"
GET = b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n"
NO_REQUESTS = {
    "no HTTP at all": (b"\x16\x03\x01\x02\x00\x01\x00\x01\r\n\r\n", 400),
    "no version": (b"GET /api/v1/health\r\n\r\n", 400),
    "a version of the future": (GET.replace(b"1.1", b"3.0") + b"\r\n", 400),
    "a method in lower case": (GET.replace(b"GET", b"get") + b"\r\n", 400),
    "a raw byte in the path": (GET.replace(b"health", b"\xff\xfe") + b"\r\n", 400),
    "a space in the path": (GET.replace(b"health", b"a b") + b"\r\n", 400),
    "a path that is too long": (GET.replace(b"health", b"x" * 9000) + b"\r\n", 414),
    "a header without a colon": (GET + b"nonsense\r\n\r\n", 400),
    "a header with a control character": (GET + b"Authorization: Bearer \x01\r\n\r\n", 400),
    "a folded header": (GET + b"X-A: a\r\n b\r\n\r\n", 400),
    "a header that is too long": (GET + b"X-A: " + b"a" * 9000 + b"\r\n\r\n", 431),
    "too many headers": (GET + b"".join(b"X-%d: a\r\n" % n for n in range(120)) + b"\r\n", 431),
    "two hosts": (GET + b"Host: example.com\r\n\r\n", 400),
    "a negative length": (POST + b"Content-Length: -5\r\n\r\n" + BODY, 400),
    "a length in words": (POST + b"Content-Length: ten\r\n\r\n" + BODY, 400),
    "two lengths": (POST + b"Content-Length: 33\r\nContent-Length: 3\r\n\r\n" + BODY, 400),
    "a length and chunks": (POST + b"Content-Length: 33\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "a chunk of no size": (POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + BODY, 400),
    "an encoding nobody knows": (POST + b"Transfer-Encoding: rot13\r\n\r\n" + BODY, 400),
    "an expectation nobody knows": (POST + b"Expect: cake\r\nContent-Length: 33\r\n\r\n" + BODY, 417),
}


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """gunicorn, configured as in production. Nothing here gets as far as the database."""
    with web_server(tmp_path_factory.mktemp("data"), WEB_CONCURRENCY="1") as web:
        yield web.port


def answer(port: int, sent: bytes) -> tuple[int, str | None, Any]:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(sent)
        response = http.client.HTTPResponse(connection)
        response.begin()
        return response.status, response.getheader("Content-Type"), json.loads(response.read())


@pytest.mark.parametrize("what", NO_REQUESTS)
def test_malformed_http_is_refused_in_the_envelope(port: int, what: str) -> None:
    """ERR-01, ERR-02"""
    sent, expected = NO_REQUESTS[what]
    status, content_type, body = answer(port, sent)
    assert (status, content_type) == (expected, "application/json; charset=utf-8")
    assert set(body) == {"status", "error", "error_details"}
    assert body["status"] == status
    assert 0 < len(body["error_details"]["message"]) <= 200


def test_the_server_goes_on_afterwards(port: int) -> None:
    assert answer(port, GET + b"\r\n") == (200, "application/json; charset=utf-8", {"status": "ok"})


@pytest.mark.parametrize("name", ["SCRIPT_NAME", "PATH_INFO"])
def test_no_header_says_where_the_service_is_mounted(port: int, name: str) -> None:
    """gunicorn would trust that from a proxy on the same machine, and so from every client behind one."""
    sent = GET + f"{name}: /admin\r\n\r\n".encode()
    assert answer(port, sent) == (200, "application/json; charset=utf-8", {"status": "ok"})


@pytest.mark.parametrize("parameter", ["charset*=x''y", "charset*=rot13''y", "charset*=idna''%ff", "a*0*=nothing''%zz"])
def test_a_content_type_that_cannot_be_decoded_does_not_matter(times: Caller, parameter: str) -> None:
    """GEN-02: the body is JSON in UTF-8 whatever it is said to be."""
    status, body = called(times, BODY, CONTENT_TYPE=f"application/json; {parameter}")
    assert (status, list(body)) == ("200 OK", ["id"])


def test_a_body_in_chunks_is_read_to_its_end(times: Caller) -> None:
    status, _ = called(times, BODY, CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked")
    assert status == "200 OK"


def test_a_body_in_chunks_is_not_read_beyond_the_limit(times: Caller, settings: Any) -> None:
    """GEN-07"""
    settings.API_MAX_BODY_BYTES = 10
    status, body = called(times, BODY, CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked")
    assert (status[:3], body["status"], body["error"]) == ("413", 413, "Payload Too Large")


def test_a_body_in_chunks_that_is_cut_short_is_refused(times: Caller) -> None:
    class Cut(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if piece := super().read(size):
                return piece
            raise OSError("no more data")

    status, body = called(times, Cut(BODY), CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked")
    assert status == "400 Bad Request"
    assert body["error_details"] == {"message": "The request body was cut short: its last chunk never came"}


def test_a_body_that_is_shorter_than_announced_is_refused(times: Caller) -> None:
    status, body = called(times, BODY, CONTENT_LENGTH="300")
    assert status == "400 Bad Request"
    assert body["error_details"] == {"message": f"The request body was cut short: {len(BODY)} of 300 bytes arrived"}


def called(caller: Caller, body: bytes | io.BytesIO, **environment: str) -> tuple[str, Any]:
    """Status line and body, as a WSGI server gets them from the application."""
    # As Django's test client does: the connection is the test's, and in the middle of its transaction.
    request_started.disconnect(close_old_connections)
    environ = RequestFactory().generic("POST", "/api/v1/import/images", b"").environ | {
        "HTTP_AUTHORIZATION": f"Bearer {caller.token}",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(BODY)),
        "wsgi.input": io.BytesIO(body) if isinstance(body, bytes) else body,
    }
    started: list[str] = []
    try:
        content = application(environ | environment, lambda status, headers: started.append(status))
    finally:
        request_started.connect(close_old_connections)
    return started[0], json.loads(b"".join(content))
