"""What the web server does on a connection: bodies, answers and time as they come, one request after the other."""

import http.client
import json
import re
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from livingdocs_import.server.poller import RECEIVED_AT_ONCE
from tests.livingdocs_import.server.application import BIG
from tests.slow_clients import SlowClients
from tests.web import Web, slowest_health, web_server

APPLICATION = "tests.livingdocs_import.server.application:application"
PATIENCE = 1.0  # seconds, of the server
BOUND = 5.0  # seconds for a quick answer on a machine that is busy with other tests
CHUNKED = b"Transfer-Encoding: chunked\r\n"


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with web_server(
        tmp_path_factory.mktemp("web"),
        APPLICATION,
        WEB_CONCURRENCY="1",
        WEB_THREADS="2",
        WEB_CONNECTIONS="60",
        WEB_PATIENCE_SECONDS=str(PATIENCE),
        API_MAX_BODY_BYTES="2000000",
    ) as web:
        yield web


@pytest.fixture
def connection(web: Web) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", web.port), timeout=20) as connection:
        yield connection


def request(path: str, headers: bytes = b"", method: str = "GET") -> bytes:
    return f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n".encode() + headers + b"\r\n"


def answer(connection: socket.socket) -> tuple[int, bool, bytes]:
    """Status, whether the connection stays, and content."""
    response = http.client.HTTPResponse(connection)
    response.begin()
    return response.status, response.getheader("Connection") != "close", response.read()


def answered(connection: socket.socket) -> Any:
    return json.loads(answer(connection)[2])


# --- Requests --------------------------------------------------------------------------------------------------------


def test_a_request_may_come_byte_by_byte(connection: socket.socket) -> None:
    for byte in request("/bytes", b"Content-Length: 3\r\n", "POST") + b"abc":
        connection.sendall(bytes([byte]))
    assert answered(connection) == {"path": "/bytes", "length": 3, "announced": "3", "begin": "abc"}


def test_requests_in_one_piece_are_answered_in_order(connection: socket.socket) -> None:
    body = request("/2", b"Content-Length: 2\r\n", "POST") + b"ab"
    chunks = request("/3", CHUNKED, "POST") + b"3\r\nabc\r\n0\r\n\r\n"
    connection.sendall(request("/1") + body + chunks + request("/4", b"Connection: close\r\n"))
    answers = b"".join(iter(lambda: connection.recv(1 << 16), b""))
    assert re.findall(rb'"path": "/(.)", "length": (.)', answers) == [
        (b"1", b"0"), (b"2", b"2"), (b"3", b"3"), (b"4", b"0"),
    ]  # fmt: skip


def test_a_connection_serves_one_request_after_the_other(connection: socket.socket) -> None:
    for number in range(20):
        connection.sendall(request(f"/{number}"))
        assert answered(connection)["path"] == f"/{number}"


