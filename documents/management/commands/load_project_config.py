"""Give a project a configuration, or say what it would change."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from documents.config_consequences import content_types_in_use, said_of_removed
from livingdocs_import.management.configs import described, patch_fact, patch_line, read_config, without_base
from livingdocs_import.management.operator_command import Example, ExitCode, OperatorCommand
from livingdocs_import.management.projects import add_project_argument, project_named
from livingdocs_import.models import Project
from livingdocs_import.project_config import publishing, store
from livingdocs_import.project_config.publishing import Outcome
from livingdocs_import.validation.problems import json_pointer

BY = "load_project_config"


class Command(OperatorCommand):
    help = (
        "Store a configuration as the project's next revision, whatever $baseRevision it names. Older revisions and "
        "their designs stay. What is stored already makes no new revision. A secret that is *** stays as it is stored."
    )
    examples = (
        Example("times config.json --dry-run", "what is wrong with the file, and what it would change"),
        Example("times config.json", "store it"),
    )
    json_keys = (
        "project, dryRun, ok, changed, revision, problems [{pointer, message}], warnings, patches (see diff_config)"
    )

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        add_project_argument(parser)
        parser.add_argument("file", type=Path, help="the configuration as JSON")
        parser.add_argument("--dry-run", action="store_true", help="check it and list the changes; store nothing")

    def run(self, *, project: str, file: Path, dry_run: bool, **_: Any) -> ExitCode:
        chosen = project_named(project)
        outcome = publishing.submit(chosen, without_base(read_config(file)), plan=dry_run, by=BY)
        warnings = _warnings(chosen, outcome, stored=not dry_run)
        fact = _fact(chosen, outcome, warnings, dry_run=dry_run)
        if outcome.problems and not self.report.as_json:
            raise CommandError(described(outcome.problems, file))
        for warning in warnings:
            self.report.note(f"warning: {warning}")
        changes = map(patch_line, outcome.patches) if dry_run else ()
        self.report.fact(fact, *changes, _result(chosen, outcome, dry_run=dry_run))
        return ExitCode.FAILED if outcome.problems else ExitCode.DONE


def _warnings(project: Project, outcome: Outcome, *, stored: bool) -> list[str]:
    """What has no effect, and documents that would be hidden."""
    if outcome.problems:
        return []
    row = store.stored(project) if stored else None
    found = outcome.warnings if row is None else store.warnings(row)
    return [*map(said_of_removed, content_types_in_use(project, outcome)), *map(str, found)]


def _fact(project: Project, outcome: Outcome, warnings: list[str], *, dry_run: bool) -> dict[str, Any]:
    return {
        "project": project.handle,
        "dryRun": dry_run,
        "ok": not outcome.problems,
        "changed": bool(outcome.patches) and not dry_run,
        "revision": project.config_revision,
        "problems": [{"pointer": json_pointer(each.path), "message": each.message} for each in outcome.problems],
        "warnings": warnings,
        "patches": list(map(patch_fact, outcome.patches)),
    }


def _result(project: Project, outcome: Outcome, *, dry_run: bool) -> str:
    """The last line."""
    if not outcome.patches:
        return f"nothing differs from revision {project.config_revision}: nothing was stored"
    if dry_run:
        return f"{len(outcome.patches)} changes; nothing was stored"
    row = store.stored(project)
    assert row is not None
    return f"revision {row.revision}, design {row.design_name} {row.design_version}"
