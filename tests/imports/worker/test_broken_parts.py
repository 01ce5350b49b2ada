"""Responses to a POST while a dependency is down."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.utils import timezone

from imports.models import ImportJob
from livingdocs_import.models import AccessToken
from tests.api_client import Caller, image_item

NOTIFY = """
import django, time
django.setup()
from imports.claiming.notification import notify_import_workers
started = time.monotonic()
try:
    notify_import_workers(10_000)
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
    """FLT-14"""
    batch = {"systemName": "s", "images": [image_item("https://pictures.example/a")]}
    with read_only():
        answer = times.post("import/images", batch)
    assert (answer.status_code, answer.json()) == (503, {"status": 503, "error": "Service Unavailable"})
    assert not ImportJob.objects.exists()
    assert times.post("import/images", batch).status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("used", [None, timedelta(hours=1)], ids=["never used", "used before"])
def test_a_database_that_takes_no_writes_is_still_read_from(times: Caller, used: timedelta | None) -> None:
    """FLT-14: when a token was used last is a nicety."""
    last = used and timezone.now() - used
    AccessToken.objects.update(last_used_at=last)
    job = times.import_images()
    AccessToken.objects.update(last_used_at=last)
    with read_only():
        assert times.get(f"import/images/status?id={job}").status_code == 200
        assert times.get("mediaLibrary/abc").status_code == 404
    assert AccessToken.objects.get().last_used_at == last


@pytest.mark.django_db(transaction=True)
def test_a_note_that_fails_spoils_no_transaction(times: Caller) -> None:
    takes_none = "SET transaction_read_only = on" if connection.vendor == "postgresql" else "PRAGMA query_only = on"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(takes_none)
        try:
            AccessToken.objects.get().touch(timezone.now())
            assert AccessToken.objects.get().last_used_at is None
        finally:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA query_only = off")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_token_that_is_being_written_blocks_no_reader(times: Caller) -> None:
    database = connection.settings_dict
    server = f"host={database['HOST']} port={database['PORT']} user={database['USER']} dbname={database['NAME']}"
    with psycopg.connect(server) as other:
        other.execute(f"SELECT 1 FROM {AccessToken._meta.db_table} FOR UPDATE")
        started = time.monotonic()
        assert times.get("mediaLibrary/abc").status_code == 404
        assert time.monotonic() - started < 5


@pytest.mark.slow
def test_a_frozen_redis_does_not_hold_a_post_for_long(tmp_path: Any) -> None:
    """FLT-8: it takes the connection and says nothing. In a process of its own: Celery reads its settings once."""
    with socket.create_server(("127.0.0.1", 0)) as frozen:
        environment = os.environ | {
            "CELERY_BROKER_URL": f"redis://127.0.0.1:{frozen.getsockname()[1]}/0",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "SECRET_KEY": "frozen" * 20,
            "FIELD_ENCRYPTION_KEYS": "b25seSBmb3IgdGVzdHM6IDAxMjM0NTY3ODlhYmNkZWY=",
            "DATA_DIR": str(tmp_path),
        }
        command = [sys.executable, "-c", NOTIFY]
        notifying = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    name, seconds = notifying.stdout.split()
    assert name == "OperationalError"
    assert float(seconds) < 8
