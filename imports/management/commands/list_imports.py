"""List import jobs, the newest first."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from imports import monitoring
from imports.management.jobs import COLUMNS, KEYS, job_fact
from imports.models import ImportJob
from livingdocs_import.management.operator_command import Example, ExitCode, OperatorCommand
from livingdocs_import.management.projects import add_optional_project, project_named

MAX_LISTED = 10_000


class Command(OperatorCommand):
    help = "List import jobs, the newest first: what they import, their state, and how many of their items are done."
    examples = (
        Example("--state open", "what is going on now, in all projects"),
        Example("times --state failures --limit 5", "one project's last jobs with failed items"),
    )
    json_keys = KEYS

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        add_optional_project(parser)
        parser.add_argument(
            "--state",
            choices=sorted(monitoring.JOB_STATES),
            help="open and paused jobs; those that ended with failed items (failures) or without (clean); failed as a "
            "whole (failed)",
        )
        parser.add_argument("--kind", choices=ImportJob.Kind.values)
        parser.add_argument("--limit", type=int, default=20, metavar="N", help="at most so many (20)")

    def run(self, *, project: str | None, state: str | None, kind: str | None, limit: int, **_: Any) -> None:
        if not 1 <= limit <= MAX_LISTED:
            raise CommandError(f"--limit {limit}: 1 to {MAX_LISTED:,}", returncode=ExitCode.WRONG_USAGE)
        chosen = None if project is None else project_named(project)
        jobs = monitoring.jobs(project=chosen, state=state, kind=kind)[:limit]
        self.report.table(map(job_fact, jobs), COLUMNS, none="There is no such job.")
