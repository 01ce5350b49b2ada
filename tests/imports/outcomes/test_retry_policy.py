"""What a failure costs: a try, time, or nothing (docs/specification/attempts.md)."""

import pytest

from imports.handlers.temporary_files import DiskFull
from imports.outcomes.retry_policy import (
    AtSilentHost,
    Decision,
    End,
    HostFacts,
    Policy,
    Retry,
    Wait,
    behind_open_circuit,
    decide,
    is_alone,
    is_given_up,
)
from livingdocs_import.egress.errors import NoAnswer, NoConnection
from livingdocs_import.egress.host_limits import HostBusy, HostUnavailable
from livingdocs_import.errors import Failure, Rejected, TransientFailure
from media_library.storage import StorageFailed

POLICY = Policy(pauses=(5, 30, 120), dead_host_seconds=60)
NOTHING = HostFacts()
STUMBLE = TransientFailure("HTTP 503")
PATIENT = TransientFailure("HTTP 429", retry_after=90)


@pytest.mark.parametrize(
    ("failure", "attempts", "host", "expected"),
    [
        (Rejected("no", "no", cause="metadata"), 0, NOTHING, End()),
        # the origin stumbled: tries, spread over minutes
        (STUMBLE, 0, NOTHING, Retry(5, counted=True)),
        (STUMBLE, 1, NOTHING, Retry(30, counted=True)),
        (STUMBLE, 2, NOTHING, Retry(120, counted=True)),
        (STUMBLE, 3, NOTHING, End()),
        (PATIENT, 0, NOTHING, Retry(90, counted=True)),
        (PATIENT, 2, NOTHING, Retry(120, counted=True)),
        # no request: no attempt
        (HostBusy(), 3, NOTHING, Retry(1, counted=False)),
        # silence: a minute, whatever the number of tries
        (NoAnswer(), 3, HostFacts(asked_for=1), Retry(2, counted=False)),
        (NoConnection(), 3, HostFacts(asked_for=30), Retry(15, counted=False)),
        (NoAnswer(), 3, HostFacts(asked_for=47.5), Retry(2.5, counted=False)),  # hangs once more, and ends in time
        (NoConnection(), 3, HostFacts(asked_for=55), Retry(2, counted=False)),
        (NoConnection(), 3, HostFacts(asked_for=59), Retry(1, counted=False)),
        (NoConnection(), 0, HostFacts(asked_for=60), End("host-unavailable")),
        (NoAnswer(), 0, HostFacts(asked_for=600), End("host-unavailable")),
        # the host has answered another request since: a temporary failure
        (NoAnswer(), 0, NOTHING, Retry(5, counted=True)),
        (NoAnswer(), 3, NOTHING, End()),
        (NoAnswer(), 1, HostFacts(asked_for=600, answered_during_job=True), Retry(30, counted=True)),
        # it did answer during the job, and its circuit is open now: waited for, without a try
        (NoAnswer(), 3, HostFacts(5, answered_during_job=True, open=True, failing_for=20), Retry(2, counted=False)),
        (NoAnswer(), 0, HostFacts(5, True, True, 900), End("host-unavailable")),
        (HostUnavailable(), 0, NOTHING, Retry(5, counted=True)),
        (HostUnavailable(), 3, NOTHING, End()),
    ],
)
def test_what_a_failure_means(failure: Failure, attempts: int, host: HostFacts, expected: Decision) -> None:
    assert decide(failure, attempts=attempts, host=host, policy=POLICY) == expected


def test_a_part_of_our_own_that_is_away_costs_no_try() -> None:
    away = frozenset({"storage", "network"})
    failed = StorageFailed("the file could not be stored")
    assert decide(failed, attempts=3, host=NOTHING, policy=POLICY, awaited=away) == Wait("storage")
    silent = decide(NoAnswer(), attempts=3, host=HostFacts(asked_for=90), policy=POLICY, awaited=away)
    assert silent == Wait("network")


def test_a_storage_that_takes_others_but_not_this_one_costs_a_try() -> None:
    failed = StorageFailed("the file could not be stored")
    decision = decide(failed, attempts=0, host=NOTHING, policy=POLICY, awaited=frozenset({"storage"}), alone=True)
    assert decision == Retry(5, counted=True)


def test_a_part_that_is_not_worth_waiting_for_any_more_fails_its_items() -> None:
    failed = StorageFailed("the file could not be stored")
    assert decide(failed, attempts=0, host=NOTHING, policy=POLICY) == End()


@pytest.mark.parametrize(
    ("too_large", "attempts", "no_room_for", "expected"),
    [
        # the disk was full: no try, ever longer pauses, given up after hours
        (False, 3, 0, Retry(1, counted=False, no_room=True)),
        (False, 3, 20, Retry(10, counted=False, no_room=True)),
        (False, 0, 3600, Retry(120, counted=False, no_room=True)),
        (False, 0, 6 * 3600 - 30, Retry(30, counted=False, no_room=True)),
        (False, 0, 6 * 3600, End()),
        # the file had the disk to itself, and did not fit
        (True, 0, 0, Retry(5, counted=True, no_room=True)),
        (True, 2, 40, Retry(120, counted=True, no_room=True)),
        (True, 3, 200, End()),
    ],
)
def test_what_becomes_of_a_file_for_which_there_was_no_room(
    too_large: bool, attempts: int, no_room_for: float, expected: Decision
) -> None:
    failure = DiskFull(too_large=too_large)
    decision = decide(failure, attempts=attempts, host=NOTHING, policy=POLICY, no_room_for=no_room_for)
    assert decision == expected


@pytest.mark.parametrize(
    ("asked_for", "failing_for", "answered", "expected"),
    [
        (None, 5, False, AtSilentHost.ASK),
        (None, 5000, True, AtSilentHost.ASK),  # a host known dead is still asked once a job
        (10, 15, False, AtSilentHost.PROBE),
        (60, 65, False, AtSilentHost.END),
        (60, 65, True, AtSilentHost.PROBE),  # it answered since the job was accepted: healthy items wait for it
        (600, 899, True, AtSilentHost.PROBE),
        (10, 5000, False, AtSilentHost.PROBE),  # a job that has just begun has its minute
        (600, 900, True, AtSilentHost.END),
    ],
)
def test_what_becomes_of_items_behind_an_open_circuit(
    asked_for: float | None, failing_for: float, answered: bool, expected: AtSilentHost
) -> None:
    host = HostFacts(asked_for, answered, open=True, failing_for=failing_for)
    assert behind_open_circuit(host, POLICY) is expected


@pytest.mark.parametrize(
    ("download", "losses", "alone", "given_up"),
    [
        (False, 0, False, False),
        (False, 1, True, False),  # lost with others in hand; alone from now on
        (False, 3, True, False),
        (False, 4, True, True),  # three times alone
        (True, 1, False, False),
        (True, 3, False, False),  # a child process has survived it each time, so it went on with others
        (True, 4, True, False),
        (True, 5, True, False),
        (True, 6, True, True),
    ],
)
def test_what_becomes_of_an_item_whose_workers_were_lost(
    download: bool, losses: int, alone: bool, given_up: bool
) -> None:
    """FLT-22"""
    assert is_alone(losses, download=download) == alone
    assert is_given_up(losses, download=download) == given_up
