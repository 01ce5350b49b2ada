"""Send a job's stored requests through again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from imports import services
from imports.management.jobs import add_job_argument, job_named
from imports.models import ImportItem


class Command(BaseCommand):
    help = "Replay an import as a new job: all of its items, or the failed ones. Prints the new job's id."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_job_argument(parser)
        parser.add_argument("--failed-only", action="store_true", help="only what has failed")
        parser.add_argument("--dry-run", action="store_true", help="only say how many items it would be")

    def handle(self, *args: Any, job: str, failed_only: bool, dry_run: bool, **options: Any) -> None:
        chosen = job_named(job)
        items = chosen.items.filter(outcome=ImportItem.Outcome.FAILED) if failed_only else chosen.items.all()
        if dry_run:
            self.stdout.write(f"{items.count()} items of {job} would be imported again")
            return
        again = services.replay_job(chosen, failed_only=failed_only, by="replay_import")
        self.stderr.write(f"{again.total} items of {job} are imported again as job:")
        self.stdout.write(again.public_id)
