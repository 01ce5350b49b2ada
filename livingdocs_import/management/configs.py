"""Shared parts of the commands about configurations: read a file, name its problems, show changes."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from livingdocs_import import errors
from livingdocs_import.management.report import Fact, counted, shortened
from livingdocs_import.models import Project, ProjectConfigRevision
from livingdocs_import.project_config import BASE_REVISION, Problem, store
from livingdocs_import.project_config.differences import Action, Patch
from livingdocs_import.project_config.shown import patch_members
from livingdocs_import.validation.strict_json import read_json

MAX_VALUE = 200  # characters of a changed value
SIGNS = {Action.ADD: "+", Action.UPDATE: "~", Action.REMOVE: "-"}


def read_config(path: Path) -> dict[str, Any]:
    """The JSON object in the file. Raises an error that names file and line; input that no request may have is refused,
    too."""
    try:
        body = path.read_bytes()
        json.loads(body)  # the position of a syntax error
        raw = read_json(body)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{path}: not valid JSON: {error}") from error
    except errors.ApiError as error:
        problems = [f"{place}: {problem}" for place, problem in error.details.items()]
        raise CommandError("\n".join([f"{path}: not taken:", *problems])) from error
    if not isinstance(raw, dict):
        raise CommandError(f"{path}: expected a JSON object")
    return raw


def described(problems: Iterable[Problem], path: Path) -> str:
    """All problems, one per line, with their JSON pointers."""
    lines = [f"  {problem}" for problem in problems]
    return "\n".join([f"{path}: the configuration has {counted(len(lines), 'problem')}, nothing was stored:", *lines])


def revision_of(project: Project, number: int | None) -> ProjectConfigRevision | None:
    """A revision as it is stored; None where a project has no configuration. Raises CommandError for an unknown one."""
    if number is None:
        return store.stored(project)
    if (row := store.stored_revision(project, number)) is None:
        newest = project.config_revision
        there = f"revisions 1 to {newest}" if newest else "no configuration"
        raise CommandError(f'Project "{project.handle}" has no revision {number}: it has {there}')
    return row


def patch_fact(patch: Patch) -> Fact:
    """A change with all its members, secrets masked; null where there is no value."""
    return {"value": None, "valueBefore": None} | patch_members(patch, secrets=False)


def patch_line(patch: Patch) -> str:
    """`~ /settings/handle: "a" → "b"`: one change for people, secrets masked."""
    shown = patch_members(patch, secrets=False)
    values = [shortened(json.dumps(shown[name], ensure_ascii=False), MAX_VALUE) for name in _MEMBERS if name in shown]
    return f"{SIGNS[patch.action]} {patch.pointer or '/'}: {' → '.join(values)}"


_MEMBERS = ("valueBefore", "value")


def without_base(raw: dict[str, Any]) -> dict[str, Any]:
    """The configuration without the revision that it was made from: commands store it whatever that is."""
    return {key: value for key, value in raw.items() if key != BASE_REVISION}
