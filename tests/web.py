"""The web server as the Procfile starts it, for tests that need real processes and real connections."""

import http.client
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from devtools.checkout import ROOT, procfile
from devtools.servers import free_port

START_SECONDS = 100.0


@dataclass(frozen=True)
class Web:
    """A web server that answers."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path


@contextmanager
def web_server(folder: Path, application: str = "", **environment: str) -> Iterator[Web]:
    """Embedded, its data in FOLDER; the service, or another APPLICATION that answers 200 to /api/v1/health."""
    program, *arguments = shlex.split(procfile()["web"])
    port = free_port()
    embedded = {
        "DATA_DIR": str(folder), "DATABASE_URL": "", "CELERY_BROKER_URL": "", "ENV_FILE": "",
        "BIND": f"127.0.0.1:{port}",
    }  # fmt: skip
    log = folder / "web.log"
    with log.open("ab") as output:  # an unread pipe would soon block it
        process = subprocess.Popen(
            [sys.executable, "-m", program, *arguments, *([application] if application else [])],
            cwd=ROOT, env={**os.environ, **embedded, **environment}, stdout=output, stderr=output,
        )  # fmt: skip
    try:
        _wait_until_healthy(port, process, log)
        yield Web(port, process, log)
    finally:
        process.kill()
        process.wait()


def _wait_until_healthy(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    answered = 0
    while answered < 8:  # of several processes, each has probably answered
        assert process.poll() is None, log.read_text()
        try:
            answered += health(port, START_SECONDS) == 200
        except OSError:
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)


def health(port: int, patience: float, host: str = "127.0.0.1") -> int:
    """The status of GET health over a new connection; OSError if there is none within PATIENCE seconds."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience)
    try:
        connection.request("GET", "/api/v1/health", headers={"Host": host})
        return connection.getresponse().status
    finally:
        connection.close()


def slowest_health(port: int, seconds: float, patience: float, host: str = "127.0.0.1") -> float:
    """Ask for `health` over and over again; how long the slowest answer took. OSError where one takes over PATIENCE."""
    until, slowest = time.monotonic() + seconds, 0.0
    while time.monotonic() < until:
        began = time.monotonic()
        assert health(port, patience, host) == 200
        slowest = max(slowest, time.monotonic() - began)
        time.sleep(0.02)
    return slowest
