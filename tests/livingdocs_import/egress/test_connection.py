"""Connections to untrusted hosts: resolved once, checked, connected to, with a deadline."""

import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from livingdocs_import.egress.connection import CallLimits, Connector, ResponseTooLarge, tls_context
from livingdocs_import.egress.errors import AddressNotAllowed, CertificateNotAccepted, NoConnection
from livingdocs_import.egress.ssrf import AddressPolicy
from livingdocs_import.egress.url import InvalidURL, parse
from tests.certificates import Authority
from tests.origin import Canary, Origin, Reply

VECTORS = json.loads((Path(__file__).parents[2] / "data" / "ssrf_vectors.json").read_text())["vectors"]


def limits(seconds: float = 5.0) -> CallLimits:
    return CallLimits(read_timeout=seconds, deadline=time.monotonic() + seconds)


def connector(*allowed: str, resolve: Callable[[str], list[str]] | None = None, **options: Any) -> Connector:
    if resolve is not None:
        options["resolve"] = resolve
    return Connector(AddressPolicy.parse(allowed, [80, 443, 8080, 8443]), **options)


def names(**answers: list[str]) -> Callable[[str], list[str]]:
    """A resolver that knows these names, with underscores for dots."""

    def resolve(host: str) -> list[str]:
        try:
            return answers[host.removesuffix(".").replace(".", "_")]
        except KeyError:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known") from None

    return resolve


@pytest.mark.parametrize(
    "vector", [vector for vector in VECTORS if vector["expect"] == "block"], ids=lambda vector: vector["why"][:40]
)
def test_no_spelling_of_a_private_address_is_connected_to(
    vector: dict[str, Any], origin: Origin, canary: Canary
) -> None:
    """IMG-41: refused at once, and the canary's fixture sees no connection."""
    url = vector["url"].format(CORPUS=origin.port, CANARY=canary.port)
    loopback = {"localhost": ["127.0.0.1"], "localhost.localdomain": ["127.0.0.1"], "ip6-localhost": ["::1"]}

    def resolve(host: str) -> list[str]:
        known = loopback.get(host.removesuffix(".").lower(), vector.get("addresses"))
        if known is None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return known

    started = time.monotonic()
    with pytest.raises((InvalidURL, AddressNotAllowed, NoConnection)) as refusal:
        connector(origin.address, resolve=resolve).connect(parse(url), limits())
    assert time.monotonic() - started < 3
    assert origin.connections == 0
    if isinstance(refusal.value, NoConnection):  # only an unknown name gets that far
        assert re.search("[a-z]", parse(url).host)


def test_an_open_and_a_closed_port_of_a_private_address_read_the_same(canary: Canary) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = listener.getsockname()[1]
    details = set()
    for port in (canary.port, closed):
        with pytest.raises(AddressNotAllowed) as refusal:
            connector().connect(parse(f"http://127.0.0.1:{port}/"), limits())
        details.add(refusal.value.detail)
    assert details == {"the address is not allowed"}


def test_an_opened_endpoint_is_connected_to(origin: Origin) -> None:
    with connector(origin.address).connect(parse(origin.url()), limits()) as connection:
        assert connection.getpeername() == ("127.0.0.1", origin.port)


def test_ipv6_is_connected_to() -> None:
    with Origin("::1") as origin, connector(origin.address).connect(parse(origin.url()), limits()) as connection:
        assert connection.getpeername()[:2] == ("::1", origin.port)


def test_one_private_answer_spoils_the_host(origin: Origin) -> None:
    resolve = names(mixed_test=["127.0.0.1", "10.0.0.1"])
    with pytest.raises(AddressNotAllowed):
        connector(origin.address, resolve=resolve).connect(parse(f"http://mixed.test:{origin.port}/"), limits())
    assert origin.connections == 0


def test_a_name_is_resolved_once_so_that_it_cannot_be_rebound(origin: Origin) -> None:
    asked = []

    def resolve(host: str) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    with connector(origin.address, resolve=resolve).connect(parse(f"http://rebind.test:{origin.port}/"), limits()):
        assert asked == ["rebind.test"]


def test_a_dead_address_leaves_time_for_the_living_one(origin: Origin) -> None:
    dead = "127.0.0.9"
    allowed = [origin.address, f"{dead}:{origin.port}"]
    resolve = names(two_test=[dead, "127.0.0.1"])
    with connector(*allowed, resolve=resolve).connect(parse(f"http://two.test:{origin.port}/"), limits()) as connection:
        assert connection.getpeername()[0] == "127.0.0.1"


def test_a_silent_address_leaves_time_for_the_living_one(origin: Origin) -> None:
    silent = deaf_listener("127.0.0.9", origin.port)
    allowed = [origin.address, f"127.0.0.9:{origin.port}"]
    resolve = names(two_test=["127.0.0.9", "127.0.0.1"])
    patient = connector(*allowed, resolve=resolve, connect_seconds=2.0)
    started = time.monotonic()
    with patient.connect(parse(f"http://two.test:{origin.port}/"), limits()) as connection:
        assert connection.getpeername()[0] == "127.0.0.1"
    assert 0.8 < time.monotonic() - started < 3
    close_all(silent)


def test_a_closed_port_and_an_unknown_name_are_both_could_not_connect() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    for url in (f"http://127.0.0.1:{port}/", f"http://unknown.test:{port}/"):
        with pytest.raises(NoConnection) as failure:
            connector(f"127.0.0.1:{port}", resolve=names()).connect(parse(url), limits())
        assert (failure.value.detail, failure.value.transient) == ("could not connect", True)


