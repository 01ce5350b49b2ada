"""Circuits are shared: what one process met, the others act on, and any answer closes them."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from livingdocs_import.db.clock import from_now
from livingdocs_import.dialing import NoAnswer
from livingdocs_import.egress.circuits import Circuits, reset
from livingdocs_import.egress.host_limits import HostLimits, host_key
from livingdocs_import.egress.models import HostCircuit
from livingdocs_import.errors import Failure

pytestmark = pytest.mark.django_db
HOST = "a.test:80"
KEY = host_key(HOST)


class Process:
    """One worker process's view."""

    def __init__(self) -> None:
        self.limits = HostLimits()
        self.circuits = Circuits(self.limits)

    def ask(self, outcome: Callable[[], Exception] | None = None, times: int = 1) -> "Process":
        for _ in range(times):
            try:
                with self.limits.request(HOST, wait_seconds=0.0, first=True):
                    if outcome is not None:
                        raise outcome()
            except Failure:
                pass
        return self.look()

    def look(self) -> "Process":
        self.circuits._look_at = 0.0
        self.circuits.sync()
        return self

    @property
    def is_open(self) -> bool:
        return KEY in self.circuits.open_keys


def test_nothing_is_written_for_hosts_that_answer() -> None:
    Process().ask(None, times=5)
    assert not HostCircuit.objects.exists()


def test_one_failure_is_noted_and_three_open_the_circuit_for_everybody() -> None:
    mine, other = Process(), Process()
    mine.ask(NoAnswer)
    assert not mine.is_open
    mine.ask(NoAnswer, times=2)
    assert mine.is_open
    assert other.look().is_open


def test_an_answer_to_anybody_closes_it_for_everybody() -> None:
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
