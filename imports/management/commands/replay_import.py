"""Send a job's stored requests through again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import Q

from imports import services
from imports.cause_explanations import UNRECORDED
from imports.management.jobs import add_job_argument, job_named

BY = "replay_import"  # what the new job's note says


class Command(BaseCommand):
    help = "Replay an import as a new job: all of its items, or the failed ones. Prints the new job's id."

    def add_arguments(self, parser: ArgumentParser) -> None:
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
            help="only what failed of this cause, such as http-403; may be repeated",
        )
        parser.add_argument("--dry-run", action="store_true", help="only say how many items it would be")

    def handle(self, *args: Any, job: str, failed_only: bool, cause: list[str], dry_run: bool, **options: Any) -> None:
        named = job_named(job)
        chosen = Q(cause__in=["" if code == UNRECORDED else code for code in cause]) if cause else Q()
        failed_only = failed_only or bool(cause)
        if dry_run:
            items = named.items.all()
            number = items.filter(chosen).retriable().count() if failed_only else items.count()
            self.stdout.write(f"{number} items of {job} would be imported again")
            return
        again = services.retry_job(named, chosen=chosen, by=BY) if failed_only else services.replay_job(named, by=BY)
        if again is None:
            self.stderr.write(f"Nothing of {job} is left to try again: no job was made.")
            return
        self.stderr.write(f"{again.total} items of {job} are imported again as job:")
        self.stdout.write(again.public_id)
