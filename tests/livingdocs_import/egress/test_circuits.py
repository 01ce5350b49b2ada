"""Circuits are shared: what one process met, the others act on, and any answer closes them."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection

from livingdocs_import.db import clock
from livingdocs_import.db.clock import from_now
from livingdocs_import.egress.circuits import Circuits, reset
from livingdocs_import.egress.errors import NoAnswer
from livingdocs_import.egress.host_limits import HostLimits, host_key
from livingdocs_import.errors import Failure
from livingdocs_import.models import HostCircuit
from tests.imports.worker.test_broken_parts import read_only

pytestmark = pytest.mark.django_db
HOST = "a.test:80"
KEY = host_key(HOST)


class Process:
    """One worker process's view."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = HostLimits(clock=clock)
        self.circuits = Circuits(self.limits, refresh_seconds=0.0)

    def ask(
        self, outcome: Callable[[], Exception] | None = None, times: int = 1, *, host: str = HOST, look: bool = True
    ) -> "Process":
        for _ in range(times):
            try:
                with self.limits.request(host, wait_seconds=0.0, first=True):
                    if outcome is not None:
                        raise outcome()
            except Failure:
                pass
        return self.look() if look else self

    def look(self) -> "Process":
        self.circuits.sync()
        return self

    @property
    def is_open(self) -> bool:
        return KEY in self.circuits.open_keys


@contextmanager
def refused(host: str) -> Iterator[None]:
    """The database takes nothing about this host."""
    table = HostCircuit._meta.db_table
    on, off = (
        (
            f"ALTER TABLE {table} ADD CONSTRAINT refused CHECK (host <> '{host}' OR failures = 0)",
            f"ALTER TABLE {table} DROP CONSTRAINT refused",
        )
        if connection.vendor == "postgresql"
        else (
            f"CREATE TRIGGER refused BEFORE UPDATE ON {table} WHEN old.host = '{host}' "
            "BEGIN SELECT RAISE(ABORT, 'refused'); END",
            "DROP TRIGGER refused",
        )
    )
    with connection.cursor() as cursor:
        cursor.execute(on)
        try:
            yield
        finally:
            cursor.execute(off)


def test_nothing_is_written_for_hosts_that_answer() -> None:
    Process().ask(None, times=5)
    assert not HostCircuit.objects.exists()


def test_one_failure_is_noted_and_three_open_the_circuit_for_all_processes() -> None:
    mine, other = Process(), Process()
    mine.ask(NoAnswer)
    assert not mine.is_open
    mine.ask(NoAnswer, times=2)
    assert mine.is_open
    assert other.look().is_open


def test_an_answer_to_any_process_closes_it_for_all() -> None:
    mine, other = Process().ask(NoAnswer, times=3), Process()
    other.look().ask(None)
    assert not other.is_open
    assert not mine.look().is_open
    row = HostCircuit.objects.get()
    assert (row.failing_since, row.failures, row.opened_at) == (None, 0, None)
    assert row.last_answer_at is not None


def test_a_process_that_had_an_answer_later_than_the_silence_closes_it() -> None:
    mine, other = Process().ask(NoAnswer, times=3), Process()
    HostCircuit.objects.update(failing_since=from_now(-timedelta(seconds=30)))
    other.ask(None)  # before it has looked: it does not know of the circuit
    assert not other.look().is_open
    assert not mine.look().is_open


def test_the_last_answer_before_the_silence_is_remembered() -> None:
    mine = Process().ask(None)
    mine.ask(NoAnswer, times=3)
    assert HostCircuit.objects.get().last_answer_at is not None


def test_probes_are_few_and_projects_take_turns() -> None:
    mine = Process().ask(NoAnswer, times=3)
    assert not mine.circuits.may_probe(KEY, 1), "the last request has just failed"
    HostCircuit.objects.update(probe_at=from_now())
    assert mine.circuits.may_probe(KEY, 1)
    assert not mine.circuits.may_probe(KEY, 2)
    HostCircuit.objects.update(probe_at=from_now())
    assert not mine.circuits.may_probe(KEY, 1), "it is another project's turn"
    assert mine.circuits.may_probe(KEY, 2)
    HostCircuit.objects.update(probe_at=from_now(-timedelta(seconds=2)))
    assert mine.circuits.may_probe(KEY, 2), "nobody else came"


def test_an_operator_can_close_it() -> None:
    mine = Process().ask(NoAnswer, times=3)
    assert reset([HOST]) == 1
    assert not mine.look().is_open
    assert reset([HOST]) == 0


@pytest.mark.django_db(transaction=True)
def test_what_the_database_did_not_take_is_written_when_it_is_back() -> None:
    now = [0.0]
    mine = Process(lambda: now[0]).ask(NoAnswer, times=2, look=False)
    with read_only(), pytest.raises(DatabaseError):
        mine.look()
    mine.ask(NoAnswer, look=False)
    now[0] = 20.0
    reported = mine.circuits.sync()
    assert len(reported) == 3, "the watch over our own network hears of all of them, too"
    row = HostCircuit.objects.get()
    assert (row.failures, mine.is_open) == (3, True)
    assert row.failing_since is not None
    assert 19 < (clock.now() - row.failing_since).total_seconds() < 25, "since the first request, not since the write"


@pytest.mark.django_db(transaction=True)
def test_an_answer_that_the_database_did_not_take_closes_the_circuit_when_it_is_back() -> None:
    mine = Process().ask(NoAnswer, times=3).ask(None, look=False)
    with read_only(), pytest.raises(DatabaseError):
        mine.look()
    assert not mine.look().is_open
    assert HostCircuit.objects.get().failing_since is None


@pytest.mark.django_db(transaction=True)
def test_what_was_written_before_the_database_went_is_not_written_twice() -> None:
    mine = Process().ask(NoAnswer, look=False).ask(NoAnswer, host="b.test:80", look=False)
    HostCircuit.objects.create(host="b.test:80", key=host_key("b.test:80"))
    with refused("b.test:80"), pytest.raises(DatabaseError):
        mine.look()
    mine.look()
    assert list(HostCircuit.objects.order_by("host").values_list("failures", flat=True)) == [1, 1]


@pytest.mark.django_db(transaction=True)
def test_what_could_not_be_written_for_a_minute_is_forgotten() -> None:
    """The host may have answered others since."""
    now = [0.0]
    mine = Process(lambda: now[0]).ask(NoAnswer, times=3, look=False)
    with read_only(), pytest.raises(DatabaseError):
        mine.look()
    now[0] = 61.0
    assert mine.circuits.sync() == []
    assert not HostCircuit.objects.exists()
