"""`manage.py serve` is the whole service in one command: real web server, real worker, real database file."""

import signal
import socket
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.management.base import CommandError

from livingdocs_import.management.commands.serve import Command
from tests.processes import Running, is_alive, wait_until_gone

ROOT = Path(__file__).resolve().parents[3]

Serve = Callable[..., Running]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start the service from another folder on the embedded default, its data in tmp_path."""
    # Empty is as good as unset; a run of the suite on PostgreSQL says otherwise to its processes.
    embedded = {
        "DATA_DIR": str(tmp_path), "DATABASE_URL": "", "CELERY_BROKER_URL": "", "WEB_CONCURRENCY": "1", "DEBUG": "true",
    }  # fmt: skip
    started: list[Running] = []

    def start(bind: str = "127.0.0.1:0") -> Running:
        command = (sys.executable, str(ROOT / "manage.py"), "serve", "--bind", bind)
        started.append(Running(*command, cwd=tmp_path, **embedded))
        return started[-1]

    yield start
    for running in started:
        running.stop()


def address_of(service: Running) -> str:
    return service.line(r"livingdocs-import on (http://127\.0\.0\.1:\d+)")[1]


def pid_of(name: str, service: Running) -> int:
    return int(service.line(rf"^{name} started \(pid (\d+)\)")[1])


def health(address: str) -> bytes:
    """HLT-01 as a sign of life."""
    with urllib.request.urlopen(f"{address}/api/v1/health", timeout=30) as answer:
        body: bytes = answer.read()
    return body


@pytest.mark.slow
def test_everything_starts_with_one_command_and_ends_with_one_signal(serve: Serve, tmp_path: Path) -> None:
    service = serve()
    address, web, worker = address_of(service), pid_of("web", service), pid_of("worker", service)

    assert b'"ok"' in health(address)
    service.line(r'^\[.+\] "GET /api/v1/health HTTP/1.1" 200 15$')
    assert (tmp_path / "db.sqlite3").stat().st_size > 0
    assert is_alive(worker)

    service.signal(signal.SIGTERM)

    assert service.rest()[-1] == "stopped"
    assert service.process.returncode == 0
    wait_until_gone(web, worker, seconds=5)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), timeout=5)


@pytest.mark.slow
def test_a_killed_service_leaves_nothing_behind_and_starts_again_at_the_same_address(serve: Serve) -> None:
    """FLT-30"""
    service = serve()
    address, web, worker = address_of(service), pid_of("web", service), pid_of("worker", service)
    health(address)

    service.signal(signal.SIGKILL)
    wait_until_gone(web, worker)

    assert b'"ok"' in health(address_of(serve(address.removeprefix("http://"))))


def test_a_taken_port_is_refused_before_anything_is_touched(serve: Serve, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        service = serve(f"127.0.0.1:{port}")
        said = service.rest()

    assert service.process.returncode == 1
    assert said[-1].startswith(f"CommandError: Port {port} on 127.0.0.1 is taken by another program")
    assert f"--bind 127.0.0.1:{port + 1}" in said[-1]
    assert not (tmp_path / "db.sqlite3").exists()


@pytest.mark.parametrize("nonsense", ["8000", "localhost:", ":8000", "localhost:http", "localhost:65536"])
def test_an_address_that_is_none_is_refused_with_an_example(nonsense: str) -> None:
    parser = Command().create_parser("manage.py", "serve")

    with pytest.raises(CommandError, match=f"'{nonsense}' is not HOST:PORT, for example 127.0.0.1:8000"):
        parser.parse_args(["--bind", nonsense])


def test_an_address_may_be_a_name_or_of_the_longer_kind() -> None:
    parser = Command().create_parser("manage.py", "serve")

    assert parser.parse_args(["--bind", "localhost:8001"]).bind == ("localhost", 8001)
    assert parser.parse_args(["--bind", "[::1]:8001"]).bind == ("::1", 8001)
    assert parser.parse_args([]).bind == ("127.0.0.1", 8000)
