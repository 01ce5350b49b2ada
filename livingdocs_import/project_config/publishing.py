"""Plan and publish a configuration: what it would change, what is wrong with it, and the next revision (spec 3.17)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from livingdocs_import import errors, project_config
from livingdocs_import.models import Project, ProjectConfigRevision
from livingdocs_import.project_config import BASE_REVISION, Findings, Problem, store, usage_functions
from livingdocs_import.project_config.differences import Patch, difference

OUTDATED = "The project config you tried to update is outdated"
EMPTY = {"v": 2}  # what a project without a configuration has


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a configuration was found to be, and what became of it."""

    problems: Sequence[Problem]  # with any of them nothing was stored
    warnings: Sequence[Problem]
    patches: Sequence[Patch] = ()
    revision: int = 0  # the project's newest afterwards
    design_version: str | None = None  # where it was raised
    removed_content_types: frozenset[str] = frozenset()  # handles


def submit(project: Project, raw: Mapping[str, Any], *, plan: bool, by: str) -> Outcome:
    """Plan or publish. Raises Conflict when the configuration was made from another revision (CFG-12)."""
    return _plan(project, raw) if plan else _publish(project, raw, by=by)


def _checked(raw: Mapping[str, Any]) -> Findings:
    found = project_config.check(raw)
    return found._replace(warnings=[*found.warnings, *usage_functions.unregistered(raw)])


def _plan(project: Project, raw: Mapping[str, Any]) -> Outcome:
    findings = _checked(raw)
    return _compare(project, store.stored(project), raw, findings)[1]


def _publish(project: Project, raw: Mapping[str, Any], *, by: str) -> Outcome:
    """It is checked before the project is locked, and compared with the newest revision afterwards."""
    findings = _checked(raw)
    with transaction.atomic():
        locked = store.lock(project)
        before = store.stored(locked)
        config, outcome = _compare(locked, before, raw, findings)
        if outcome.problems or not outcome.patches:
            return outcome
        row = store.add_revision(locked, before, config, by=by)
    project.config_revision = row.revision
    return Outcome(
        problems=(),
        warnings=outcome.warnings,
        patches=outcome.patches,
        revision=row.revision,
        design_version=_raised(before, row),
        removed_content_types=outcome.removed_content_types,
    )


def _compare(
    project: Project, before: ProjectConfigRevision | None, raw: Mapping[str, Any], findings: Findings
) -> tuple[dict[str, Any], Outcome]:
    """What would be stored, and the outcome of a plan."""
    revision = 0 if before is None else before.revision
    base = project_config.base_revision(raw)
    if base is not None and base != revision:
        raise errors.Conflict(OUTDATED, expectedRevision=base, currentRevision=revision)
    config, misfits = store.fit(project, before, raw)
    if problems := [*findings.problems, *misfits]:
        return config, Outcome(problems, findings.warnings)
    old = _readable(before)
    patches = difference(old, store.with_stored_secrets_readable(config))
    handles = project_config.content_type_handles
    removed = handles(old) - handles(config)
    return config, Outcome((), findings.warnings, patches, revision, None, removed)


def changes_by(project: Project, before: ProjectConfigRevision | None, raw: Mapping[str, Any]) -> list[Patch]:
    """The changes that a configuration makes to a stored one; it is not checked."""
    config, _ = store.fit(project, before, raw)
    return difference(_readable(before), store.with_stored_secrets_readable(config))


def changes_between(before: ProjectConfigRevision | None, after: ProjectConfigRevision | None) -> list[Patch]:
    """The changes from one revision to another. Both have their secrets: mask them before they are shown."""
    return difference(_readable(before), _readable(after))


def _readable(row: ProjectConfigRevision | None) -> dict[str, Any]:
    config = store.with_readable_secrets(EMPTY if row is None else row.config)
    config.pop(BASE_REVISION, None)
    return config


def _raised(before: ProjectConfigRevision | None, row: ProjectConfigRevision) -> str | None:
    same = before is not None and (before.design_name, before.design_version) == (row.design_name, row.design_version)
    return None if same else row.design_version
