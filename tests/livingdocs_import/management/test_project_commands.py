"""Commands that make and change projects refuse what no project may have, and say why."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from livingdocs_import.models import Project
from tests.cast import Caller

WRONG = [
    (["--time-zone", "Europe/Zurch"], '--time-zone: There is no time zone "Europe/Zurch"'),
    (["--time-zone", "Europe"], '--time-zone: There is no time zone "Europe"'),
    (["--time-zone", "../etc/passwd"], '--time-zone: There is no time zone "../etc/passwd"'),
    (["--time-zone", ""], "--time-zone: "),
    (["--import-weight", "0"], "--import-weight: "),
    (["--import-weight", "101"], "--import-weight: "),
    (["--daily-limit", "pictures=5"], "--daily-limit pictures=5: "),
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


@pytest.mark.parametrize(("options", "told"), WRONG)
@pytest.mark.parametrize("command", ["create_project", "change_project"])
def test_what_no_project_may_have_is_named(db: None, command: str, options: list[str], told: str) -> None:
    handle = "new"
    if command == "change_project":
        Project.objects.create(handle=handle)
    before = list(Project.objects.values())
    with pytest.raises(CommandError) as error:
        call_command(command, handle, *options)
    assert str(error.value).startswith(told)
    assert list(Project.objects.values()) == before


def test_a_project_that_does_not_exist_is_named(db: None) -> None:
    with pytest.raises(CommandError, match='There is no project "nobody"'):
        call_command("change_project", "nobody", "--label", "x")