@pytest.mark.parametrize("size", [10, 70_000, 1_500_000])
@pytest.mark.parametrize("kind", ["length", "chunks"])
def test_a_body_comes_through_whole_and_the_connection_stays(connection: socket.socket, size: int, kind: str) -> None:
    content = b"0123456789" * (size // 10)
    if kind == "length":
        connection.sendall(request("/", f"Content-Length: {size}\r\n".encode(), "POST") + content)
    else:
        pieces = [content[at : at + 9_999] for at in range(0, size, 9_999)]
        connection.sendall(request("/", CHUNKED, "POST"))
        for piece in [*pieces, b""]:
            connection.sendall(b"%x\r\n%b\r\n" % (len(piece), piece))
    status, stays, body = answer(connection)
    assert (status, stays, json.loads(body)["length"]) == (200, True, size)
    assert json.loads(body)["announced"] == str(size)
    connection.sendall(request("/next"))
    assert answered(connection)["path"] == "/next"


def test_who_waits_to_be_asked_for_a_body_is_asked(connection: socket.socket) -> None:
    connection.sendall(request("/", b"Content-Length: 3\r\nExpect: 100-continue\r\n", "POST"))
    assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    connection.sendall(b"abc")
    assert answered(connection)["length"] == 3


@pytest.mark.parametrize("headers", [b"Content-Length: 3\r\nExpect: 100-continue\r\n", b"Content-Length: 100000\r\n"])
def test_a_body_that_is_not_wanted_is_not_asked_for(connection: socket.socket, headers: bytes) -> None:
    connection.sendall(request("/refused", headers, "POST"))
    assert answer(connection) == (403, False, b"no")
    assert connection.recv(1) == b""


def test_a_small_body_that_is_not_wanted_leaves_the_connection(connection: socket.socket) -> None:
    connection.sendall(request("/refused", b"Content-Length: 3\r\n", "POST") + b"abc")
    assert answer(connection) == (403, True, b"no")
    connection.sendall(request("/next"))
    assert answered(connection)["path"] == "/next"


def test_who_goes_on_sending_can_read_the_refusal(connection: socket.socket) -> None:
    connection.sendall(request("/refused", b"Content-Length: 1000000\r\n", "POST") + b"a" * 120_000)
    assert answer(connection) == (403, False, b"no")


def test_of_a_body_in_chunks_that_is_too_long_no_more_is_read(connection: socket.socket) -> None:
    connection.sendall(request("/", CHUNKED, "POST") + b"1000000\r\n" + bytes(2_100_000 + RECEIVED_AT_ONCE))
    status, stays, body = answer(connection)
    assert (status, stays) == (200, False)
    # More than the limit, which the application refuses; the 100,000 bytes behind it are left where they are.
    assert 2_000_000 < json.loads(body)["length"] <= 2_000_000 + RECEIVED_AT_ONCE


def test_a_body_that_breaks_off_is_read_as_far_as_it_came(connection: socket.socket) -> None:
    connection.sendall(request("/", b"Content-Length: 300000\r\n", "POST") + b"abc")
    connection.shutdown(socket.SHUT_WR)
    assert answered(connection) == {"path": "/", "length": 3, "announced": "300000", "begin": "abc"}


def test_chunks_that_break_off_are_an_error(connection: socket.socket) -> None:
    connection.sendall(request("/", CHUNKED, "POST") + b"5\r\nabc")
    connection.shutdown(socket.SHUT_WR)
    assert answer(connection)[0] == 500  # of this application, which does not expect it


# --- Answers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/big", "/stream"])
def test_a_big_answer_comes_through_whole_and_the_connection_stays(connection: socket.socket, path: str) -> None:
    connection.sendall(request(path))
    status, stays, body = answer(connection)
    assert (status, stays, len(body)) == (200, True, BIG)
    connection.sendall(request("/next"))
    assert answered(connection)["path"] == "/next"


@pytest.mark.parametrize("path", ["/big", "/stream"])
def test_slow_readers_hold_no_thread_and_no_more_memory_than_is_allowed(web: Web, path: str) -> None:
    with SlowClients(web.port, 40, request(path)).at_work():
        assert slowest_health(web.port, 2, BOUND) < BOUND
        assert resident(web) < 700 << 20  # of answers of 1.9 GB


def resident(web: Web) -> int:
    """Bytes of memory of the process that serves."""
    (child,) = Path(f"/proc/{web.process.pid}/task/{web.process.pid}/children").read_text().split()
    status = Path(f"/proc/{child}/status").read_text()
    return 1024 * next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


def test_an_answer_that_fails_half_way_breaks_the_connection_off(connection: socket.socket) -> None:
    """FLT-18"""
    connection.sendall(request("/broken"))
    with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
        answer(connection)


def test_an_application_that_fails_is_a_500_in_the_envelope(connection: socket.socket) -> None:
    """ERR-08"""
    connection.sendall(request("/failing"))
    assert answer(connection) == (500, False, b'{"status": 500, "error": "Internal Server Error"}')


# --- Time ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        (request("/")[:-4], "The request did not arrive in time"),
        (request("/", b"Content-Length: 100\r\n", "POST") + b"ab", "The request body arrived too slowly"),
        (request("/", b"Content-Length: 100000\r\n", "POST") + b"ab", "The request body arrived too slowly"),
    ],
)
def test_a_client_that_stops_sending_gets_an_error_and_is_disconnected(
    connection: socket.socket, sent: bytes, message: str
) -> None:
    connection.sendall(sent)
    status, stays, body = answer(connection)
    assert (status, stays) == (408, False)
    assert json.loads(body) == {"status": 408, "error": "Request Timeout", "error_details": {"message": message}}


def test_a_body_that_keeps_up_the_slowest_pace_may_take_long(connection: socket.socket) -> None:
    connection.sendall(request("/", b"Content-Length: 12000\r\n", "POST"))
    for _ in range(12):
        time.sleep(PATIENCE / 5)
        connection.sendall(b"a" * 1000)
    assert answered(connection)["length"] == 12_000


def test_who_does_not_read_is_hung_up_on(web: Web) -> None:
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", web.port))
        connection.sendall(request("/big"))
        time.sleep(2 * PATIENCE + 2.5)
        connection.settimeout(BOUND)
        with pytest.raises(ConnectionResetError):
            answer(connection)


def test_who_comes_is_served_however_many_sit_there(web: Web) -> None:
    with SlowClients(web.port, 300, request("/")[:20], b"").at_work():
        assert slowest_health(web.port, 1, BOUND) < BOUND


# --- The end ---------------------------------------------------------------------------------------------------------


def test_a_server_that_is_stopped_answers_what_was_begun_and_ends(tmp_path: Path) -> None:
    with web_server(tmp_path, APPLICATION, WEB_CONCURRENCY="1", WEB_THREADS="2") as web, ExitStack() as stack:
        begun, idle, head = (
            stack.enter_context(closing(socket.create_connection(("127.0.0.1", web.port), timeout=20)))
            for _ in range(3)
        )
        idle.sendall(request("/"))
        assert answer(idle)[1]
        head.sendall(b"GET /trickle")
        begun.sendall(request("/slow"))
        time.sleep(0.3)
        web.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        idle.sendall(request("/on-its-way"))
        assert answer(idle)[:2] == (200, False)
        assert answer(begun)[2] == b"at last"
        assert web.process.wait(timeout=15) == 0
