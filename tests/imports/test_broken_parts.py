"""What a POST is answered while a part of the service is ill."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from imports.models import ImportJob
from tests.cast import Caller, image_item

RING = """
import django, time
django.setup()
from imports.tasks import ring_workers
started = time.monotonic()
try:
    ring_workers(10_000)
except Exception as error:
    print(type(error).__name__, time.monotonic() - started)
"""


@contextmanager
def read_only() -> Iterator[None]:
    """The database takes no writes for a while: a standby, or one that ran out of transaction numbers."""
    on, off = (
        ("SET default_transaction_read_only = on", "SET default_transaction_read_only = off")
        if connection.vendor == "postgresql"
        else ("PRAGMA query_only = on", "PRAGMA query_only = off")
    )
    with connection.cursor() as cursor:
        cursor.execute(on)
        try:
            yield
        finally:
            cursor.execute(off)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_takes_no_writes_is_a_503(times: Caller) -> None:
    """F14"""
    batch = {"systemName": "s", "images": [image_item("https://pictures.example/a")]}
    with read_only():
        answer = times.post("import/images", batch)
    assert (answer.status_code, answer.json()) == (503, {"status": 503, "error": "Service Unavailable"})
    assert not ImportJob.objects.exists()
    assert times.post("import/images", batch).status_code == 200


@pytest.mark.slow
def test_a_frozen_redis_does_not_hold_a_post_for_long(tmp_path: Any) -> None:
    """F8: it takes the connection and says nothing. In a process of its own: Celery reads its settings once."""
    with socket.create_server(("127.0.0.1", 0)) as frozen:
        environment = os.environ | {
            "CELERY_BROKER_URL": f"redis://127.0.0.1:{frozen.getsockname()[1]}/0",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "SECRET_KEY": "frozen" * 20,
            "DATA_DIR": str(tmp_path),
        }
        command = [sys.executable, "-c", RING]
        rung = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    name, seconds = rung.stdout.split()
    assert name == "OperationalError"
    assert float(seconds) < 8
