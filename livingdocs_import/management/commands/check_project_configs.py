"""List what stored configurations have that a new one may not, and the functions that they miss."""

from typing import Any

from livingdocs_import.management.operator_command import Example, OperatorCommand
from livingdocs_import.management.report import counted
from livingdocs_import.models import Project
from livingdocs_import.project_config import store, usage_functions
from livingdocs_import.validation.problems import json_pointer


class Command(OperatorCommand):
    help = (
        "Check the newest configuration of each project by the rules for new ones, and list the problems that the "
        "next revision has to fix, and functions that are not registered here. Nothing is changed, and stored "
        "configurations go on working."
    )
    examples = (
        Example("", "before an upgrade: what the next revision of each project has to fix"),
        Example("--json", "the same for a program: one line for each configuration"),
    )
    json_keys = "project, revision, problems [{pointer, message}], missingFunctions [message]"

    def run(self, **_: Any) -> None:
        checked = refused = 0
        for project in Project.objects.exclude(config_revision=0).order_by("handle").iterator():
            row = store.stored(project)
            problems = store.problems_today(row) if row else []
            missing = usage_functions.unregistered(row.config) if row else []
            fact = {
                "project": project.handle,
                "revision": project.config_revision,
                "problems": [{"pointer": json_pointer(each.path), "message": each.message} for each in problems],
                "missingFunctions": list(map(str, missing)),
            }
            lines = [*map(str, problems), *(f"warning: {each}" for each in missing)]
            place = f"{project.handle}, revision {project.config_revision}"
            self.report.fact(fact, *(f"{place}: {line}" for line in lines))
            checked, refused = checked + 1, refused + bool(problems)
        self.report.say(f"{counted(checked, 'configuration')} checked, {refused} would be refused as a new revision")
