"""A host gets as many requests at the same time as it answers well; slow ones have a few slots of their own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from livingdocs_import.egress.circuits import WINDOW_SECONDS, opens
from livingdocs_import.egress.errors import AddressNotAllowed, NoAnswer, NoConnection
from livingdocs_import.egress.host_limits import (
    MAX_LIMIT,
    START_LIMIT,
    HostBusy,
    HostLimits,
    HostUnavailable,
    host_key,
)
from livingdocs_import.errors import Failure, PermanentFailure, TransientFailure

HOST = "a.test:80"
KEY = host_key(HOST)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limits(clock: Clock) -> HostLimits:
    return HostLimits(clock=clock)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def ask(limits: HostLimits, outcome: Callable[[], Exception] | None = None, host: str = HOST) -> None:
    try:
        with limits.request(host, wait_seconds=0.0, first=True):
            if outcome is not None:
                raise outcome()
    except (Failure, OSError):
        pass


def test_a_new_host_has_six_slots(limits: HostLimits, stack: ExitStack) -> None:
    assert limits.slots(KEY) == START_LIMIT
    for _ in range(6):
        stack.enter_context(limits.request(HOST, wait_seconds=0.0, first=True))
    assert limits.slots(KEY) == 0


def test_reserved_slots_are_taken(limits: HostLimits) -> None:
    assert limits.slots(KEY, taken=4) == 2


def test_a_host_that_answers_quickly_gets_more_and_more(limits: HostLimits) -> None:
    assert not limits.is_quick(KEY)
    for _ in range(100):
        ask(limits)
    assert limits.slots(KEY) == MAX_LIMIT
    assert limits.is_quick(KEY)


def test_a_host_that_takes_long_stays_where_it_is(limits: HostLimits, clock: Clock) -> None:
    for _ in range(10):
        with limits.request(HOST, wait_seconds=0.0, first=True):
            clock.now += 1.5
    assert limits.slots(KEY) == START_LIMIT


def test_a_host_that_does_not_answer_gets_fewer_but_never_none(limits: HostLimits) -> None:
    for _ in range(10):
        ask(limits, NoAnswer)
    assert limits.slots(KEY) == 2


def test_hanging_requests_leave_slots_for_quick_ones(limits: HostLimits, clock: Clock, stack: ExitStack) -> None:
    for _ in range(6):
        stack.enter_context(limits.request(HOST, wait_seconds=0.0, first=True))
    clock.now += 3
    assert limits.slots(KEY) == 4


def test_a_redirect_waits_for_its_place_and_gives_up(limits: HostLimits, stack: ExitStack) -> None:
    for _ in range(6):
        stack.enter_context(limits.request(HOST, wait_seconds=0.0, first=True))
    with pytest.raises(HostBusy) as busy:
        stack.enter_context(limits.request(HOST, wait_seconds=0.05, first=False))
    assert busy.value.transient


def test_a_redirect_to_a_host_whose_circuit_is_open_is_not_followed(limits: HostLimits, stack: ExitStack) -> None:
    limits.close_to([HOST])
    stack.enter_context(limits.request(HOST, wait_seconds=0.0, first=False))  # one finds out whether it is back
    with pytest.raises(HostUnavailable) as unavailable:
        stack.enter_context(limits.request(HOST, wait_seconds=0.0, first=False))
    assert unavailable.value.endpoint == HOST
    stack.enter_context(limits.request(HOST, wait_seconds=0.0, first=True))  # a probe


def test_three_requests_without_an_answer_are_a_failure_of_the_host(limits: HostLimits) -> None:
    ask(limits, NoAnswer)
    ask(limits, NoConnection)
    assert not opens(limits, HOST)
    ask(limits, NoAnswer)
    assert opens(limits, HOST)


@pytest.mark.parametrize(
    "answer",
    [None, lambda: PermanentFailure("HTTP 404"), lambda: TransientFailure("HTTP 503")],
    ids=["200", "404", "503"],
)
def test_any_answer_within_the_window_speaks_for_the_host(
    limits: HostLimits, clock: Clock, answer: Callable[[], Exception] | None
) -> None:
    """A host of which a tenth hangs goes on handing out the rest."""
    ask(limits, answer)
    for _ in range(5):
        ask(limits, NoAnswer)
    assert not opens(limits, HOST)
    clock.now += WINDOW_SECONDS
    assert opens(limits, HOST)


@pytest.mark.parametrize("ours", [AddressNotAllowed, lambda: OSError("disk full")], ids=["not allowed", "disk full"])
def test_what_the_host_has_nothing_to_do_with_counts_neither_way(
    limits: HostLimits, ours: Callable[[], Exception]
) -> None:
    for outcome in (NoAnswer, NoAnswer, ours, ours, ours):
        ask(limits, outcome)
    assert not opens(limits, HOST)
    ask(limits, NoAnswer)
    assert opens(limits, HOST)


def test_what_was_met_is_handed_over_once(limits: HostLimits) -> None:
    ask(limits, NoAnswer)
    ask(limits, lambda: NoConnection(reached=True), "b.test:80")
    ask(limits, None, "c.test:80")
    assert [(request.host, request.reached) for request in limits.take_unanswered()] == [
        (HOST, True),
        ("b.test:80", True),
    ]
    assert limits.take_answered() == {"c.test:80"}
    assert (limits.take_unanswered(), limits.take_answered()) == ([], set())


def test_ten_thousand_dead_hosts_are_not_remembered_for_ever(limits: HostLimits) -> None:
    for number in range(10_000):
        ask(limits, NoConnection, f"{number}.test:80")
    assert limits.hosts_remembered <= 2_001


def test_keys_are_positive_and_fit_a_column() -> None:
    assert all(0 < host_key(f"{number}.test:80") < 2**63 for number in range(1000))
