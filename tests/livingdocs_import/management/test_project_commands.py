"""Commands that make and change projects refuse what no project may have, and say why."""

import json
from io import StringIO
from pathlib import Path

import pytest
import re2
from django.core.management import CommandError, call_command

from livingdocs_import.models import Project
from tests.api_client import CONFIG, Caller

WRONG = [
    (["--time-zone", "Europe/Zurch"], '--time-zone: There is no time zone "Europe/Zurch"'),
    (["--time-zone", "Europe"], '--time-zone: There is no time zone "Europe"'),
    (["--time-zone", "../etc/passwd"], '--time-zone: There is no time zone "../etc/passwd"'),
    (["--time-zone", ""], "--time-zone: "),
    (["--import-weight", "0"], "--import-weight: "),
    (["--import-weight", "101"], "--import-weight: "),
    (["--daily-limit", "pictures=5"], "--daily-limit pictures=5: "),
    (["--daily-limit", "1000000001"], "--daily-limit 1000000001: 1,000,000,000 at most"),
    (["--daily-limit", "images=" + "9" * 5_000], "--daily-limit images=999"),  # no number of Python's, even
]


def said(*command: str) -> str:
    out = StringIO()
    call_command(*command, stdout=out)
    return out.getvalue()


def test_a_project_is_made_with_its_zone_its_share_and_its_limits(db: None) -> None:
    said("create_project", "times", "--time-zone", "Europe/Zurich", "--import-weight", "3", "--daily-limit", "9")
    project = Project.objects.get()
    assert (project.time_zone, project.import_weight, project.daily_limits) == ("Europe/Zurich", 3, {"*": 9})


def test_a_project_of_which_nothing_is_said_has_the_defaults(db: None) -> None:
    said("create_project", "times")
    project = Project.objects.get()
    assert (project.label, project.time_zone, project.import_weight, project.daily_limits) == ("", "UTC", 1, {})


def test_what_is_given_is_changed_and_nothing_else(times: Caller) -> None:
    Project.objects.update(label="The Times", daily_limits={"images": 5})
    assert said("change_project", "times", "--time-zone", "Asia/Tokyo").splitlines() == [
        "label: The Times",
        "daily limits: images 5",
        "time zone: Asia/Tokyo",
        "import weight: 1",
    ]
    said("change_project", "times", "--daily-limit", "--import-weight", "2")
    project = Project.objects.get(handle="times")
    assert (project.label, project.time_zone, project.import_weight) == ("The Times", "Asia/Tokyo", 2)
    assert project.daily_limits == {}


@pytest.mark.parametrize(("options", "reported"), WRONG)
@pytest.mark.parametrize("command", ["create_project", "change_project"])
def test_what_no_project_may_have_is_named(db: None, command: str, options: list[str], reported: str) -> None:
    handle = "new"
    if command == "change_project":
        Project.objects.create(handle=handle)
    before = list(Project.objects.values())
    with pytest.raises(CommandError) as error:
        call_command(command, handle, *options)
    assert str(error.value).startswith(reported)
    assert list(Project.objects.values()) == before


@pytest.mark.parametrize(
    "end", ["soon", "2027-13-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00"]
)
def test_a_token_ends_at_a_moment_that_exists_in_utc(times: Caller, end: str) -> None:
    with pytest.raises(CommandError, match=f"--expires {re2.escape(end)}: expected a date and time"):
        call_command("create_token", "times", "--name", "n", "--scope", "public-api:read", "--expires", end)


@pytest.mark.parametrize("value", ["9" * 30, "[" * 10_000, '"\\ud800"', '{"a": 1, "a": 2}', "NaN"], ids=lambda v: v[:8])
def test_a_configuration_that_cannot_be_stored_is_refused(times: Caller, tmp_path: Path, value: str) -> None:
    file = tmp_path / "config.json"
    file.write_text(f'{json.dumps(CONFIG)[:-1]}, "more": {value}}}')
    with pytest.raises(CommandError, match=r"config\.json: not "):
        call_command("load_project_config", "times", str(file))
    assert times.project.config_revisions.count() == 1


def test_a_project_that_does_not_exist_is_named(db: None) -> None:
    with pytest.raises(CommandError, match='There is no project "nobody"'):
        call_command("change_project", "nobody", "--label", "x")
