"""What is sent again, when, and what is not."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from livingdocs_import_client import (
    ConnectionFailed,
    InvalidRequest,
    Retries,
    ServiceFailed,
    TooManyRequests,
)
from livingdocs_import_client.messages import Response
from script import answer, script, service

BUSY, DONE = answer(503), answer(200, {"id": "abc"})
LOST = ConnectionFailed("the connection ended", sent=True)
NO_CONNECTION = ConnectionFailed("connection refused", sent=False)
QUOTA = [{"status": 429, "error": "Too Many Requests", "error_details": {"message": "used up"}}]


@pytest.mark.parametrize(
    "failure", [BUSY, LOST, NO_CONNECTION, answer(500), answer(502, b"<html>"), answer(429, QUOTA)]
)
def test_a_post_is_sent_again_as_it_was(failure: Response | ConnectionFailed) -> None:
    run = script(failure, failure, DONE)
    assert run.run(service().post("import/images", b"{}", key="k")) == {"id": "abc"}
    assert run.requests[0] == run.requests[1] == run.requests[2]
    assert run.requests[0].headers["Idempotency-Key"] == "k"


def test_pauses_grow_up_to_a_limit_and_vary() -> None:
    run = script(*[BUSY] * 9, DONE)
    run.run(service(Retries(attempts=10, first_pause=1, max_pause=8)).get("x"))
    for seconds, most in zip(run.pauses, [1, 2, 4, 8, 8, 8, 8, 8, 8], strict=True):
        assert most / 2 <= seconds <= most
    assert len(set(run.pauses)) == 9


def test_it_is_given_up_after_so_many_attempts() -> None:
    run = script(BUSY)
    with pytest.raises(ServiceFailed, match="503 Service Unavailable"):
        run.run(service(Retries(attempts=3)).get("x"))
    assert len(run.requests) == 3


def test_the_service_says_how_long_to_wait() -> None:
    run = script(answer(503, retry_after="7"), DONE)
    run.run(service().get("x"))
    assert run.pauses == [7]


def test_a_date_is_compared_with_the_date_of_the_answer() -> None:
    wrong_clock = datetime(2020, 1, 1, tzinfo=UTC)
    later = format_datetime(wrong_clock + timedelta(seconds=9), usegmt=True)
    run = script(answer(503, retry_after=later, date=format_datetime(wrong_clock, usegmt=True)), DONE)
    run.run(service().get("x"))
    assert run.pauses == [9]


def test_longer_than_the_caller_is_patient_is_an_error_at_once_that_says_how_long() -> None:
    run = script(answer(429, QUOTA, retry_after="40000"))
    with pytest.raises(TooManyRequests, match="used up") as caught:
        run.run(service(Retries(patience=3600)).get("x"))
    assert caught.value.retry_after == 40000
    assert (len(run.requests), run.pauses) == (1, [])


def test_all_pauses_of_a_request_count_for_the_patience() -> None:
    run = script(answer(503, retry_after="40"))
    with pytest.raises(ServiceFailed):
        run.run(service(Retries(attempts=100, patience=100)).get("x"))
    assert run.pauses == [40, 40]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413])
def test_a_refusal_is_not_sent_again(status: int) -> None:
    run = script(answer(status, {"status": status, "error": "No", "error_details": {"message": "no"}}))
    with pytest.raises(Exception, match="No: no"):
        run.run(service().get("x"))
    assert len(run.requests) == 1


def test_neither_is_a_wrong_token_while_too_many_come_from_this_address() -> None:
    refusal = {"status": 429, "error": "Too Many Requests", "error_details": {"access_token": "too many"}}
    run = script(answer(429, refusal, retry_after="30"))
    with pytest.raises(TooManyRequests):
        run.run(service().get("x"))
    assert len(run.requests) == 1


@pytest.mark.parametrize("failure", [LOST, BUSY, answer(500), answer(504)])
def test_a_patch_that_may_have_had_an_effect_is_not_sent_again(failure: Response | ConnectionFailed) -> None:
    run = script(failure)
    with pytest.raises((ConnectionFailed, ServiceFailed)):
        run.run(service().patch("mediaLibrary/1", {}))
    assert len(run.requests) == 1


@pytest.mark.parametrize("failure", [NO_CONNECTION, answer(503, retry_after="1"), answer(429, QUOTA)])
def test_a_patch_that_cannot_have_had_one_is(failure: Response | ConnectionFailed) -> None:
    run = script(failure, answer(200, {}))
    run.run(service().patch("mediaLibrary/1", {}))
    assert len(run.requests) == 2


def test_errors_carry_all_paths_and_show_the_first() -> None:
    details = {f"images.{n}.url": "Missing required property: url" for n in range(5)}
    run = script(answer(400, {"status": 400, "error": "Bad Request", "error_details": details}))
    with pytest.raises(InvalidRequest) as caught:
        run.run(service().get("x"))
    assert [problem.path for problem in caught.value.problems] == list(details)
    assert str(caught.value).startswith("400 Bad Request: images.0.url: Missing required property: url;")
    assert str(caught.value).endswith("and 2 more")
