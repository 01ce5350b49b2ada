"""GET /ready: 200 when every part can be used, 503 and the part's name when one cannot, soon in any case."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from devtools.servers import Service, free_port
from livingdocs_import import VERSION
from livingdocs_import.server.readiness import NotReady, Readiness, readiness
from tests.s3 import Bucket


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    with readiness.keeping(0.0):
        yield


def checks(client: Client, status: int) -> dict[str, str]:
    answer = client.get("/ready")
    assert answer.status_code == status, answer.content
    assert answer.json()["ready"] is (status == 200)
    found: dict[str, str] = answer.json()["checks"]
    return found


# --- The endpoint ----------------------------------------------------------------------------------------------------


def test_a_service_without_a_broker_is_ready(client: Client, db: None) -> None:
    answer = client.get("/ready")
    assert answer.json() == {
        "ready": True,
        "version": VERSION,
        "checks": {"database": "ok", "migrations": "ok", "keys": "ok", "broker": "not used", "storage": "ok"},
    }
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")


def test_redis_and_s3_are_looked_at(client: Client, db: None, redis_server: Service, s3: Bucket, settings: Any) -> None:
    settings.CELERY_BROKER_URL = redis_server.url
    until = time.monotonic() + 60
    while client.get("/ready").status_code != 200 and time.monotonic() < until:
        time.sleep(0.2)  # a loaded machine may need more than two seconds to get to know S3
    assert checks(client, 200) == {
        "database": "ok",
        "migrations": "ok",
        "keys": "ok",
        "broker": "ok",
        "storage": "ok",
    }


def test_it_can_be_asked_with_head_and_nothing_else(client: Client, db: None) -> None:
    assert client.head("/ready").status_code == 200
    answer = client.post("/ready", b"{}", content_type="application/json")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")
    assert answer.json()["error"] == "Method Not Allowed"


def test_a_balancer_asks_by_address_and_without_tls(client: Client, db: None, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/ready", headers={"Host": "10.1.2.3:8000"}).status_code == 200


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nowhere://secret@127.0.0.1/0", "its transport cannot be loaded"),
        ("qpid://secret@127.0.0.1/0", "its transport cannot be loaded"),
        ("redis://:secret@127.0.0.1:port/0", "its transport cannot be loaded"),
        ("redis://:secret@127.0.0.1:{free}/0", "failed"),
    ],
)
def test_a_broker_that_cannot_be_used_is_named_without_its_address(
    client: Client, db: None, settings: Any, url: str, said: str
) -> None:
    settings.CELERY_BROKER_URL = url.format(free=free_port())
    answer = client.get("/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"]["broker"] == said
    assert b"127.0.0.1" not in answer.content
    assert b"secret" not in answer.content


def test_a_storage_that_cannot_be_used_is_named_without_its_place(client: Client, db: None, settings: Any) -> None:
    settings.ASSET_STORAGE = "file:///proc/nowhere"
    answer = client.get("/ready")
    assert (answer.status_code, answer.json()["checks"]["storage"]) == (503, "failed")
    assert b"proc" not in answer.content


@pytest.mark.django_db(transaction=True)
def test_a_migration_that_is_missing_is_counted(client: Client) -> None:
    last = MigrationRecorder(connection).migration_qs.filter(app="imports").order_by("name").last()
    last.delete()
    try:
        assert checks(client, 503)["migrations"] == "1 not applied"
    finally:
        MigrationRecorder(connection).record_applied(last.app, last.name)
    assert checks(client, 200)["migrations"] == "ok"


def test_a_broker_that_is_frozen_is_not_waited_for(client: Client, db: None, settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as frozen:
        settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{frozen.getsockname()[1]}/0"
        started = time.monotonic()
        assert checks(client, 503)["broker"] in ("failed", "no answer in time")
        assert time.monotonic() - started < 10


# --- Deadlines, and what is kept -------------------------------------------------------------------------------------


def test_a_hundred_questions_at_once_cost_one_probe() -> None:
    asked: list[str] = []
    own = Readiness(kept_seconds=60)
    own.probe("slow")(lambda: (time.sleep(0.1), asked.append("slow"))[1])
    threads = [threading.Thread(target=own.outcomes) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert asked == ["slow"]
    assert own.outcomes() == {"slow": "ok"}


def test_an_outcome_is_not_kept_for_ever() -> None:
    said = iter([None, "not used"])
    own = Readiness(kept_seconds=0)
    own.probe("part")(lambda: next(said))
    assert own.outcomes() == {"part": "ok"}
    assert own.outcomes() == {"part": "not used"}


def test_a_probe_that_hangs_is_waited_for_once_and_started_once() -> None:
    end, started = threading.Event(), []
    own = Readiness(probe_seconds=0.3, kept_seconds=0)
    own.probe("quick")(lambda: None)

    @own.probe("hanging")
    def hang() -> None:
        started.append("again")
        end.wait(60)

    began = time.monotonic()
    assert own.outcomes() == {"quick": "ok", "hanging": "no answer in time"}
    assert time.monotonic() - began > 0.25
    for _ in range(100):
        assert own.outcomes()["hanging"] == "no answer in time"
    assert started == ["again"]
    end.set()
    while own.outcomes()["hanging"] != "ok":
        time.sleep(0.01)


def test_what_a_probe_raises_is_logged_once_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    own = Readiness(kept_seconds=0)

    @own.probe("part")
    def fail() -> None:
        raise OSError("db.internal:5432 refused password 123")

    @own.probe("other")
    def refuse() -> None:
        raise NotReady("3 not applied")

    for _ in range(3):
        assert json.dumps(own.outcomes()) == '{"part": "failed", "other": "3 not applied"}'
    assert [record.getMessage() for record in caplog.records] == [
        "not ready: part: failed", "not ready: other: 3 not applied"
    ]  # fmt: skip
    assert "db.internal" in caplog.text
