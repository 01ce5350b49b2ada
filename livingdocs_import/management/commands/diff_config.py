"""Compare configurations of a project: with a file, or two revisions."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from livingdocs_import.management.configs import patch_fact, patch_line, read_config, revision_of
from livingdocs_import.management.operator_command import Example, ExitCode, OperatorCommand
from livingdocs_import.management.projects import add_project_argument, project_named
from livingdocs_import.management.report import counted
from livingdocs_import.models import Project, ProjectConfigRevision
from livingdocs_import.project_config import publishing
from livingdocs_import.project_config.differences import Patch


class Command(OperatorCommand):
    help = (
        "Compare a project's configuration with a file, or with another revision. A line for each difference, with "
        "its JSON pointer: + what is added, - what is removed, ~ what changes. Secrets are ***, also those that "
        "differ. Nothing is checked and nothing is stored: that is load_project_config."
    )
    examples = (
        Example("times config.json", "what the file would change"),
        Example("times --from 1 --to 2", "what the second revision has changed"),
    )
    json_keys = "action (add, update, remove), pointer, value, valueBefore"
    findings = "there are differences"

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        add_project_argument(parser)
        parser.add_argument("file", nargs="?", type=Path, help="a configuration as JSON")
        parser.add_argument("--from", type=int, dest="old", metavar="N", help="an older revision; else the newest")
        parser.add_argument("--to", type=int, dest="new", metavar="N", help="instead of a file: another revision")

    def run(self, *, project: str, file: Path | None, old: int | None, new: int | None, **_: Any) -> ExitCode:
        if file is not None and new is not None:
            raise CommandError("Name a file or --to, not both.", returncode=ExitCode.WRONG_USAGE)
        if file is None and old is None and new is None:
            raise CommandError("Name a file, --from or --to.", returncode=ExitCode.WRONG_USAGE)
        patches = self.patches(project_named(project), file, old, new)
        for patch in patches:
            self.report.fact(patch_fact(patch), patch_line(patch))
        self.report.note(counted(len(patches), "difference") if patches else "no difference")
        return ExitCode.FINDINGS if patches else ExitCode.DONE

    def patches(self, project: Project, file: Path | None, old: int | None, new: int | None) -> list[Patch]:
        """The differences of what is named."""
        before: ProjectConfigRevision | None = revision_of(project, old)
        if file is None:
            return publishing.changes_between(before, revision_of(project, new))
        return publishing.changes_by(project, before, read_config(file))
