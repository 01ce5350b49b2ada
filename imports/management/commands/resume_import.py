"""Let paused jobs go on."""

from imports import services
from imports.management.job_control import JobControl
from imports.models import ImportJob
from livingdocs_import.management.operator_command import Example


class Command(JobControl):
    help = "Resume imports that were paused."
    examples = (
        Example("25bzj8j", "let one job go on"),
        Example("25bzj8j 9k2m81qz3f", "let several go on"),
    )
    done = "goes on"
    done_before = "was not paused"

    def change(self, job: ImportJob) -> bool:
        return services.resume_job(job)
