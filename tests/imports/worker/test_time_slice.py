"""When one call of a worker claims: for some seconds, and longer while slow downloads are in flight."""

from typing import Any

import pytest

from imports.worker.time_slice import QUICK_ONLY_SECONDS, Phase, TimeSlice

SECONDS = 5.0


class Call:
    """A call whose clock a test turns."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.in_flight: set[int] = set()
        self.trying = False
        self.slice = TimeSlice(SECONDS, self.in_flight, lambda: self.trying, lambda: self.now)

    def after(self, seconds: float) -> Phase:
        self.now = 1_000.0 + seconds
        return self.slice.phase()


@pytest.fixture
def call(settings: Any) -> Call:
    settings.MAX_DOWNLOAD_SECONDS, settings.IMPORT_SUSPECT_CPU_SECONDS = 900.0, 15
    return Call()


def test_it_claims_for_some_seconds_and_then_ends_what_it_has(call: Call) -> None:
    assert [call.after(moment) for moment in (0, 4.9, 5, 50)] == [Phase.CLAIM, Phase.CLAIM, Phase.FINISH, Phase.FINISH]
    assert call.after(QUICK_ONLY_SECONDS) is Phase.RELEASE


def test_while_something_slow_is_in_flight_it_goes_on_at_quick_hosts(call: Call) -> None:
    call.in_flight.add(1)
    assert call.after(5) is Phase.CLAIM_AT_QUICK_HOSTS
    call.in_flight.add(2)
    call.in_flight.remove(1)
    assert call.after(6) is Phase.FINISH


def test_while_a_large_file_is_in_flight_others_are_not_kept_waiting(call: Call) -> None:
    call.in_flight.add(1)
    moments = [5, 59, 60, 64, 66, 119, 121, 127]
    quick = Phase.CLAIM_AT_QUICK_HOSTS
    assert [call.after(moment) for moment in moments] == [
        quick, quick, Phase.CLAIM, Phase.CLAIM, quick, quick, Phase.CLAIM, quick,
    ]  # fmt: skip


def test_a_call_ends_however_many_large_files_there_are(call: Call) -> None:
    call.in_flight.add(1)
    call.after(5)
    assert call.after(915) is Phase.RELEASE


def test_a_trial_of_a_large_file_is_not_given_up_after_a_minute(call: Call) -> None:
    call.trying = True
    assert [call.after(moment) for moment in (5, 61)] == [Phase.FINISH, Phase.CLAIM]
    assert call.after(915) is Phase.RELEASE
