"""End running jobs."""

from imports import services
from imports.management.job_control import JobControl
from imports.models import ImportJob
from livingdocs_import.management.operator_command import Example


class Command(JobControl):
    help = "Cancel imports: what is done stays, the rest fails as cancelled, the webhook is sent. It cannot be undone."
    examples = (
        Example("25bzj8j", "end one job"),
        Example("25bzj8j 9k2m81qz3f", "end several"),
    )
    done = "is cancelled"
    done_before = "had finished already: nothing was changed"

    def change(self, job: ImportJob) -> bool:
        return services.cancel_job(job, by="cancel_import")
