"""Idempotency-Key: the same POST sent twice is accepted once."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from imports.models import ImportJob
from livingdocs_import.models import Project
from tests.api_client import Caller, image_item

BODY = {"systemName": "s", "images": [image_item("https://pictures.example/a.jpg")]}


def post(caller: Caller, key: str, body: Any = BODY) -> Any:
    return caller.post("import/images", body, **{"Idempotency-Key": key})


def test_the_same_key_and_body_is_answered_with_the_same_job(times: Caller) -> None:
    first, second = post(times, "k").json(), post(times, "k").json()
    assert first == second
    assert ImportJob.objects.count() == 1


def test_the_same_key_with_another_body_is_a_conflict(times: Caller) -> None:
    post(times, "k")
    answer = post(times, "k", BODY | {"systemName": "t"})
    assert (answer.status_code, answer.json()["error_details"]["name"]) == (409, "Conflict")
    assert ImportJob.objects.count() == 1


def test_without_the_header_nothing_changes(times: Caller) -> None:
    assert times.post("import/images", BODY).json() != times.post("import/images", BODY).json()


def test_keys_belong_to_their_project(times: Caller, herald: Caller) -> None:
    assert post(times, "k").json() != post(herald, "k").json()


def test_a_key_is_forgotten_after_seven_days(times: Caller) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        first = post(times, "k").json()
        clock.shift(timedelta(days=7) - timedelta(hours=1))
        assert post(times, "k").json() == first
        clock.shift(timedelta(hours=2))
        assert post(times, "k").json() != first


def test_a_refused_request_is_not_remembered(times: Caller) -> None:
    Project.objects.update(daily_limits={"*": 0})
    assert post(times, "k").status_code == 429
    Project.objects.update(daily_limits={})
    assert post(times, "k").status_code == 200


def test_a_repeat_costs_no_quota(times: Caller) -> None:
    Project.objects.update(daily_limits={"*": 1})
    assert [post(times, "k").status_code for _ in range(3)] == [200, 200, 200]


@pytest.mark.parametrize(("length", "status"), [(255, 200), (256, 400)])
def test_a_key_has_up_to_255_characters(times: Caller, length: int, status: int) -> None:
    assert post(times, "k" * length).status_code == status
