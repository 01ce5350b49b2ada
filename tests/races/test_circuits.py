"""Processes that close the circuits of the same hosts do not wait for each other in a circle."""

from collections.abc import Callable, Sequence
from typing import Any

import psycopg
import pytest
from django.db import connection

from livingdocs_import.egress import circuits
from livingdocs_import.egress.circuits import Circuits
from livingdocs_import.egress.host_limits import HostLimits, host_key
from livingdocs_import.models import HostCircuit

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
SideBySide = Callable[[Sequence[Callable[[], Any]]], list[Any]]
HOSTS = ["a.test:80", "b.test:80"]
WAITS = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"


def answer() -> None:
    Circuits(HostLimits()).record_answers(HOSTS)


def reset() -> None:
    circuits.reset(HOSTS)


@pytest.mark.parametrize("close", [answer, reset])
def test_rows_are_locked_in_one_order(
    transactional_db: None, side_by_side: SideBySide, close: Callable[[], None]
) -> None:
    """Who waits for the first row holds none of the others."""
    for host in HOSTS:
        HostCircuit.objects.create(host=host, key=host_key(host))
    HostCircuit.objects.filter(host=HOSTS[0]).update(failures=1)  # it stands behind the other one in the table now
    HostCircuit.objects.update(failing_since="2026-01-01T00:00Z")
    HostCircuit.objects.filter(host=HOSTS[0]).update(failures=2)
    database = connection.settings_dict
    server = f"host={database['HOST']} port={database['PORT']} user={database['USER']} dbname={database['NAME']}"
    with psycopg.connect(server) as other, psycopg.connect(server, autocommit=True) as watcher:
        table = HostCircuit._meta.db_table
        other.execute(f"SELECT 1 FROM {table} WHERE host = %s FOR UPDATE", [HOSTS[0]])

        def take_the_second() -> str:
            while watcher.execute(WAITS, [database["NAME"]]).fetchone() == (0,):
                pass
            try:
                other.execute(f"SELECT 1 FROM {table} WHERE host = %s FOR UPDATE NOWAIT", [HOSTS[1]])
            finally:
                other.rollback()
            return "free"

        assert side_by_side([close, take_the_second]) == [None, "free"]
    assert not HostCircuit.objects.filter(failing_since__isnull=False).exists()
