"""Look up the job of a command."""

from argparse import ArgumentParser

from django.core.management.base import CommandError

from imports.models import ImportJob


def add_job_argument(parser: ArgumentParser) -> None:
    """The id that the client got from the POST."""
    parser.add_argument("job", help="the job's id, e.g. 25bzj8j")


def job_named(public_id: str) -> ImportJob:
    """The job; raises an error that quotes an unknown id."""
    job = ImportJob.objects.select_related("project").filter(public_id=public_id).first()
    if job is None:
        raise CommandError(f'There is no import job "{public_id}".')
    return job
