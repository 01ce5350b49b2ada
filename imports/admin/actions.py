"""Actions of an operator on a job: their conditions, confirmation pages and services."""

from imports import services
from imports.models import ImportJob
from livingdocs_import.admin.actions import Action, by_name


def _cancel(job: ImportJob, by: str) -> str:
    return "is cancelled" if services.cancel_job(job, by=by) else "had finished already"


def _replay(job: ImportJob, by: str) -> str:
    again = services.replay_job(job, by=by)
    return f"is imported again as job {again.public_id}, {again.total} items"


def _retry(job: ImportJob, by: str) -> str:
    if (again := services.retry_job(job, by=by)) is None:
        return "has nothing left to try again"
    return f"is tried again as job {again.public_id}, {again.total} items"


ACTIONS = by_name(
    Action(
        "retry",
        "Try failed items again",
        "add",
        "",
        lambda job: job.finished and job.failed > 0,
        _retry,
        listed=True,
    ),
    Action(
        "replay",
        "Replay job",
        "add",
        "All items are sent through again as a new job, and its webhook is sent when it ends. "
        "Entries that were changed since may be overwritten.",
        lambda job: job.finished and job.total > 0,
        _replay,
        listed=True,
    ),
    Action(
        "cancel",
        "Cancel job",
        "change",
        "What is imported stays; everything else fails as cancelled, and the webhook is sent. This cannot be undone.",
        lambda job: not job.finished,
        _cancel,
        destructive=True,
        listed=True,
    ),
)
