"""Calling webhooks: what is sent, what is learned, and what a receiver cannot do to us."""

import math
import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from livingdocs_import.egress.connection import Connector, tls_context
from livingdocs_import.egress.errors import (
    AddressNotAllowed,
    CertificateNotAccepted,
    NoAnswer,
    NoConnection,
    NoUsableAnswer,
)
from livingdocs_import.egress.post import Posted, post
from livingdocs_import.egress.ssrf import AddressPolicy
from livingdocs_import.egress.url import InvalidURL
from tests.certificates import Authority
from tests.origin import Canary, Origin, Reply

BODY = '{"id": "ü"}'.encode()


@pytest.fixture(autouse=True)
def only_the_origin(settings: Any, origin: Origin) -> None:
    settings.FETCH_ALLOWED_NETWORKS = [origin.address]


def call(url: str, timeout: float = 5.0, **options: Any) -> Posted:
    return post(url, BODY, {"Content-Type": "application/json", "X-Signature": "abc"}, timeout=timeout, **options)


def test_the_exact_bytes_arrive_with_their_headers(origin: Origin) -> None:
    posted = call(origin.reply("/hook", Reply(b"thanks", 202)) + "?project=7")
    assert (posted.status, posted.answer, posted.retry_after) == (202, "thanks", None)
    [hook] = origin.webhooks
    assert (hook.target, hook.body) == ("/hook?project=7", BODY)
    assert hook.headers == {
        "host": origin.address,
        "user-agent": "livingdocs-import/0.1.0",
        "accept": "*/*",
        "accept-encoding": "identity",
        "content-type": "application/json",
        "x-signature": "abc",
        "content-length": str(len(BODY)),
    }


def test_an_empty_body_is_a_body(origin: Origin) -> None:
    post(origin.url("/hook"), b"", {}, timeout=5)
    assert origin.webhooks[0].headers["content-length"] == "0"


@pytest.mark.parametrize(
    ("sent", "target"),
    [
        ("/a?b[]=1|2", "/a?b%5B%5D=1%7C2"),
        ("/%7euser/%41?%c3%bc={x}", "/~user/A?%C3%BC=%7Bx%7D"),
        ("/a?discount=50%", "/a?discount=50%25"),
    ],
)
def test_addresses_are_spelled_as_rfc_3986_has_it(origin: Origin, sent: str, target: str) -> None:
    call(origin.url(sent))
    assert origin.webhooks[0].target == target


def test_the_path_is_sent_as_it_was_parsed(origin: Origin) -> None:
    call(origin.url("/a/../grüße%20x y?z=ü#top"))
    assert origin.webhooks[0].target == "/gr%C3%BC%C3%9Fe%20x%20y?z=%C3%BC"


@pytest.mark.parametrize("status", [200, 204, 400, 404, 410, 429, 500, 503])
def test_every_status_is_an_answer(origin: Origin, status: int) -> None:
    posted = call(origin.reply("/hook", Reply(b"" if status == 204 else b"x", status, {"Retry-After": "9"})))
    assert (posted.status, posted.retry_after) == (status, 9.0)


def test_the_time_it_took_is_reported(origin: Origin) -> None:
    assert 200 <= call(origin.reply("/hook", Reply(wait=0.2))).milliseconds < 3000


@pytest.mark.parametrize("location", ["http://127.0.0.1:{}/", "/hook", "http://[", "gopher://x", ""])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(origin: Origin, canary: Canary, status: int, location: str) -> None:
    origin.redirect("/hook", location.format(canary.port), status)
    assert call(origin.url("/hook")).status == status
    assert len(origin.requests) == 1


def test_nothing_is_sent_twice(origin: Origin) -> None:
    """Not even when the connection breaks: whether the receiver has acted on it is not known."""
    with pytest.raises(NoUsableAnswer) as failure:
        call(origin.reply("/hook", Reply(raw=b"")))
    assert (failure.value.detail, failure.value.transient) == ("the server gave no usable answer", True)
    assert len(origin.requests) == 1


