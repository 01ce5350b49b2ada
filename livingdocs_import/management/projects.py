"""Shared parts of the commands about projects: options for their fields, and the look-up of a project."""

from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from livingdocs_import.management.names import row_named
from livingdocs_import.management.operator_command import ExitCode
from livingdocs_import.management.report import NONE
from livingdocs_import.models import Project
from livingdocs_import.models.project import MAX_DAILY_LIMIT

KINDS = ("images", "videos", "files", "documents")
FIELDS = ("label", "daily_limits", "time_zone", "import_weight")


def project_named(handle: str) -> Project:
    """The project; raises an error that quotes an unknown name."""
    return row_named(Project.objects.all(), "handle", handle, what="project", listed_by="list_projects", whole=True)


def add_project_argument(parser: ArgumentParser) -> None:
    """The project of a command."""
    parser.add_argument("project", help="the project's handle")


def add_optional_project(parser: ArgumentParser) -> None:
    """The project that narrows a list."""
    parser.add_argument("project", nargs="?", help="the project's handle; without: all projects")


def limits_said(limits: Mapping[str, int]) -> str:
    """Daily limits for people: `images 5,000, any kind 9`."""
    return ", ".join(f"{'any kind' if kind == '*' else kind} {limit:,}" for kind, limit in limits.items()) or NONE


def add_project_options(parser: ArgumentParser) -> None:
    """Options for fields that can be changed later as well; options not given are None."""
    parser.add_argument("--label", help="its name for people")
    parser.add_argument(
        "--daily-limit",
        nargs="*",
        dest="daily_limits",
        metavar="[KIND=]N",
        help=f"items that may be imported in 24 hours, for all kinds or for one of {', '.join(KINDS)}; "
        "without a number: as many as they like",
    )
    parser.add_argument(
        "--time-zone", metavar="NAME", help="e.g. Europe/Zurich, for hosts that are asked by night only"
    )
    parser.add_argument(
        "--import-weight", type=int, metavar="N", help="its share of the workers beside other projects: 1 to 100"
    )


def set_fields(project: Project, options: dict[str, Any]) -> list[str]:
    """Copy the options of `add_project_options` to the project, unsaved; returns the names of the given fields.

    Raises CommandError for invalid values.
    """
    given = [name for name in FIELDS if options[name] is not None]
    for name in given:
        value = options[name]
        setattr(project, name, dict(map(daily_limit, value)) if name == "daily_limits" else value)
    try:
        project.clean_fields(exclude={field.name for field in project._meta.fields} - set(given))
    except ValidationError as error:
        lines = [
            f"--{name.replace('_', '-')}: {problem}"
            for name, all_of_it in error.message_dict.items()
            for problem in all_of_it
        ]
        raise CommandError("\n".join(lines), returncode=ExitCode.WRONG_USAGE) from error
    return given


def daily_limit(text: str) -> tuple[str, int]:
    """`500` → every kind; `images=500` → that one."""
    kind, _, number = text.rpartition("=")
    if (kind and kind not in KINDS) or not number.isdecimal():
        raise CommandError(
            f"--daily-limit {text}: expected a number, or one of {', '.join(KINDS)} and a number: images=500",
            returncode=ExitCode.WRONG_USAGE,
        )
    if len(number) > len(str(MAX_DAILY_LIMIT)) or int(number) > MAX_DAILY_LIMIT:
        raise CommandError(f"--daily-limit {text[:100]}: {MAX_DAILY_LIMIT:,} at most", returncode=ExitCode.WRONG_USAGE)
    return kind or "*", int(number)
