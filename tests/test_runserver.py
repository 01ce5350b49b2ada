"""Django's own development server works here, too, and prints the requests that it answers."""

import sys
import time
import urllib.request
from pathlib import Path

from devtools.checkout import ROOT
from devtools.servers import free_port
from tests.processes import Running

START_SECONDS = 60


def ask(url: str) -> bytes:
    """The response, as soon as the server is up."""
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=START_SECONDS) as answer:
                body: bytes = answer.read()
                return body
        except OSError:  # URLError is one
            assert time.monotonic() < until
            time.sleep(0.05)


def test_runserver_prints_a_line_for_each_request(tmp_path: Path) -> None:
    address = f"127.0.0.1:{free_port()}"
    embedded = {"DATA_DIR": str(tmp_path), "DATABASE_URL": "", "CELERY_BROKER_URL": "", "DEBUG": "true"}
    running = Running(sys.executable, str(ROOT / "manage.py"), "runserver", "--noreload", address, **embedded)
    try:
        assert ask(f"http://{address}/api/v1/health") == b'{"status":"ok"}'
        running.line(r'^\[.+\] "GET /api/v1/health HTTP/1.1" 200 15$')
    finally:
        running.stop()
