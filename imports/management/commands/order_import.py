"""Put a job before or behind the others of its project."""

from argparse import ArgumentParser
from typing import Any

from imports import services
from imports.management.jobs import add_job_argument, job_named
from livingdocs_import.management.operator_command import Example, OperatorCommand


class Command(OperatorCommand):
    help = "Let an import come before (--first) or behind (--last) all other open imports of its project."
    examples = (
        Example("25bzj8j --first", "an urgent import overtakes the archive"),
        Example("25bzj8j --last", "the archive lets all others pass"),
    )
    json_keys = "job, priority (the higher, the sooner)"

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        add_job_argument(parser)
        place = parser.add_mutually_exclusive_group(required=True)
        place.add_argument("--first", action="store_true")
        place.add_argument("--last", action="store_true")

    def run(self, *, job: str, first: bool, **_: Any) -> None:
        named = job_named(job)
        if named.finished:
            fact = {"job": named.public_id, "priority": named.priority}
            self.report.fact(fact, f"{named.public_id} had finished already: nothing was changed")
            return
        priority = services.order_job(named, first=first)
        place = "first" if first else "last"
        fact = {"job": named.public_id, "priority": priority}
        self.report.fact(fact, f"{named.public_id} comes {place} in its project (priority {priority})")
