"""Show a job: counts, failures and their reasons, and its webhook."""

import time
from argparse import ArgumentParser
from functools import partial
from typing import Any

from django.utils import timezone

from imports.management import job_details
from imports.management.jobs import add_job_argument, job_named
from imports.models import ImportJob
from livingdocs_import.management.operator_command import Example, ExitCode, OperatorCommand


class Command(OperatorCommand):
    help = (
        "Show an import: state, counts, reasons of failure, webhook attempts. With --follow it shows each change until "
        "the job has ended; Ctrl-C ends only the watching."
    )
    examples = (
        Example("25bzj8j --failed 50", "how it went, with the first 50 failed items"),
        Example("25bzj8j --follow", "how far it is, until it has ended"),
    )
    json_keys = job_details.DETAIL_KEYS
    interrupted = "The job goes on; the same command follows it again."
    findings = "it has ended, and failed or has failed items"

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        add_job_argument(parser)
        parser.add_argument("--failed", type=int, default=10, metavar="N", help="list so many failed items (10)")
        parser.add_argument("--follow", action="store_true", help="show each change, until it has ended")
        parser.add_argument("--every", type=float, default=2.0, metavar="SECONDS", help="with --follow: how often (2)")

    def run(self, *, job: str, failed: int, follow: bool, every: float, **_: Any) -> ExitCode:
        chosen = job_named(job)
        if follow:
            self.follow(chosen, failed, max(every, 0.1))
        else:
            self.show(chosen, failed)
        went_wrong = chosen.state == ImportJob.State.FAILED or (chosen.finished and chosen.failed)
        return ExitCode.FINDINGS if went_wrong else ExitCode.DONE

    def show(self, job: ImportJob, failed: int) -> None:
        """All there is about it."""
        fact = job_details.details(job, failed=failed)
        self.report.fact(fact, *job_details.lines(fact))

    def follow(self, job: ImportJob, failed: int, every: float) -> None:
        """A line for each change, and in the end all there is."""
        for now in job_details.changes(job, partial(time.sleep, every)):
            if now.finished or self.report.as_json:
                self.show(now, failed)
            else:
                self.report.say(f"{timezone.now():%H:%M:%S} {job_details.progress(now)}")
