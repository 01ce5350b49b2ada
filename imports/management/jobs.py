"""Look up the jobs of a command, and describe a job."""

from argparse import ArgumentParser

from imports.models import ImportJob
from livingdocs_import.management.names import row_named
from livingdocs_import.management.report import Column, Fact, moment, number

KEYS = (
    "job, project, kind, systemName, dryRun, state, paused, total, done, success, skipped, failed, startedAt, "
    "finishedAt, note"
)


def add_job_argument(parser: ArgumentParser) -> None:
    """The id that the client got from the POST."""
    parser.add_argument("job", help="the job's id, or how it begins, e.g. 25bzj8j")


def job_named(name: str) -> ImportJob:
    """The job; raises an error that quotes an unknown id."""
    jobs = ImportJob.objects.select_related("project")
    return row_named(jobs, "public_id", name, what="import job", listed_by="list_imports")


def job_fact(job: ImportJob) -> dict[str, object]:
    """A job with its counts."""
    counts = {"total": job.total, "done": job.done, "success": job.success, "skipped": job.skipped}
    return {
        "job": job.public_id,
        "project": job.project.handle,
        "kind": job.kind,
        "systemName": job.system_name,
        "dryRun": job.dry_run,
        "state": job.state,
        "paused": job.paused_at is not None,
        **counts,
        "failed": job.failed,
        "startedAt": job.started_at,
        "finishedAt": job.finished_at,
        "note": job.note,
    }


def condition(fact: Fact) -> str:
    """The state in a word for people."""
    if fact["state"] == ImportJob.State.STARTED:
        return "paused" if fact["paused"] else "open"
    if fact["state"] == ImportJob.State.FAILED:
        return "failed"
    return "with failures" if fact["failed"] else "done"


def imports(fact: Fact) -> str:
    """`images from archive`."""
    return f"{'dry run: ' if fact['dryRun'] else ''}{fact['kind']} from {fact['systemName']}"


TONES = {"open": "NOTICE", "paused": "WARNING", "failed": "ERROR", "done": "SUCCESS", "with failures": "WARNING"}
COLUMNS = (
    Column("JOB", "job"),
    Column("PROJECT", "project"),
    Column("IMPORTS", imports),
    Column("STATE", condition, tones=TONES),
    Column("ITEMS", "total", number),
    Column("DONE", "done", number),
    Column("FAILED", "failed", number),
    Column("STARTED (UTC)", "startedAt", moment),
)
