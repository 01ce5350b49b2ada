"""Put a job before or behind the others of its project."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from imports import services
from imports.management.jobs import add_job_argument, job_named


class Command(BaseCommand):
    help = "Let an import come before (--first) or behind (--last) all other open imports of its project."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_job_argument(parser)
        place = parser.add_mutually_exclusive_group(required=True)
        place.add_argument("--first", action="store_true")
        place.add_argument("--last", action="store_true")

    def handle(self, *args: Any, job: str, first: bool, **options: Any) -> None:
        priority = services.order_job(job_named(job), first=first)
        self.stdout.write(f"{job} comes {'first' if first else 'last'} in its project (priority {priority})")
