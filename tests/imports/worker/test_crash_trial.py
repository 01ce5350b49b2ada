"""Work that is tried in a child process: whatever kills the child, this process learns no more than that it did."""

import time
from collections.abc import Callable

import pytest

from imports.worker.crash_trial import CrashTrial

pytestmark = pytest.mark.skipif("not hasattr(__import__('os'), 'fork')")


def ended(work: Callable[[], bool], *, seconds: float = 30, growth: int = 1 << 30) -> bool:
    crash_trial = CrashTrial(work, seconds=seconds, cpu_seconds=1, growth=growth)
    while (survived := crash_trial.survived()) is None:
        time.sleep(0.01)
    return survived


def spin() -> bool:
    while True:
        pass


def sleep() -> bool:
    time.sleep(60)
    return True


def fill_memory() -> bool:
    return bool([bytes(1 << 24) for _ in range(64)])


def fail() -> bool:
    raise ValueError


def test_what_goes_well_is_survived() -> None:
    assert ended(lambda: True)
    assert not ended(lambda: False)


@pytest.mark.parametrize("work", [spin, fill_memory, fail])
def test_what_takes_too_much_or_fails_is_not_survived(work: Callable[[], bool]) -> None:
    started = time.monotonic()
    assert not ended(work, growth=1 << 28)
    assert time.monotonic() - started < 25


def test_what_takes_too_long_is_ended() -> None:
    assert not ended(sleep, seconds=0.2)


def test_it_can_be_ended_before() -> None:
    crash_trial = CrashTrial(sleep, seconds=60, cpu_seconds=1, growth=1 << 30)
    assert crash_trial.survived() is None
    crash_trial.stop()
