"""Compressed bodies over real connections: on our web server, and on Django's own for development."""

import gzip
import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from devtools.checkout import ROOT
from devtools.servers import free_port
from tests.processes import Running
from tests.web import web_server

BODY = json.dumps({"systemName": "archive", "images": []}).encode()
LONG = json.dumps({"systemName": "archive", "images": [], "x": os.urandom(400_000).hex()}).encode()
BOMB = gzip.compress(b" " * 32_000_000)
SENT = [
    (gzip.compress(BODY), 200),
    (gzip.compress(BODY)[:-5], 400),
    (gzip.compress(LONG), 400),  # longer than is read unasked, and than lies in memory; `x` is unknown
    (BOMB, 413),
    (b"nonsense", 400),
]


@dataclass(frozen=True)
class Installation:
    """One on SQLite, with a project that a token may write to."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        return {"DATA_DIR": str(self.folder), "DATABASE_URL": "", "CELERY_BROKER_URL": "", "ENV_FILE": ""}

    def manage(self, *arguments: str) -> str:
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        environment = {**os.environ, **self.environment}
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout

    @cached_property
    def token(self) -> str:
        self.manage("migrate")
        self.manage("create_project", "times", "--config", "livingdocs_import/demo_config.json")
        printed = self.manage("create_token", "times", "--name", "feed", "--scope", "public-api:write")
        return next(word for word in printed.split() if len(word) > 30)


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


@contextmanager
def development(installation: Installation) -> Iterator[int]:
    port = free_port()
    address = f"127.0.0.1:{port}"
    arguments = (sys.executable, str(ROOT / "manage.py"), "runserver", "--noreload", address)
    running = Running(*arguments, **installation.environment, DEBUG="true")
    try:
        running.line("Starting development server|Quit the server")
        yield port
    finally:
        running.stop()


def status(port: int, token: str, content: bytes, *, chunked: bool) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Authorization": f"Bearer {token}", "Content-Encoding": "gzip", "Content-Type": "application/json"}
    try:
        pieces = (content[at : at + 1000] for at in range(0, len(content), 1000))
        connection.request(
            "POST", "/api/v1/import/images", pieces if chunked else content, headers, encode_chunked=chunked
        )
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


@pytest.mark.slow
def test_the_web_server_takes_them_with_a_length_and_in_chunks(installation: Installation) -> None:
    token = installation.token
    with web_server(installation.folder) as web:
        for content, expected in SENT:
            assert status(web.port, token, content, chunked=False) == expected
            assert status(web.port, token, content, chunked=True) == expected


@pytest.mark.slow
def test_so_does_the_server_for_development(installation: Installation) -> None:
    token = installation.token
    with development(installation) as port:
        for content, expected in SENT:
            assert status(port, token, content, chunked=False) == expected
