"""End a running job."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from imports import services
from imports.management.jobs import add_job_argument, job_named


class Command(BaseCommand):
    help = "Cancel an import: what is done stays, the rest fails as cancelled, the webhook is sent."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_job_argument(parser)

    def handle(self, *args: Any, job: str, **options: Any) -> None:
        if services.cancel_job(job_named(job), by="cancel_import"):
            self.stdout.write(f"{job} is cancelled")
        else:
            self.stdout.write(f"{job} had finished already: nothing was changed")
