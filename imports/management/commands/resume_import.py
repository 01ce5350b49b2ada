"""Let a paused job go on."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from imports import services
from imports.management.jobs import add_job_argument, job_named


class Command(BaseCommand):
    help = "Resume an import that was paused."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_job_argument(parser)

    def handle(self, *args: Any, job: str, **options: Any) -> None:
        self.stdout.write(f"{job} goes on" if services.resume_job(job_named(job)) else f"{job} was not paused")
