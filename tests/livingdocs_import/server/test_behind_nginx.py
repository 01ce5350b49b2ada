"""nginx as deploy/nginx.conf configures it, in front of the service: slow clients wait there, and errors are JSON."""

import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from devtools.checkout import ROOT
from devtools.servers import free_port
from tests.certificates import Authority
from tests.services import note
from tests.slow_clients import SlowClients
from tests.web import Web, slowest_health, web_server

HOST = "import.example.org"
SHIPPED = (ROOT / "deploy" / "nginx.conf").read_text()
COUNT = 200
WATCHED = 3.0  # seconds
BOUND = 5.0  # seconds for `health` on a machine that is busy with other tests
FILE = 1 << 20  # bytes
HEADERS = f"Host: {HOST}\r\n".encode()
AROUND = """
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {site}
}}
"""


@dataclass(frozen=True)
class Proxy:
    """nginx in front of the service."""

    web: Web
    secure: int  # the port that speaks TLS
    plain: int  # the same without, for slow clients that need not be that complicated
    redirecting: int
    authority: Path


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """One for all tests that leave the service as it is."""
    with behind_nginx(tmp_path_factory.mktemp("nginx")) as served:
        yield served


@contextmanager
def behind_nginx(folder: Path, shipped: str = SHIPPED) -> Iterator[Proxy]:
    """The service with nginx in front of it, as shipped; skips where there is no nginx."""
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if program is None:
        note("missing", "nginx (deploy/nginx.conf was NOT tested: Debian has it as nginx-light)")
        pytest.skip("nginx is not installed: deploy/nginx.conf was NOT tested")
    (folder / "static").mkdir()
    (folder / "static" / "file.bin").write_bytes(bytes(FILE))
    authority = Authority(folder)
    authority.server(HOST)
    secret = "only for this test: 0123456789 abcdefghijklmnopqrstuvwxyz"
    key = "b25seSBmb3IgdGVzdHM6IDAxMjM0NTY3ODlhYmNkZWY="
    public = {
        "DEBUG": "false",
        "SECRET_KEY": secret,
        "FIELD_ENCRYPTION_KEYS": key,
        "PUBLIC_URL": f"https://{HOST}",
        "ALLOWED_HOSTS": HOST,
    }
    # the start-up check requests `health` by another name, and without TLS
    waiting = {"ALLOWED_HOSTS": f"{HOST},127.0.0.1", "SECURE_SSL_REDIRECT": "false"}
    with web_server(folder, **public | waiting, WEB_CONCURRENCY="2", WEB_THREADS="4") as web:
        ports = [free_port() for _ in range(3)]
        configuration = folder / "nginx.conf"
        configuration.write_text(
            AROUND.format(
                folder=folder, site=site(shipped, web.port, *ports), user="user root;" if os.geteuid() == 0 else ""
            )
        )
        process = subprocess.Popen([program, "-c", configuration, "-g", "daemon off;"], stderr=subprocess.PIPE)
        try:
            wait_for(ports[1], process)
            note("ran", subprocess.run([program, "-v"], capture_output=True, text=True).stderr.split(": ")[1].strip())
            yield Proxy(web, *ports, authority.file)
        finally:
            process.terminate()
            process.communicate()


def site(text: str, web: int, secure: int, plain: int, redirecting: int) -> str:
    """deploy/nginx.conf with what is true here; everything else in it is as it is shipped."""
    certificate = f"{HOST}.pem"
    for shipped, here in (
        ("server 127.0.0.1:8000;", f"server 127.0.0.1:{web};"),
        ("listen 80;", f"listen 127.0.0.1:{redirecting};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{secure} ssl; listen 127.0.0.1:{plain};"),
        ("/etc/ssl/import.example.org.pem", certificate),
        ("/etc/ssl/import.example.org.key", certificate),
        ("client_max_body_size 64m;", "client_max_body_size 1m;"),
    ):
        assert text.count(shipped) == 1, shipped
        text = text.replace(shipped, here)
    return text


def wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except ConnectionRefusedError:
            assert process.poll() is None, process.communicate()[1]
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return


