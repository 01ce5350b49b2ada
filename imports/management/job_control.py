"""The base of commands that do one thing to some jobs: cancel, pause, resume."""

from abc import abstractmethod
from argparse import ArgumentParser
from typing import Any, ClassVar

from imports.management.jobs import job_named
from imports.models import ImportJob
from livingdocs_import.management.operator_command import OperatorCommand


class JobControl(OperatorCommand):
    """All jobs are looked up first, so that a mistyped id changes none."""

    done: ClassVar[str]  # said of a job after its id
    done_before: ClassVar[str]
    json_keys = "job, project, state, paused, changed"

    @abstractmethod
    def change(self, job: ImportJob) -> bool:
        """False: there was nothing to do."""

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("jobs", nargs="+", metavar="JOB", help="the job's id, or how it begins, e.g. 25bzj8j")

    def run(self, *, jobs: list[str], **_: Any) -> None:
        for job in {job.pk: job for job in map(job_named, jobs)}.values():
            changed = self.change(job)
            job.refresh_from_db(fields=["state", "paused_at"])
            fact: dict[str, object] = {"job": job.public_id, "project": job.project.handle, "state": job.state}
            fact |= {"paused": job.paused_at is not None, "changed": changed}
            self.report.fact(fact, f"{job.public_id} {self.done if changed else self.done_before}")
