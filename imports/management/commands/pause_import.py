"""Let running jobs wait."""

from imports import services
from imports.management.job_control import JobControl
from imports.models import ImportJob
from livingdocs_import.management.operator_command import Example


class Command(JobControl):
    help = "Pause imports: workers claim nothing more of them, and what they have in hand ends. See resume_import."
    examples = (
        Example("25bzj8j", "let one job wait"),
        Example("25bzj8j 9k2m81qz3f", "let several wait"),
    )
    done = "is paused"
    done_before = "was paused already, or has finished"

    def change(self, job: ImportJob) -> bool:
        return services.pause_job(job)
