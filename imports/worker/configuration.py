"""The configuration for a job's items; a job whose project has no usable one is failed."""

import logging

from imports.claiming.due_items import OpenJobs
from imports.models import ImportJob
from imports.outcomes import job_end
from livingdocs_import.project_config import InvalidConfig, ProjectConfig, store

log = logging.getLogger(__name__)


def usable(job: ImportJob, jobs: OpenJobs) -> ProjectConfig | None:
    """The project's configuration; None if it is unusable: the job has ended then."""
    try:
        return store.current(job.project)
    except InvalidConfig as error:
        log.exception("job %s: the project's configuration cannot be used", job.public_id)
        # Operators see it; clients only learn that it is our fault.
        note = f"unusable configuration: {error}"
        job_end.end_early(job, state=ImportJob.State.FAILED, reason="internal error", cause="configuration", note=note)
        jobs.expire()
        return None
