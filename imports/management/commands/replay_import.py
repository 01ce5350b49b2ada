"""Send a job's stored requests through again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.db.models import Q

from imports import services
from imports.cause_explanations import UNRECORDED
from imports.management.jobs import add_job_argument, job_named
from imports.models import ImportItem, ImportJob
from livingdocs_import.management.operator_command import Example, OperatorCommand
from livingdocs_import.validation.nearest import NearestNames, one_of

BY = "replay_import"  # what the new job's note says


class Command(OperatorCommand):
    help = (
        "Replay an import as a new job: all of its items or, with --failed-only or --cause, those that have failed. "
        "Prints the new job's id. What exists is updated, or skipped. Failed items are retried once: the same command "
        "again finds none, unless the new job is cancelled. All items are replayed as often as the command is run."
    )
    examples = (
        Example("25bzj8j --failed-only --dry-run", "how many items would be tried again"),
        Example("25bzj8j --cause http-403", "try again what failed of one cause"),
    )
    json_keys = "job (the new one; null: none was made), replayOf, items, dryRun (whether it was only asked)"

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        add_job_argument(parser)
        parser.add_argument(
            "--failed-only",
            action="store_true",
            help="only what has failed and is not dealt with; the job may still run",
        )
        parser.add_argument(
            "--cause",
            action="append",
            default=[],
            dest="causes",
            help="only what failed of this cause, such as http-403; may be repeated",
        )
        parser.add_argument("--dry-run", action="store_true", help="only say how many items it would be")

    def run(self, *, job: str, failed_only: bool, causes: list[str], dry_run: bool, **_: Any) -> None:
        named = job_named(job)
        codes = [_code(named, cause) for cause in causes]
        chosen = Q(cause__in=codes) if codes else Q()
        failed_only = failed_only or bool(codes)
        if dry_run:
            items = named.items.filter(chosen).retriable() if failed_only else named.items.all()
            number = items.count()
            fact = {"job": None, "replayOf": named.public_id, "items": number, "dryRun": True}
            self.report.fact(fact, f"{number} items of {named.public_id} would be imported again")
            return
        again = services.retry_job(named, chosen=chosen, by=BY) if failed_only else services.replay_job(named, by=BY)
        self.made(named, again)

    def made(self, job: ImportJob, again: ImportJob | None) -> None:
        """Say which job was made: its id alone goes to standard output."""
        fact = {"replayOf": job.public_id, "dryRun": False}
        if again is None:
            self.report.note(f"Nothing of {job.public_id} is left to try again: no job was made.")
            self.report.fact(fact | {"job": None, "items": 0})
            return
        self.report.note(f"{again.total} items of {job.public_id} are imported again as job:")
        self.report.fact(fact | {"job": again.public_id, "items": again.total}, again.public_id)


def _code(job: ImportJob, cause: str) -> str:
    """The cause as it is stored. Raises CommandError if nothing of the job has failed of it."""
    failed = job.items.filter(outcome=ImportItem.Outcome.FAILED).order_by("cause")
    known = {code or UNRECORDED: code for code in failed.values_list("cause", flat=True).distinct()}
    if cause not in known:
        hint = NearestNames(known).hint(cause) or f": its causes are {one_of(known)}"
        raise CommandError(f'Nothing of {job.public_id} has failed of "{cause}"{hint}')
    return known[cause]
