"""The daily limit of a project."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from imports import housekeeping, services
from imports.models import ImportJob
from livingdocs_import.models import Project
from tests.api_client import Caller, image_item

URL = "https://pictures.example/a.jpg"


def post(caller: Caller, number: int) -> Any:
    """Post a batch; it counts as started when the test's clock says so, and not the database's."""
    answer = caller.post("import/images", {"systemName": "s", "images": [image_item(URL) for _ in range(number)]})
    if answer.status_code == 200:
        ImportJob.objects.filter(public_id=answer.json()["id"]).update(started_at=timezone.now())
    return answer


@pytest.fixture
def limited(times: Caller) -> Caller:
    Project.objects.filter(handle="times").update(daily_limits={"images": 100})
    return times


def test_exceeding_the_limit_refuses_the_whole_batch_in_the_documented_words(limited: Caller) -> None:
    """QUO-01, QUO-02, QUO-03, QUO-04, QUO-06, JOB-25"""
    assert post(limited, 99).status_code == 200
    answer = post(limited, 10)
    assert answer.status_code == 429
    assert answer.json() == [
        {
            "status": 429,
            "error": "Usage Limit Exceeded",
            "error_details": {
                "message": "Your plan does not allow you to upload more than 100 per day.\n      You already uploaded 99 in the last 24 hours and are trying to upload 10 more.\n      Please try again later."  # noqa: E501
            },
        }
    ]
    assert ImportJob.objects.count() == 1


def test_a_refusal_says_when_there_is_room_for_the_same_batch(limited: Caller) -> None:
    """QUO-02: every 429 carries Retry-After. Here 60 items are accepted, 30 more after an hour, 10 after two."""
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for number in (60, 30, 10):
            assert post(limited, number).status_code == 200
            clock.shift(timedelta(hours=1))
        for number, hours in ((1, 21), (60, 21), (61, 22), (90, 22), (91, 23), (100, 23)):
            answer = post(limited, number)
            assert (answer.status_code, answer.headers["Retry-After"]) == (429, str(hours * 3600)), number
        clock.shift(timedelta(hours=22, microseconds=-1))
        refused = post(limited, 90)
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
        clock.shift(timedelta(seconds=int(refused.headers["Retry-After"])))
        assert post(limited, 90).status_code == 200


def test_a_batch_larger_than_the_limit_has_to_wait_for_a_whole_window(limited: Caller) -> None:
    assert post(limited, 101).headers["Retry-After"] == "86400"


@pytest.mark.parametrize(("age", "seconds"), [(1, "1"), (1_000_000, "1"), (1_000_001, "2"), (3_600_000_000, "3600")])
def test_seconds_are_rounded_up(limited: Caller, age: int, seconds: str) -> None:
    """A retry at exactly that time is not refused. `age`: microseconds until the job leaves the window."""
    now = timezone.now()
    post(limited, 100)
    ImportJob.objects.update(started_at=now - timedelta(hours=24) + timedelta(microseconds=age))
    with time_machine.travel(now, tick=False):
        assert post(limited, 1).headers["Retry-After"] == seconds


def test_exactly_reaching_the_limit_is_allowed(limited: Caller) -> None:
    """QUO-05"""
    assert post(limited, 60).status_code == 200
    assert post(limited, 40).status_code == 200
    assert post(limited, 1).status_code == 429
    assert post(limited, 0).status_code == 200


def test_the_window_is_the_last_24_hours(limited: Caller) -> None:
    """QUO-07"""
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert post(limited, 100).status_code == 200
        clock.shift(timedelta(hours=24) - timedelta(seconds=1))
        assert post(limited, 1).status_code == 429
        clock.shift(timedelta(seconds=1))
        assert post(limited, 100).status_code == 200


def test_no_limit_means_unlimited(times: Caller) -> None:
    """QUO-08"""
    assert post(times, 500).status_code == 200


def test_projects_do_not_share_their_limits(limited: Caller, herald: Caller) -> None:
    """QUO-09"""
    Project.objects.filter(handle="herald").update(daily_limits={"*": 100})
    assert post(limited, 100).status_code == 200
    assert post(herald, 100).status_code == 200
    assert post(herald, 1).status_code == 429


def test_a_request_with_a_wrong_shape_costs_nothing(limited: Caller) -> None:
    assert limited.post("import/images", {"systemName": "s", "images": [{}] * 100}).status_code == 400
    assert post(limited, 100).status_code == 200


def test_a_replay_costs_nothing_when_the_original_is_old_enough_to_be_purged(limited: Caller) -> None:
    """The original stays until the replay is out of the quota's window, then both go their way."""
    post(limited, 100)
    job = ImportJob.objects.get()
    services.cancel_job(job)
    ImportJob.objects.update(started_at=timezone.now() - timedelta(days=31))
    ImportJob.objects.update(finished_at=timezone.now() - timedelta(days=31))
    again = services.replay_job(job)
    while housekeeping.purge_jobs():
        pass
    again.refresh_from_db()
    assert again.replay_of == job
    assert post(limited, 100).status_code == 200
    ImportJob.objects.filter(pk=again.pk).update(started_at=timezone.now() - timedelta(hours=25))
    while housekeeping.purge_jobs():
        pass
    assert not ImportJob.objects.filter(pk=job.pk).exists()


def test_items_that_failed_count_and_replays_do_not(limited: Caller) -> None:
    """Q-25: counted at acceptance, whatever becomes of it; a replay is the operator's doing."""
    post(limited, 100)
    job = ImportJob.objects.get()
    services.cancel_job(job)
    assert services.replay_job(job).total == 100
    assert post(limited, 1).status_code == 429
