"""Bodies that are big take turns, so that no process holds many of them at once."""

from typing import Any

import pytest

from livingdocs_import.api import big_bodies
from tests.api_client import Caller

BODY = {"systemName": "archive", "images": []}


@pytest.fixture(autouse=True)
def _everything_is_big(settings: Any) -> None:
    settings.API_BIG_BODY_BYTES = 10
    settings.API_BIG_BODY_WAIT_SECONDS = 0.01


def test_a_big_body_that_gets_no_slot_is_asked_to_come_again(times: Caller) -> None:
    with big_bodies.slot():
        answer = times.post("import/images", BODY)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert answer.json() == {"status": 503, "error": "Service Unavailable"}


def test_others_need_no_slot(times: Caller, settings: Any) -> None:
    settings.API_BIG_BODY_BYTES = 1000
    with big_bodies.slot():
        assert times.post("import/images", BODY).status_code == 200


@pytest.mark.parametrize("body", [BODY, {}, b"{", b"[" * 1000])
def test_whatever_becomes_of_it_the_slot_is_released(times: Caller, body: Any) -> None:
    times.post("import/images", body)
    assert times.post("import/images", BODY).status_code == 200