@pytest.mark.parametrize(
    ("opening", "trickle"),
    [
        (b"GET /api/v1/health HTTP/1.1\r\n" + HEADERS + b"X-Slow: ", b"x"),
        (b"POST /api/v1/import/images HTTP/1.1\r\n" + HEADERS + b"Content-Length: 30000\r\n\r\n", b" "),
        (b"POST /api/v1/import/images HTTP/1.1\r\n" + HEADERS + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        (b"GET /static/file.bin HTTP/1.1\r\n" + HEADERS + b"\r\n", b""),
    ],
    ids=["heads", "bodies", "bodies in chunks", "reading"],
)
def test_two_hundred_slow_clients_delay_no_other(proxy: Proxy, opening: bytes, trickle: bytes) -> None:
    with SlowClients(proxy.plain, COUNT, opening, trickle).at_work() as slow:
        if not trickle:
            slow.wait_until_served(30)
        assert slowest_health(proxy.plain, WATCHED, BOUND, host=HOST) < BOUND


def asked(proxy: Proxy, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, Any, Any]:
    """Status, content type and JSON of an answer over TLS."""
    context = ssl.create_default_context(cafile=proxy.authority)
    plain = socket.create_connection(("127.0.0.1", proxy.secure), timeout=30)
    with context.wrap_socket(plain, server_hostname=HOST) as connection:
        client = http.client.HTTPSConnection(HOST, context=context)
        client.sock = connection
        client.request(method, path, body, headers)
        response = client.getresponse()
        return response.status, response.getheader("Content-Type"), json.loads(response.read())


JSON = "application/json; charset=utf-8"


def test_the_service_answers_through_it(proxy: Proxy) -> None:
    assert asked(proxy, "GET", "/api/v1/health") == (200, JSON, {"status": "ok"})
    assert asked(proxy, "POST", "/api/v1/import/images", b"{}")[0] == 401


def test_a_query_may_be_as_long_as_without_it(proxy: Proxy) -> None:
    assert asked(proxy, "GET", "/api/v1/mediaLibrary?ids=" + "a" * 8_000)[0] == 401


@pytest.mark.parametrize(
    ("status", "request_"),
    [
        (413, ("POST", "/api/v1/import/images", bytes(2 << 20))),
        (414, ("GET", "/" + "a" * 20_000)),
    ],
)
def test_what_it_refuses_itself_is_in_the_envelope(proxy: Proxy, status: int, request_: tuple[Any, ...]) -> None:
    """ERR-01, ERR-02"""
    answered, content_type, body = asked(proxy, *request_)
    assert (answered, content_type, body["status"]) == (status, JSON, status)
    assert set(body) == {"status", "error", "error_details"}


def test_a_header_that_is_too_long_is_refused_in_the_envelope(proxy: Proxy) -> None:
    answered, content_type, body = asked(proxy, "GET", "/api/v1/health", **{"X-Long": "a" * 20_000})
    assert (answered, content_type, body["status"]) == (400, JSON, 400)


def test_without_tls_callers_are_sent_on(proxy: Proxy) -> None:
    client = http.client.HTTPConnection("127.0.0.1", proxy.redirecting, timeout=30)
    client.request("GET", "/api/v1/health", headers={"Host": HOST})
    response = client.getresponse()
    assert (response.status, response.getheader("Location")) == (301, f"https://{HOST}/api/v1/health")
    client.close()


def test_a_service_that_is_away_is_a_503_in_the_envelope(tmp_path: Path) -> None:
    """With a server of its own, for it takes the service away."""
    with behind_nginx(tmp_path) as proxy:
        proxy.web.process.kill()
        deadline = time.monotonic() + 20
        while (answer := asked(proxy, "GET", "/api/v1/health"))[0] == 200:
            assert time.monotonic() < deadline
        assert answer == (503, JSON, {"status": 503, "error": "Service Unavailable"})


def test_the_pages_that_need_no_login_can_be_limited_to_a_network(tmp_path: Path) -> None:
    start = SHIPPED.index("    #location ~")
    end = SHIPPED.index("    #}\n", start) + len("    #}\n")
    limited = SHIPPED[:start] + SHIPPED[start:end].replace("\n    #", "\n").removeprefix("    #") + SHIPPED[end:]
    with behind_nginx(tmp_path, limited) as proxy:
        for path in (
            "/",
            "/documentation/",
            "/documentation/docs/api.md",
            "/api/",
            "/openapi.json",
            "/api/v1/openapi.yaml",
        ):
            assert status_of(proxy, path) == 403, path
        assert status_of(proxy, "/api/v1/health") == 200
        assert status_of(proxy, "/api/v1/mediaLibrary?ids=x") == 401


def test_the_documentation_is_read_through_it_without_a_login(proxy: Proxy) -> None:
    assert status_of(proxy, "/documentation/docs/operations.md") == 200


def status_of(proxy: Proxy, path: str) -> int:
    """The status of a GET, whatever its body."""
    client = http.client.HTTPConnection("127.0.0.1", proxy.plain, timeout=30)
    client.request("GET", path, headers={"Host": HOST})
    return client.getresponse().status
