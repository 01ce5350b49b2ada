"""List what stored configurations have that a new one may not."""

from typing import Any

from django.core.management.base import BaseCommand

from livingdocs_import.models import Project
from livingdocs_import.project_config import store


class Command(BaseCommand):
    help = (
        "Check the newest configuration of each project by the rules for new ones, and list the problems that the "
        "next revision has to fix. Nothing is changed, and stored configurations go on working."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        checked = refused = 0
        for project in Project.objects.exclude(config_revision=0).order_by("handle").iterator():
            row = store.stored(project)
            problems = store.problems_today(row) if row else []
            for problem in problems:
                self.stdout.write(f"{project.handle}, revision {project.config_revision}: {problem}")
            checked, refused = checked + 1, refused + bool(problems)
        self.stdout.write(f"{checked} configurations checked, {refused} would be refused as a new revision")
