"""Hosts that hang rest; hosts that answer are asked by a few at a time."""

import threading
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from livingdocs_import.dialing import AddressNotAllowed, NoAnswer, NoConnection
from livingdocs_import.errors import Failure, PermanentFailure, TransientFailure
from livingdocs_import.hosts import HostBusy, HostResting, Hosts
from tests.origin import Origin, Reply


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hosts(clock: Clock) -> Hosts:
    return Hosts(clock=clock)


def ask(hosts: Hosts, name: str, outcome: Callable[[], Exception] | None = None) -> None:
    """Ask a host; how it ends does not concern us here, unless it was not asked at all."""
    try:
        with hosts.turn(name, wait_seconds=0.0):
            if outcome is not None:
                raise outcome()
    except (HostResting, HostBusy):
        raise
    except (Failure, OSError):
        pass


def rest_of(hosts: Hosts, name: str) -> float:
    with pytest.raises(HostResting) as resting:
        ask(hosts, name)
    assert resting.value.detail == "the server is not answering"
    assert resting.value.transient
    assert resting.value.retry_after is not None
    return resting.value.retry_after


def test_a_host_rests_after_three_failures_in_a_row(hosts: Hosts) -> None:
    for outcome in (NoAnswer, NoConnection, NoAnswer):
        ask(hosts, "a.test", outcome)
    assert rest_of(hosts, "a.test") == 60
    ask(hosts, "b.test")


@pytest.mark.parametrize(
    "answer",
    [None, lambda: PermanentFailure("HTTP 404"), lambda: TransientFailure("HTTP 503")],
    ids=["200", "404", "503"],
)
def test_any_answer_starts_the_count_anew(hosts: Hosts, answer: Callable[[], Exception] | None) -> None:
    for outcome in (NoAnswer, NoAnswer, answer, NoAnswer, NoAnswer):
        ask(hosts, "a.test", outcome)
    ask(hosts, "a.test")


@pytest.mark.parametrize("ours", [AddressNotAllowed, lambda: OSError("disk full")], ids=["not allowed", "disk full"])
def test_what_the_host_has_nothing_to_do_with_counts_neither_way(hosts: Hosts, ours: Callable[[], Exception]) -> None:
    for outcome in (NoAnswer, NoAnswer, ours, ours, ours):
        ask(hosts, "a.test", outcome)
    ask(hosts, "a.test", NoAnswer)
    assert rest_of(hosts, "a.test") == 60


def test_rests_double_up_to_ten_minutes_until_the_host_answers(hosts: Hosts, clock: Clock) -> None:
    for _ in range(3):
        ask(hosts, "a.test", NoAnswer)
    rests = []
    for _ in range(6):
        rests.append(rest_of(hosts, "a.test"))
        clock.now += rests[-1]
        ask(hosts, "a.test", NoAnswer)
    assert rests == [60, 120, 240, 480, 600, 600]
    clock.now += 600
    ask(hosts, "a.test")
    for _ in range(3):
        ask(hosts, "a.test", NoAnswer)
    assert rest_of(hosts, "a.test") == 60


def test_an_answer_ends_the_doubling_even_while_others_are_asking(hosts: Hosts, clock: Clock) -> None:
    other = hosts.turn("a.test", wait_seconds=0.0)
    other.__enter__()
    for outcome in (NoAnswer, NoAnswer, NoAnswer):
        ask(hosts, "a.test", outcome)
    clock.now += rest_of(hosts, "a.test")
    for outcome in (None, NoAnswer, NoAnswer, NoAnswer):
        ask(hosts, "a.test", outcome)
    assert rest_of(hosts, "a.test") == 60
    other.__exit__(None, None, None)


def test_several_that_time_out_together_are_one_rest(hosts: Hosts) -> None:
    turns = [hosts.turn("a.test", wait_seconds=0.0) for _ in range(6)]
    for turn in turns:
        turn.__enter__()
    for turn in turns:
        assert not turn.__exit__(NoAnswer, NoAnswer(), None)
    assert rest_of(hosts, "a.test") == 60


def test_the_seventh_waits_and_gives_up(hosts: Hosts) -> None:
    turns = [hosts.turn("a.test", wait_seconds=0.0) for _ in range(6)]
    for turn in turns:
        turn.__enter__()
    started = time.monotonic()
    with pytest.raises(HostBusy) as busy, hosts.turn("a.test", wait_seconds=0.2):
        pass
    assert 0.15 < time.monotonic() - started < 3
    assert busy.value.transient
    ask(hosts, "b.test")
    for turn in turns:
        turn.__exit__(None, None, None)
    ask(hosts, "a.test")


def test_who_waits_is_sent_away_when_the_host_begins_to_rest() -> None:
    hosts = Hosts(at_once=1, patience=1)
    outcome: list[Exception] = []

    def wait() -> None:
        try:
            with hosts.turn("a.test", wait_seconds=5.0):
                pass
        except HostResting as resting:
            outcome.append(resting)

    waiting = threading.Thread(target=wait)
    turn = hosts.turn("a.test", wait_seconds=0.0)
    turn.__enter__()
    waiting.start()
    time.sleep(0.1)
    turn.__exit__(NoAnswer, NoAnswer(), None)
    waiting.join(2)
    assert [type(error) for error in outcome] == [HostResting]


def test_ten_thousand_dead_hosts_are_not_remembered_for_ever(hosts: Hosts) -> None:
    for number in range(10_000):
        ask(hosts, f"{number}.test", NoConnection)
        ask(hosts, f"alive-{number}.test")
    assert len(hosts._hosts) <= 1_000


# --- With real downloads


def test_a_host_that_hangs_is_soon_left_alone(origin: Origin, make_fetcher: Any) -> None:
    fetcher = make_fetcher(read_seconds=0.1)
    url = origin.reply("/a", Reply(wait=9))
    for _ in range(3):
        with pytest.raises(NoAnswer):
            fetcher.fetch(url, BytesIO(), max_bytes=1)
    started = time.monotonic()
    for _ in range(100):
        with pytest.raises(HostResting):
            fetcher.fetch(url, BytesIO(), max_bytes=1)
    assert time.monotonic() - started < 3
    assert len(origin.requests) == 3


def test_no_more_than_six_downloads_from_one_host_run_side_by_side(origin: Origin, make_fetcher: Any) -> None:
    fetcher = make_fetcher()
    url = origin.reply("/a", Reply(b"a", wait=0.2))
    threads = [
        threading.Thread(target=fetcher.fetch, args=(url, BytesIO()), kwargs={"max_bytes": 10}) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(origin.requests) == 20
    assert origin.most_at_once["/a"] == 6
