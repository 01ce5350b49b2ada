"""The servers for tests are really ours: they answer, take nothing from others, and end with us."""

import signal
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from devtools import servers
from tests.processes import Running, is_alive, wait_until_gone

HOLD = """
import time
from devtools import servers
with servers.private_redis() as server:
    print("server", server.process.pid, flush=True)
    time.sleep(600)
"""


needs_a_redis_to_start = pytest.mark.skipif(not servers.redis_program(), reason="no redis-server here")


@needs_a_redis_to_start
def test_a_private_redis_is_empty_and_ends_with_the_block() -> None:
    with servers.private_redis() as server, redis.Redis.from_url(server.url) as client:
        assert server.name == f"Redis {client.info('server')['redis_version']}"
        assert client.dbsize() == 0
    assert server.process
    assert not is_alive(server.process.pid)


@needs_a_redis_to_start
def test_a_private_redis_ends_even_if_the_tests_are_killed(tmp_path: Path) -> None:
    tests = Running(sys.executable, "-c", HOLD, TMPDIR=str(tmp_path))
    server = int(tests.line(r"^server (\d+)")[1])
    assert is_alive(server)

    tests.signal(signal.SIGKILL)

    wait_until_gone(server)
    tests.stop()


@needs_a_redis_to_start
def test_a_borrowed_redis_keeps_off_databases_that_hold_something() -> None:
    with servers.private_redis() as server, redis.Redis.from_url(server.url) as others:
        others.select(15)
        others.set("somebody's", "work")

        with servers.borrowed_redis(server.url.rpartition("/")[0]) as borrowed:
            assert borrowed.url.endswith("/14")
            with redis.Redis.from_url(borrowed.url) as client:
                client.set("ours", "1")

        assert {database: keys["keys"] for database, keys in others.info("keyspace").items()} == {"db15": 1}


@pytest.mark.slow
def test_a_private_postgresql_answers_and_ends_with_the_block() -> None:
    try:
        with servers.private_postgresql() as server, psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
    except servers.NotAvailable as error:
        pytest.skip(str(error))
    assert server.process
    assert not is_alive(server.process.pid)


def test_a_server_that_was_named_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    port = servers.free_port()
    monkeypatch.setenv("TEST_DATABASE_URL", f"postgresql://postgres@127.0.0.1:{port}/postgres")
    monkeypatch.setenv("TEST_REDIS_URL", f"redis://127.0.0.1:{port}/0")

    for service in (servers.postgresql, servers.redis_service):
        with pytest.raises(servers.NotAvailable) as caught:
            service()
        assert caught.value.required
