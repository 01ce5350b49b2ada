"""Processes of the service as in production, on the database of the test."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from devtools.servers import Service
from tests.origin import Origin
from tests.s3 import Bucket

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def start(redis_server: Service, s3: Bucket, origin: Origin, settings: Any, tmp_path: Path) -> Iterator[Start]:
    """Start `python -m …` with the environment of this test's servers; whatever was started ends with the test."""
    database = connection.settings_dict
    environment = os.environ | {
        "DATABASE_URL": f"postgresql://{database['USER']}@{database['HOST']}:{database['PORT']}/{database['NAME']}",
        "CELERY_BROKER_URL": redis_server.url,
        "ASSET_STORAGE": settings.ASSET_STORAGE,
        "SECRET_KEY": "walk" * 20,
        "FIELD_ENCRYPTION_KEYS": "b25seSBmb3Igd2Fsa3M6IDAxMjM0NTY3ODlhYmNkZWY=",
        "DEBUG": "false",
        "DATA_DIR": str(tmp_path),
        "FETCH_ALLOWED_NETWORKS": origin.address,
        "IMPORT_LEASE_SECONDS": "3",
        "IMPORT_CHUNK": "6",
    }
    running: list[subprocess.Popen[bytes]] = []

    def run(*command: str, **more: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, "-m", *command], env=environment | more, start_new_session=True)
        running.append(process)
        return process

    yield run
    for process in running:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def celery_worker(
    start: Start, name: str, *, queues: str = "imports,webhooks", **environment: str
) -> subprocess.Popen[bytes]:
    return start(
        "celery", "-A", "config", "worker", "-Q", queues, "-c", "1", "-n", f"{name}@test",
        "--loglevel", "ERROR", "--without-gossip", "--without-mingle", **environment,
    )  # fmt: skip


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 90) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"{what}: not within {seconds} s"
        time.sleep(0.05)
