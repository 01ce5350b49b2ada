"""Let a running job wait."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from imports import services
from imports.management.jobs import add_job_argument, job_named


class Command(BaseCommand):
    help = "Pause an import: workers claim nothing more of it, and what they have in hand ends."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_job_argument(parser)

    def handle(self, *args: Any, job: str, **options: Any) -> None:
        paused = services.pause_job(job_named(job))
        self.stdout.write(f"{job} is paused" if paused else f"{job} was paused already, or has finished")
