"""List what stored configurations have that a new one may not, and the functions that they miss."""

from typing import Any

from django.core.management.base import BaseCommand

from livingdocs_import.models import Project
from livingdocs_import.project_config import store, usage_functions


class Command(BaseCommand):
    help = (
        "Check the newest configuration of each project by the rules for new ones, and list the problems that the "
        "next revision has to fix, and functions that are not registered here. Nothing is changed, and stored "
        "configurations go on working."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        checked = refused = 0
        for project in Project.objects.exclude(config_revision=0).order_by("handle").iterator():
            row = store.stored(project)
            problems = store.problems_today(row) if row else []
            missing = usage_functions.unregistered(row.config) if row else []
            for line in [*map(str, problems), *(f"warning: {each}" for each in missing)]:
                self.stdout.write(f"{project.handle}, revision {project.config_revision}: {line}")
            checked, refused = checked + 1, refused + bool(problems)
        self.stdout.write(f"{checked} configurations checked, {refused} would be refused as a new revision")
