"""set_quota and list_projects."""

import pytest

from imports import quotas
from livingdocs_import.models import Project
from tests.api_client import Caller, image_item
from tests.commands import run, run_examples


def limits() -> dict[str, int]:
    daily: dict[str, int] = Project.objects.get(handle="times").daily_limits
    return daily


def test_the_examples_of_set_quota(times: Caller) -> None:
    Project.objects.update(daily_limits={"documents": 5})
    times.import_images(image_item("https://a.example/1"))
    shown, changed = run_examples("set_quota", {})
    assert [line.split() for line in shown.lines] == [
        ["KIND", "LIMIT", "USED", "IN", "24", "H"],
        ["images", "-", "1"],
        ["videos", "-", "0"],
        ["files", "-", "0"],
        ["documents", "5", "0"],
    ]
    assert changed.lines[1].split() == ["images", "20,000", "1"]
    assert limits() == {"images": 20_000}


def test_limits_that_are_not_named_stay(times: Caller) -> None:
    run("set_quota", "times", "images=5", "7")
    assert limits() == {"images": 5, "*": 7}
    run("set_quota", "times", "images=none")
    assert limits() == {"*": 7}
    facts = run("set_quota", "times", "none", "--json").facts
    assert {(fact["project"], fact["limit"]) for fact in facts} == {("times", None)}


def test_a_limit_is_set_beside_one_that_was_set_meanwhile(times: Caller) -> None:
    stale = Project.objects.get(handle="times")
    run("set_quota", "times", "images=5")
    quotas.set_limits(stale, {"videos": 6})
    assert limits() == {"images": 5, "videos": 6}


@pytest.mark.parametrize("wrong", ["pictures=5", "images=-1", "images=1000000001", "images=", "x=none"])
def test_a_wrong_limit_changes_nothing(times: Caller, wrong: str) -> None:
    ran = run("set_quota", "times", "videos=6", wrong)
    assert ran.code != 0
    assert wrong[:10] in ran.err
    assert limits() == {}


def test_the_examples_of_list_projects(times: Caller, herald: Caller) -> None:
    Project.objects.filter(handle="times").update(label="The Times", daily_limits={"images": 5000})
    times.import_images(image_item("https://a.example/1"))
    people, programs = run_examples("list_projects", {})
    assert people.lines[0].split()[:3] == ["PROJECT", "LABEL", "REVISION"]
    assert people.lines[2].startswith("times    The Times         1          1  images 5,000  UTC")
    assert [(fact["project"], fact["openJobs"]) for fact in programs.facts] == [("herald", 0), ("times", 1)]


def test_without_projects_the_list_says_how_to_make_one(db: None) -> None:
    assert "create_project" in run("list_projects").err
