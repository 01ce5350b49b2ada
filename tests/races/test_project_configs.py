"""Configurations that are published at once: of those made from one revision one wins."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from livingdocs_import.models import ProjectConfigRevision
from tests.api_client import Caller, make_project

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
SideBySide = Callable[[Sequence[Callable[[], Any]]], list[Any]]


@pytest.fixture
def caller(transactional_db: None) -> Caller:
    return Caller(make_project("races"), ("public-api:config:read", "public-api:config:write"))


def publish(caller: Caller, label: str, **keys: Any) -> Any:
    config = {"v": 2, "settings": {"label": label}} | keys
    return caller.post("projectConfig", {"plan": False, "channelConfig": config})


def test_of_configurations_made_from_one_revision_one_is_published(caller: Caller, side_by_side: SideBySide) -> None:
    """CFG-12"""
    for base in range(1, 6):
        calls = [lambda n=n, base=base: publish(caller, f"{base}-{n}", **{"$baseRevision": base}) for n in range(4)]
        answers = side_by_side(calls)
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
        (won,) = (answer.json() for answer in answers if answer.status_code == 200)
        lost = [answer.json()["error_details"] for answer in answers if answer.status_code == 409]
        assert {(each["expectedRevision"], each["currentRevision"]) for each in lost} == {(base, base + 1)}
        label = next(patch["value"] for patch in won["patches"] if patch["pointer"].startswith("/settings/label"))
        assert caller.get("projectConfig").json()["settings"]["label"] == label
    assert ProjectConfigRevision.objects.count() == 6


def test_without_a_base_revision_all_are_published_and_each_reports_what_it_changed(
    caller: Caller, side_by_side: SideBySide
) -> None:
    """CFG-10: the value before is that of the previous revision, whatever its author."""
    publish(caller, "first")
    answers = side_by_side([lambda n=n: publish(caller, f"{n}") for n in range(5)])
    published = sorted((answer.json() for answer in answers), key=lambda body: int(body["revisionNumber"]))
    assert [body["revisionNumber"] for body in published] == [3, 4, 5, 6, 7]
    labels = ["first", *(body["patches"][0]["value"] for body in published)]
    assert [body["patches"][0]["valueBefore"] for body in published] == labels[:-1]