def test_a_name_without_addresses_is_could_not_connect() -> None:
    with pytest.raises(NoConnection):
        connector(resolve=names(empty_test=[])).connect(parse("http://empty.test/"), limits())


def test_a_lookup_that_hangs_ends_with_the_deadline() -> None:
    release = threading.Event()

    def resolve(host: str) -> list[str]:
        release.wait(10)
        return ["1.2.3.4"]

    started = time.monotonic()
    with pytest.raises(NoConnection):
        connector(resolve=resolve, connect_seconds=0.3).connect(parse("http://slow.test/"), limits())
    assert 0.25 < time.monotonic() - started < 3
    release.set()


def test_a_connect_that_hangs_ends_with_the_deadline() -> None:
    silent = deaf_listener("127.0.0.1", 0)
    port = silent[0].getsockname()[1]
    started = time.monotonic()
    with pytest.raises(NoConnection):
        connector(f"127.0.0.1:{port}", connect_seconds=0.3).connect(parse(f"http://127.0.0.1:{port}/"), limits())
    assert 0.25 < time.monotonic() - started < 3
    close_all(silent)


def test_the_real_resolver_is_used_and_its_answer_checked(canary: Canary) -> None:
    """IMG-41: no network is needed, localhost is in the hosts file."""
    with pytest.raises(AddressNotAllowed):
        connector().connect(parse(f"http://localhost:{canary.port}/"), limits())


def test_settings_become_the_policy(settings: Any, origin: Origin) -> None:
    settings.FETCH_ALLOWED_NETWORKS = [origin.address]
    settings.FETCH_CONNECT_SECONDS = 1.5
    from_settings = Connector.from_settings()
    from_settings.connect(parse(origin.url()), limits()).close()
    assert from_settings.connect_seconds == 1.5


def test_nonsense_in_the_settings_is_loud(settings: Any) -> None:
    settings.FETCH_ALLOWED_NETWORKS = ["localhost"]
    with pytest.raises(ValueError, match="'localhost' is neither a network"):
        Connector.from_settings()


# --- TLS


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def test_tls_knows_the_server_by_the_name_in_the_url(authority: Authority) -> None:
    asked = []
    context = authority.server("images.test")
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    with Origin(tls=context) as origin:
        trusting = connector(
            origin.address, resolve=names(images_test=["127.0.0.1"]), tls=tls_context(str(authority.file))
        )
        for host in ("images.test", "images.test."):
            connection = trusting.connect(parse(f"https://{host}:{origin.port}/"), limits())
            assert isinstance(connection, ssl.SSLSocket)
            connection.close()
    assert asked == ["images.test", "images.test"]


def test_tls_knows_an_address_by_its_certificate(authority: Authority) -> None:
    with Origin(tls=authority.server("127.0.0.1")) as origin:
        trusting = connector(origin.address, tls=tls_context(str(authority.file)))
        trusting.connect(parse(origin.url()), limits()).close()


@pytest.mark.parametrize(("name", "trusted"), [("other.test", True), ("images.test", False)])
def test_a_wrong_name_or_an_unknown_authority_is_refused(authority: Authority, name: str, trusted: bool) -> None:
    with Origin(tls=authority.server(name)) as origin:
        tls = tls_context(str(authority.file)) if trusted else tls_context()
        resolving = connector(origin.address, resolve=names(images_test=["127.0.0.1"]), tls=tls)
        with pytest.raises(CertificateNotAccepted) as refusal:
            resolving.connect(parse(f"https://images.test:{origin.port}/"), limits())
    assert not refusal.value.transient


def test_a_handshake_that_hangs_ends_with_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        started = time.monotonic()
        with pytest.raises(NoConnection):
            connector(f"127.0.0.1:{port}", connect_seconds=0.3).connect(parse(f"https://127.0.0.1:{port}/"), limits())
        assert 0.25 < time.monotonic() - started < 3


# --- The limits of a socket


def ask(origin: Origin, path: str, limits: CallLimits) -> bytes:
    """Everything the origin answers, read byte by byte."""
    with connector(origin.address).connect(parse(origin.url(path)), limits) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
        with connection.makefile("rb") as answer:
            return answer.read()


def test_silence_ends_a_read(origin: Origin) -> None:
    origin.reply("/", Reply(wait=5))
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        ask(origin, "/", CallLimits(read_timeout=0.3, deadline=started + 5))
    assert 0.25 < time.monotonic() - started < 3


def test_a_byte_now_and_then_does_not_prolong_the_whole(origin: Origin) -> None:
    origin.reply("/", Reply(drip_head=0.05))
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        ask(origin, "/", CallLimits(read_timeout=0.3, deadline=started + 0.6))
    assert 0.5 < time.monotonic() - started < 3


def test_a_server_that_does_not_read_does_not_hold_the_writer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        url = parse(f"http://127.0.0.1:{port}/")
        with connector(f"127.0.0.1:{port}").connect(url, limits(0.3)) as connection, pytest.raises(TimeoutError):
            connection.sendall(bytes(64 * 1024 * 1024))


def test_a_flood_is_cut_off(origin: Origin) -> None:
    origin.reply("/", Reply(raw=b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000))
    with pytest.raises(ResponseTooLarge):
        ask(origin, "/", CallLimits(read_timeout=1, max_bytes=100_000))


# --- Listeners that never answer


def deaf_listener(host: str, port: int) -> list[socket.socket]:
    """A listener whose queue is full: the next connection attempt hangs."""
    listener = socket.create_server((host, port), backlog=0)
    sockets = [listener]
    for _ in range(8):
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex(listener.getsockname())
        sockets.append(filler)
    time.sleep(0.1)
    return sockets


def close_all(sockets: list[socket.socket]) -> None:
    for each in sockets:
        each.close()
