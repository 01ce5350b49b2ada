"""Whether a person is needed: the rules, their order, and the sentence."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from imports.monitoring.assessment import Rule, assess
from imports.monitoring.facts import (
    Allowance,
    Away,
    EndingToken,
    Facts,
    FailureCount,
    Queue,
    ReceiverTrouble,
    Sweeps,
    SwitchedOff,
    Workers,
)
from media_library.storage.health import StorageState


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


SINCE = datetime(2026, 11, 29, 14, 15, tzinfo=UTC)
MOVING = Queue(waits=minutes(38), taken=timedelta(0), depth=1026)
STUCK = Queue(waits=minutes(6), taken=minutes(6), depth=10)
NO_WORKER = Workers(alive=0, since=minutes(6))
REFUSED = FailureCount("http-403", "The origin refused the address (403)", "a.example", number=812, since=minutes(240))
FULL = Allowance("images", 5000, 5000, "Gazette", 7)
NEARLY = Allowance("images", 4612, 5000, "Gazette", 7)
GIVEN_UP = ReceiverTrouble("https://api.example/hook", "Gazette", given_up=14, again=9, span=timedelta(hours=25))
TOKEN = EndingToken(3, "feed", "Gazette", timedelta(days=3))


@pytest.mark.parametrize(
    ("facts", "rules"),
    [
        ({}, []),
        ({"imports": MOVING}, []),
        ({"imports": STUCK}, [Rule.QUEUE]),
        ({"imports": Queue(waits=minutes(3.9), taken=None, depth=1)}, []),
        ({"imports": Queue(waits=minutes(60), taken=minutes(3.9), depth=1)}, []),
        ({"imports": Queue(waits=minutes(4.1), taken=None, depth=1)}, [Rule.QUEUE]),
        ({"imports": Queue(waits=None, taken=minutes(60), depth=5)}, []),
        ({"webhooks": STUCK}, [Rule.QUEUE]),
        ({"imports": Queue(waits=minutes(9), taken=minutes(3.9), depth=1)}, []),
        ({"imports": Queue(waits=minutes(3.9), taken=minutes(9), depth=1)}, []),
        ({"imports": STUCK, "webhooks": STUCK}, [Rule.QUEUE, Rule.QUEUE]),
        ({"sweeps": Sweeps(minutes(2.1))}, [Rule.HOUSEKEEPING]),
        ({"sweeps": Sweeps(minutes(1.9))}, []),
        ({"sweeps": Sweeps(None)}, [Rule.HOUSEKEEPING]),
        ({"away": [Away("storage", SINCE, minutes(5))]}, [Rule.STORAGE]),
        ({"away": [Away("network", SINCE, minutes(5))]}, [Rule.STORAGE]),
        ({"storage": StorageState(error="no answer in time")}, [Rule.STORAGE]),
        ({"storage": StorageState(error="x"), "away": [Away("storage", SINCE, minutes(5))]}, [Rule.STORAGE]),
        ({"allowances": [FULL]}, [Rule.QUOTA]),
        ({"allowances": [replace(FULL, used=5001)]}, [Rule.QUOTA]),
        ({"allowances": [Allowance("images", 5000, None)]}, []),
        ({"allowances": [Allowance("images", 0, 0)]}, [Rule.QUOTA]),
        ({"receivers": [GIVEN_UP]}, [Rule.WEBHOOKS]),
        ({"receivers": [replace(GIVEN_UP, given_up=0)]}, []),
        ({"switched_off": [SwitchedOff("times/cms", 7, True, timedelta(days=6))]}, [Rule.RECEIVER]),
        ({"switched_off": [SwitchedOff("times/cms", 7, False, timedelta(days=6))]}, []),
        ({"failures": [REFUSED]}, [Rule.FAILURES]),
        ({"failures": [replace(REFUSED, number=49)]}, []),
        ({"failures": [replace(REFUSED, number=50)]}, [Rule.FAILURES]),
        ({"failures": [replace(REFUSED, number=12, lately=12)], "ended_in_hour": 240}, [Rule.FAILURES]),
        ({"failures": [replace(REFUSED, number=12, lately=12)], "ended_in_hour": 241}, []),
        ({"failures": [replace(REFUSED, number=9, lately=9)], "ended_in_hour": 20}, []),
    ],
)
def test_what_needs_a_person_now(facts: dict[str, Any], rules: list[Rule]) -> None:
    concerns = assess(Facts(**facts)).concerns
    assert [concern.rule for concern in concerns] == rules
    assert not any(concern.soon for concern in concerns)


@pytest.mark.parametrize(
    ("facts", "rules"),
    [
        ({"allowances": [NEARLY]}, [Rule.QUOTA]),
        ({"allowances": [replace(NEARLY, used=4000)]}, [Rule.QUOTA]),
        ({"allowances": [replace(NEARLY, used=3999)]}, []),
        ({"allowances": [replace(NEARLY, used=4999)]}, [Rule.QUOTA]),
        ({"ending_tokens": [TOKEN]}, [Rule.CLIENT]),
        ({"storage": StorageState(free=9, total=100)}, [Rule.STORAGE]),
        ({"storage": StorageState(free=10, total=100)}, []),
        ({"storage": StorageState(free=None, total=None)}, []),
        ({"import_workers": NO_WORKER}, [Rule.WORKERS]),
        ({"import_workers": NO_WORKER, "webhook_workers": NO_WORKER}, [Rule.WORKERS, Rule.WORKERS]),
        ({"import_workers": NO_WORKER, "imports": Queue(waits=minutes(3), depth=1)}, [Rule.WORKERS]),
    ],
)
def test_what_needs_a_person_soon(facts: dict[str, Any], rules: list[Rule]) -> None:
    concerns = assess(Facts(**facts)).concerns
    assert [concern.rule for concern in concerns] == rules
    assert all(concern.soon for concern in concerns)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({}, "All is well. Nothing needs a person."),
        ({"imports": MOVING}, "All is well. Nothing needs a person."),
        ({"open_failures": 1}, "No import is running. 1 failed item can wait."),
        ({"imports": MOVING, "open_failures": 1200}, "Imports are moving. 1,200 failed items can wait."),
        ({"imports": Queue(depth=5), "open_failures": 12}, "Imports wait. 12 failed items can wait."),
        ({"allowances": [NEARLY]}, "No import is running. One thing will need a person soon."),
        ({"imports": MOVING, "allowances": [FULL]}, "Imports are moving. One thing needs a person."),
        ({"imports": MOVING, "allowances": [FULL, NEARLY]}, "Imports are moving. One thing needs a person."),
        ({"allowances": [FULL], "receivers": [GIVEN_UP]}, "No import is running. Two things need a person."),
        ({"allowances": [FULL] * 11}, "No import is running. 11 things need a person."),
        ({"imports": STUCK}, "Nothing moves: no worker has taken anything for 6 min."),
        (
            {"imports": Queue(waits=minutes(9), taken=minutes(6), depth=10)},
            "Nothing moves: no worker has taken anything for 6 min.",
        ),
        (
            {"imports": Queue(waits=minutes(6), taken=minutes(9), depth=10)},
            "Nothing moves: no worker has taken anything for 6 min.",
        ),
        (
            {"imports": Queue(waits=minutes(9), taken=None, depth=10)},
            "Nothing moves: no worker has taken anything for 9 min.",
        ),
        (
            {"imports": STUCK, "allowances": [FULL]},
            "Nothing moves: no worker has taken anything for 6 min. One more thing needs a person.",
        ),
        (
            {"imports": STUCK, "allowances": [FULL, FULL]},
            "Nothing moves: no worker has taken anything for 6 min. Two more things need a person.",
        ),
        ({"imports": MOVING, "webhooks": STUCK}, "Imports are moving. One thing needs a person."),
    ],
)
def test_the_sentence(facts: dict[str, Any], sentence: str) -> None:
    assert assess(Facts(**facts)).sentence == sentence


def test_three_concerns_are_shown_those_that_are_red_first_in_the_order_of_the_rules() -> None:
    answer = assess(
        Facts(
            ending_tokens=[TOKEN],
            failures=[REFUSED],
            receivers=[GIVEN_UP],
            allowances=[NEARLY, FULL],
            storage=StorageState(error="x"),
        )
    )
    assert [concern.rule for concern in answer.concerns] == [Rule.STORAGE, Rule.QUOTA, Rule.WEBHOOKS]
    assert answer.more == 1, "failures; of those that can wait a little, none is counted"


@pytest.mark.parametrize(
    ("facts", "shown", "more"),
    [
        ({"allowances": [FULL] * 3}, 3, 0),
        ({"allowances": [FULL] * 5}, 3, 2),
        ({"allowances": [FULL] * 5, "ending_tokens": [TOKEN]}, 3, 2),
        ({"allowances": [FULL] * 3, "ending_tokens": [TOKEN]}, 3, 1),
        ({"allowances": [FULL] * 2, "ending_tokens": [TOKEN] * 3}, 3, 2),
        ({"ending_tokens": [TOKEN] * 2}, 2, 0),
    ],
)
def test_how_many_more_there_are(facts: dict[str, Any], shown: int, more: int) -> None:
    """Those that need a person now, and what can wait a little only where all of these are shown."""
    answer = assess(Facts(**facts))
    assert (len(answer.concerns), answer.more) == (shown, more)


@pytest.mark.parametrize(
    ("since", "workers", "text"),
    [
        (None, {}, "has never run: the logs of the workers say why"),
        (minutes(3), {}, "has not run for 3 min: the logs of the workers say why"),
        (minutes(3), {"import_workers": NO_WORKER}, "has not run for 3 min: the logs of the workers say why"),
        (minutes(3), {"webhook_workers": NO_WORKER}, "has not run for 3 min: the logs of the workers say why"),
        (None, {"import_workers": NO_WORKER, "webhook_workers": NO_WORKER}, "has never run: no worker is running"),
    ],
)
def test_why_housekeeping_does_not_run(since: timedelta | None, workers: dict[str, Workers], text: str) -> None:
    """Of workers that are missing, nothing else is said then."""
    (concern,) = assess(Facts(sweeps=Sweeps(since), **workers)).concerns  # type: ignore[arg-type]
    assert (concern.subject, concern.text) == ("Housekeeping", text)


def test_what_is_nearly_full_is_never_shown_as_full() -> None:
    (concern,) = assess(Facts(allowances=[replace(NEARLY, used=4999)])).concerns
    assert concern.text == "has used 99 % of its 5,000 images in 24 hours"
    assert [replace(NEARLY, used=used).percent for used in (0, 4000, 4999, 5000, 6000)] == [0, 80, 99, 100, 100]


def test_a_receiver_with_nothing_that_waits_is_no_receiver_that_is_tried_again() -> None:
    (concern,) = assess(Facts(receivers=[replace(GIVEN_UP, again=0, span=None)])).concerns
    assert concern.text == "has not taken webhooks: 14 given up"


def test_a_concern_says_what_it_is_about() -> None:
    answer = assess(Facts(failures=[REFUSED], receivers=[GIVEN_UP]))
    assert [f"{concern.subject} {concern.text}" for concern in answer.concerns] == [
        "https://api.example/hook has not taken webhooks for 25 h: 14 given up, 9 wait for another try",
        "a.example 812 items failed in 4 h: The origin refused the address (403)",
    ]


def test_a_stuck_queue_without_workers_is_distinguished_from_workers_that_take_nothing() -> None:
    (missing,) = assess(Facts(imports=STUCK, import_workers=NO_WORKER)).concerns
    assert "Is one running" in missing.text
    (deaf,) = assess(Facts(imports=STUCK)).concerns
    assert "do they reach the broker" in deaf.text
