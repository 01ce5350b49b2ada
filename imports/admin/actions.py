"""Actions of an operator on a job: their conditions, confirmation pages and services."""

from imports import services
from imports.admin.plans import PartForm, can_be_imported
from imports.models import ImportJob
from livingdocs_import.admin.actions import Action, ActionFailed, by_name
from livingdocs_import.errors import QuotaExceeded


def _cancel(job: ImportJob, by: str) -> str:
    return "is cancelled" if services.cancel_job(job, by=by) else "had finished already"


def _pause(job: ImportJob, by: str) -> str:
    return "is paused" if services.pause_job(job) else "was paused already, or has finished"


def _resume(job: ImportJob, by: str) -> str:
    return "is resumed" if services.resume_job(job) else "was not paused"


def _first(job: ImportJob, by: str) -> str:
    return f"is the first of its project, with priority {services.order_job(job, first=True)}"


def _last(job: ImportJob, by: str) -> str:
    return f"is the last of its project, with priority {services.order_job(job, first=False)}"


def _replay(job: ImportJob, by: str) -> str:
    again = services.replay_job(job, by=by)
    return f"is imported again as job {again.public_id}, {again.total} items"


def _carry_out(job: ImportJob, by: str, **part: bool) -> str:
    try:
        real = services.carry_out_plan(job, by=by, **part)
    except QuotaExceeded as error:
        raise ActionFailed(f"it cannot be imported today: {error}") from error
    except (services.CarriedOut, services.PlanIncomplete) as error:
        raise ActionFailed(str(error)) from error
    if real is None:
        raise ActionFailed("nothing of it is left to import: no job was made")
    return f"is imported as job {real.public_id}, {real.total:,} item{'s' * (real.total != 1)}"


def _plan_again(job: ImportJob, by: str) -> str:
    again = services.replay_job(job, by=by)
    return f"is planned again as job {again.public_id}, {again.total:,} item{'s' * (again.total != 1)}"


def _retry(job: ImportJob, by: str) -> str:
    if (again := services.retry_job(job, by=by)) is None:
        raise ActionFailed("nothing is left to try again: it is dealt with already")
    return f"is tried again as job {again.public_id}, {again.total} items"


ACTIONS = by_name(
    Action(
        "retry",
        "Try failed items again",
        "add",
        "What has failed and is not dealt with yet is sent through again as a new job, with the same webhook and "
        "context. Nothing is imported twice: what is there is skipped.",
        lambda job: job.failed > 0 and not job.dry_run,
        _retry,
        listed=True,
        rows_of_a_batch=1,  # each copies up to ten thousand items
    ),
    Action(
        "replay",
        "Replay job",
        "add",
        "All items are sent through again as a new job, and its webhook is sent when it ends. "
        "Entries that were changed since may be overwritten.",
        lambda job: job.finished and job.total > 0 and not job.dry_run,
        _replay,
        listed=True,
        rows_of_a_batch=1,
    ),
    Action(
        "carry_out",
        "Import this plan",
        "add",
        "",
        can_be_imported,
        _carry_out,
        inputs=PartForm,
        on_page=False,
    ),
    Action(
        "plan_again",
        "Plan again",
        "add",
        "",
        lambda job: job.finished and job.total > 0 and job.dry_run,
        _plan_again,
    ),
    Action(
        "pause",
        "Pause",
        "change",
        "",
        lambda job: not job.finished and job.paused_at is None,
        _pause,
        listed=True,
        history="Paused",
    ),
    Action(
        "resume",
        "Resume",
        "change",
        "",
        lambda job: not job.finished and job.paused_at is not None,
        _resume,
        listed=True,
        history="Resumed",
    ),
    Action("first", "Do it first", "change", "", lambda job: not job.finished, _first, history="Put first"),
    Action("last", "Do it last", "change", "", lambda job: not job.finished, _last, history="Put last"),
    Action(
        "cancel",
        "Cancel job",
        "change",
        "What is imported stays; everything else fails as cancelled, and the webhook is sent. This cannot be undone.",
        lambda job: not job.finished,
        _cancel,
        destructive=True,
        listed=True,
        rows_of_a_batch=1,
    ),
)