def test_a_refusal_counts_although_not_everything_was_read(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        settings.FETCH_ALLOWED_NETWORKS = [address]

        def refuse() -> None:
            with listener.accept()[0] as connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")

        threading.Thread(target=refuse, daemon=True).start()
        posted = post(f"http://{address}/", bytes(16 * 1024 * 1024), {}, timeout=5)
    assert (posted.status, posted.answer) == (413, "no")


def test_the_environment_has_no_say(
    origin: Origin, canary: Canary, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login u password netrc-secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{canary.port}")
    assert call(origin.url("/hook")).status == 200
    assert "authorization" not in origin.webhooks[0].headers


def test_cookies_are_not_kept(origin: Origin) -> None:
    url = origin.reply("/hook", Reply(headers={"Set-Cookie": "a=b; Path=/"}))
    call(url)
    call(url)
    assert "cookie" not in origin.webhooks[1].headers


# --- The answer


@pytest.mark.parametrize("framing", ["chunked", "close"])
def test_of_an_endless_answer_a_kilobyte_is_read(origin: Origin, framing: Any) -> None:
    started = time.monotonic()
    posted = call(origin.reply("/hook", Reply(b"0123456789", framing=framing, times=math.inf)))
    assert posted.answer == ("0123456789" * 103)[:1024]
    assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    ("body", "answer"), [(b"gr\xc3\xbc\xc3\x9fe", "grüße"), (b"gr\xfc", "gr\ufffd"), (b"a\x00b", "a\ufffdb")]
)
def test_the_answer_is_text_that_can_be_stored(origin: Origin, body: bytes, answer: str) -> None:
    assert call(origin.reply("/hook", Reply(body))).answer == answer


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_an_encoded_answer_is_read(origin: Origin, encoding: Any) -> None:
    assert call(origin.reply("/hook", Reply(b"a" * 50_000_000, encoding=encoding))).answer == "a" * 1024


def test_an_answer_that_breaks_off_still_has_a_status(origin: Origin) -> None:
    broken = [
        Reply(b"thanks", stop_after=3, ending="close"),
        Reply(b"thanks", stop_after=3, ending="reset"),
        Reply(b"thanks", stop_after=3, ending="stall"),
        Reply(b"\x07", headers={"Content-Encoding": "gzip"}),
    ]
    url = origin.reply("/hook", *broken)
    answers = [call(url, timeout=0.5) for _ in broken]
    assert [posted.status for posted in answers] == [200, 200, 200, 200]
    assert [posted.answer for posted in answers][::2] == ["tha", "tha"]


# --- Time


def test_a_body_that_drips_ends_with_the_time_and_keeps_its_status(origin: Origin) -> None:
    started = time.monotonic()
    posted = call(origin.reply("/hook", Reply(b"x" * 500, 201, piece=1, pause=0.05)), timeout=0.5)
    assert posted.status == 201
    assert 1 <= len(posted.answer) <= 12
    assert time.monotonic() - started < 3


def test_a_receiver_that_does_not_read_does_not_hold_us(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        settings.FETCH_ALLOWED_NETWORKS = [address]
        with pytest.raises(NoAnswer):
            post(f"http://{address}/", bytes(64 * 1024 * 1024), {}, timeout=0.4)


# --- Where it may go


def test_private_addresses_are_refused(origin: Origin, canary: Canary) -> None:
    """IMG-41"""
    for host in ("127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"):
        with pytest.raises(AddressNotAllowed) as refusal:
            call(f"http://{host}:{canary.port}/")
        assert not refusal.value.transient


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://u:p@127.0.0.1/", "nonsense", "http://a.test/\r\nX: y"])
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(InvalidURL):
        call(url)


def test_a_closed_port_is_could_not_connect(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
    settings.FETCH_ALLOWED_NETWORKS = [address]
    with pytest.raises(NoConnection, match="could not connect"):
        call(f"http://{address}/")


@pytest.mark.filterwarnings("error")
def test_tls_is_verified(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with Origin(tls=authority.server("hooks.test")) as origin:
        origin.reply("/hook", Reply(b"thanks"))
        connector = Connector(
            AddressPolicy.parse([origin.address], []),
            resolve=lambda host: ["127.0.0.1"],
            tls=tls_context(str(authority.file)),
        )
        assert call(f"https://hooks.test:{origin.port}/hook", connector=connector).answer == "thanks"
        assert origin.webhooks[0].headers["host"] == f"hooks.test:{origin.port}"
        with pytest.raises(CertificateNotAccepted):
            call(f"https://other.test:{origin.port}/hook", connector=connector)


def test_ipv6_is_called(settings: Any) -> None:
    with Origin("::1") as origin:
        settings.FETCH_ALLOWED_NETWORKS = [origin.address]
        assert call(origin.url("/hook")).status == 200
        assert origin.webhooks[0].headers["host"] == origin.address
