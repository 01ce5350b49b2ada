"""Guessing access tokens is stopped; a valid one is accepted whatever others are trying."""

from collections.abc import Iterator
from typing import Any

import pytest

from livingdocs_import.api import token_guesses
from livingdocs_import.api.token_guesses import Guesses
from livingdocs_import.models import AccessToken
from tests.api_client import Caller


@pytest.fixture(autouse=True)
def _two_guesses(settings: Any) -> Iterator[None]:
    settings.WRONG_TOKENS_PER_MINUTE = 2
    with token_guesses.guesses.fresh():
        yield


def guess(caller: Caller, token: str = "ld_guessed", **meta: str) -> Any:
    return caller.client.get("/api/v1/mediaLibrary/abc", headers={"Authorization": f"Bearer {token}"}, **meta)


def test_after_too_many_wrong_tokens_the_answer_is_a_429_that_says_when(times: Caller) -> None:
    assert [guess(times).status_code for _ in range(2)] == [401, 401]
    answer = guess(times)
    seconds = answer.headers["Retry-After"]
    assert 1 <= int(seconds) <= 60
    assert (answer.status_code, answer.json()) == (
        429,
        {
            "status": 429,
            "error": "Usage Limit Exceeded",
            "error_details": {"access_token": f"Too many invalid access tokens. Try again in {seconds} seconds."},
        },
    )


def test_a_valid_token_is_never_braked(times: Caller) -> None:
    for _ in range(5):
        guess(times)
    assert times.get("mediaLibrary/abc").status_code == 404
    assert guess(times).status_code == 429


def test_another_address_is_not_braked(times: Caller, settings: Any) -> None:
    for _ in range(3):
        guess(times)
    assert guess(times, REMOTE_ADDR="198.51.100.1").status_code == 401
    assert guess(times, HTTP_X_FORWARDED_FOR="198.51.100.2").status_code == 429, "anybody can say that"
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    assert guess(times, HTTP_X_FORWARDED_FOR="198.51.100.2").status_code == 401


def test_only_unknown_tokens_count_as_guesses(times: Caller) -> None:
    """A client with an expired token, or without one, does not count as guessing."""
    AccessToken.objects.update(suspended_at="2026-01-01T00:00:00Z")
    answers = [times.get("mediaLibrary/abc").status_code for _ in range(4)]
    answers += [times.client.get("/api/v1/mediaLibrary/abc").status_code for _ in range(4)]
    assert answers == [401] * 8


def test_the_brake_can_be_switched_off(times: Caller, settings: Any) -> None:
    settings.WRONG_TOKENS_PER_MINUTE = 0
    assert [guess(times).status_code for _ in range(5)] == [401] * 5


def test_guesses_are_forgotten_when_their_minute_is_over() -> None:
    guesses = Guesses(window=60, most_addresses=10)
    assert [guesses.note("a", now) for now in (0, 10, 59)] == [(1, 60), (2, 50), (3, 1)]
    assert guesses.note("a", 60) == (1, 60)


def test_however_many_addresses_guess_a_bounded_number_is_remembered() -> None:
    guesses = Guesses(window=60, most_addresses=10)
    for number in range(1000):
        guesses.note(str(number), number / 1000)
    assert len(guesses) == 10
    assert guesses.note("999", 1)[0] == 2
