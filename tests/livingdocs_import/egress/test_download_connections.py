"""Connections are used again, when nothing speaks against it."""

import contextlib
import threading
import time
from http.client import NotConnected
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from livingdocs_import.egress.connection import tls_context
from livingdocs_import.egress.download import Fetcher
from livingdocs_import.egress.http1 import HTTP1Connection
from livingdocs_import.egress.pool import IdleConnections
from livingdocs_import.errors import Failure
from tests.certificates import Authority
from tests.origin import Canary, Origin, Reply

MB = 1024 * 1024
JPEG = bytes(range(256)) * 1300


def fetch(fetcher: Fetcher, url: str, **validators: str) -> int:
    return fetcher.fetch(url, BytesIO(), max_bytes=MB, **validators).status


@pytest.mark.parametrize(
    "reply",
    [
        Reply(JPEG),
        Reply(JPEG, framing="chunked"),
        Reply(JPEG, encoding="gzip"),
        Reply(),
        Reply(JPEG, etag='"v1"'),
        Reply(b"not found", 404),
        Reply(b"not found", 404, framing="chunked"),
        Reply(b"moved", 302, {"Location": "/b"}),
        Reply(b"later", 503),
    ],
    ids=["length", "chunked", "gzip", "empty", "304", "404", "chunked 404", "302", "503"],
)
def test_a_connection_is_used_again_after(origin: Origin, fetcher: Fetcher, reply: Reply) -> None:
    origin.reply("/b", Reply(b"b"))
    url = origin.reply("/a", reply)
    for _ in range(3):
        with contextlib.suppress(Failure):
            fetch(fetcher, url, etag='"v1"')
    assert len(origin.asked("/a")) == 3
    assert origin.connections == 1


@pytest.mark.parametrize(
    "reply",
    [
        Reply(JPEG, framing="close"),
        Reply(JPEG, headers={"Connection": "close"}),
        Reply(JPEG, stop_after=10),
        Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nabc"),
        Reply(bytes(2 * MB)),
        Reply(bytes(MB), 404),
        Reply(b"x", headers={"Content-Encoding": "br"}),
    ],
    ids=["until close", "announced", "cut short", "padded", "too large", "large 404", "undecodable"],
)
def test_a_connection_is_not_used_again_after(origin: Origin, fetcher: Fetcher, reply: Reply) -> None:
    url = origin.reply("/a", reply)
    for _ in range(2):
        with contextlib.suppress(Failure):
            fetch(fetcher, url)
    assert origin.connections == 2


def test_a_connection_that_died_while_idle_is_replaced_silently(origin: Origin, fetcher: Fetcher) -> None:
    url = origin.reply("/a", Reply(JPEG, hang_up=True))
    assert [fetch(fetcher, url) for _ in range(3)] == [200, 200, 200]
    assert origin.connections == 3


def test_a_connection_that_dies_when_it_is_used_again_is_replaced_once(origin: Origin, make_fetcher: Any) -> None:
    """The server's farewell may still be under way when the next request is sent."""
    fetcher = make_fetcher()
    url = origin.reply("/a", Reply(b"a"), Reply(raw=b""), Reply(b"a"), Reply(raw=b""), Reply(raw=b""))
    assert [fetch(fetcher, url) for _ in range(2)] == [200, 200]
    assert len(origin.asked("/a")) == 3
    with pytest.raises(Failure, match="the download was incomplete"):
        fetch(fetcher, url)
    assert len(origin.asked("/a")) == 5


def test_bytes_that_arrive_unasked_are_not_taken_for_the_next_answer(origin: Origin, fetcher: Fetcher) -> None:
    url = origin.reply("/a", Reply(b"ab", announced=1, piece=1, pause=0.05), Reply(b"c"))
    fetch(fetcher, url)
    time.sleep(0.1)
    assert fetch(fetcher, url) == 200
    assert origin.connections == 2


def test_a_connection_never_opens_itself(canary: Canary) -> None:
    """http.client would open one to whatever the host resolves to, unchecked."""
    with pytest.raises(NotConnected):
        HTTP1Connection("127.0.0.1", canary.port).request("GET", "/")


def test_an_idle_connection_is_closed_after_a_while(origin: Origin, make_fetcher: Any) -> None:
    now = [0.0]
    fetcher = make_fetcher(idle=IdleConnections(idle_seconds=15, clock=lambda: now[0]))
    url = origin.reply("/a", Reply(b"a"))
    for now[0] in (0.0, 14.0, 28.0, 43.0):
        fetch(fetcher, url)
    assert [request.connection for request in origin.asked("/a")] == [1, 1, 1, 2]


def test_few_idle_connections_are_kept(make_fetcher: Any) -> None:
    servers = [Origin() for _ in range(3)]
    fetcher = make_fetcher(allowed=tuple(server.address for server in servers), idle=IdleConnections(max_idle=2))
    for server in [*servers, *reversed(servers)]:
        server.reply("/", Reply(b"a"))
        fetch(fetcher, server.url("/"))
    assert [server.connections for server in servers] == [2, 1, 1]
    for server in servers:
        server.close()


def test_two_servers_on_one_address_do_not_share_connections(origin: Origin, make_fetcher: Any) -> None:
    """Virtual hosts: a connection belongs to the name it was opened for."""
    fetcher = make_fetcher(connector={"resolve": lambda host: ["127.0.0.1"]})
    origin.reply("/", Reply(b"a"))
    for host in ("a.test", "b.test", "a.test"):
        fetch(fetcher, f"http://{host}:{origin.port}/")
    assert [request.connection for request in origin.asked("/")] == [1, 2, 1]


def test_threads_share_a_fetcher(origin: Origin, fetcher: Fetcher, tmp_path: Path) -> None:
    bodies = {f"/{number}": bytes([number]) * 300_000 for number in range(24)}
    for path, body in bodies.items():
        origin.reply(path, Reply(body))

    def fetch_all(paths: list[str]) -> None:
        for path in paths:
            with (tmp_path / path[1:]).open("wb") as file:
                fetcher.fetch(origin.url(path), file, max_bytes=MB)

    threads = [threading.Thread(target=fetch_all, args=(list(bodies)[start::4],)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {f"/{file.name}": file.read_bytes() for file in tmp_path.iterdir()} == bodies
    assert origin.connections <= 4


def test_tls_connections_are_used_again(make_fetcher: Any, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with Origin(tls=authority.server("127.0.0.1")) as origin:
        fetcher = make_fetcher(allowed=(origin.address,), connector={"tls": tls_context(str(authority.file))})
        url = origin.reply("/a", Reply(JPEG, etag='"v1"'))
        assert [fetch(fetcher, url), fetch(fetcher, url), fetch(fetcher, url, etag='"v1"')] == [200, 200, 304]
        assert origin.connections == 1
        padded = origin.reply("/b", Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nabc"))
        with pytest.raises(Failure, match="longer than announced"):
            fetch(fetcher, padded)
