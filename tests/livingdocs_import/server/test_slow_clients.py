"""Two hundred slow clients at a time delay no other: the web server as in the Procfile, without a proxy in front."""

import http.client
import socket
from collections.abc import Iterator

import pytest

from tests.slow_clients import SlowClients
from tests.web import slowest_health, web_server

COUNT = 200
WATCHED = 3.0  # seconds
BOUND = 5.0  # seconds for `health` on a machine that is busy with other tests
BIG = 64 << 20  # bytes of a file that fits into no buffer of the system

HEAD = b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
POST = b"POST /api/v1/import/images HTTP/1.1\r\nHost: localhost\r\n"
FORM = b"POST /admin/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
BODIES = {
    "of known length": (POST + b"Content-Length: 30000\r\n\r\n", b" "),
    "of known length, and long": (POST + b"Content-Length: 3000000\r\n\r\n", b" "),
    "in chunks": (POST + CHUNKED, b"1\r\n \r\n"),
    "for the log-in": (FORM + b"Content-Length: 30000\r\n\r\n", b"a"),
}


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Two processes of four threads. Nothing here gets as far as the database."""
    data = tmp_path_factory.mktemp("data")
    (data / "static").mkdir()
    with (data / "static" / "big.bin").open("wb") as file:
        file.truncate(BIG)
    keys = {"SECRET_KEY": "a" * 50, "FIELD_ENCRYPTION_KEYS": "b25seSBmb3IgdGVzdHM6IDAxMjM0NTY3ODlhYmNkZWY="}
    with web_server(data, DEBUG="false", **keys, WEB_CONCURRENCY="2", WEB_THREADS="4") as web:
        yield web.port


def test_those_that_trickle_heads(port: int) -> None:
    with SlowClients(port, COUNT, HEAD, b"x").at_work():
        assert slowest_health(port, WATCHED, BOUND) < BOUND


@pytest.mark.parametrize("kind", BODIES)
def test_those_that_trickle_bodies(port: int, kind: str) -> None:
    opening, trickle = BODIES[kind]
    with SlowClients(port, COUNT, opening, trickle).at_work():
        assert slowest_health(port, WATCHED, BOUND) < BOUND


def test_those_that_read_slowly(port: int) -> None:
    request = b"GET /static/big.bin HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with SlowClients(port, COUNT, request).at_work() as readers:
        readers.wait_until_served(30)
        assert slowest_health(port, WATCHED, BOUND) < BOUND


def test_those_that_are_refused_and_do_not_hang_up(port: int) -> None:
    with SlowClients(port, COUNT, b"nonsense\r\n\r\n").at_work():
        assert slowest_health(port, WATCHED, BOUND) < BOUND


def test_nothing_is_read_without_a_token_beyond_a_small_remainder(port: int) -> None:
    """AUTH-01. One more chunk can be sent as long as it is read."""
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    sent = 0
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)
        connection.connect(("127.0.0.1", port))
        connection.settimeout(BOUND)
        connection.sendall(POST + CHUNKED)
        with pytest.raises(OSError):  # noqa: PT012 a reset, or nothing is read any more
            while sent < BIG:
                connection.sendall(chunk)
                sent += len(chunk)
        response = http.client.HTTPResponse(connection)
        response.begin()
        assert (response.status, response.getheader("Connection")) == (401, "close")
    assert sent < BIG / 4
