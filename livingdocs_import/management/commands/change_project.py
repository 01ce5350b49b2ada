"""Change a project's label, limits, time zone or share of the workers."""

from argparse import ArgumentParser
from typing import Any

from livingdocs_import.management.operator_command import Example, OperatorCommand
from livingdocs_import.management.projects import (
    FIELDS,
    add_project_argument,
    add_project_options,
    project_named,
    set_fields,
)
from livingdocs_import.models import Project


class Command(OperatorCommand):
    help = "Change what is given of a project and say what it has then; without an option only the latter."
    examples = (
        Example("times --time-zone Europe/Zurich --import-weight 2", "its nights, and twice the share of the workers"),
        Example("times", "what it has"),
    )
    json_keys = "project, label, dailyLimits, timeZone, importWeight"

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        add_project_argument(parser)
        add_project_options(parser)

    def run(self, *, project: str, **options: Any) -> None:
        chosen = project_named(project)
        if given := set_fields(chosen, options):
            chosen.save(update_fields=given)
        fact = {
            "project": chosen.handle,
            "label": chosen.label,
            "dailyLimits": chosen.daily_limits,
            "timeZone": chosen.time_zone,
            "importWeight": chosen.import_weight,
        }
        self.report.fact(fact, *(f"{name.replace('_', ' ')}: {said(chosen, name)}" for name in FIELDS))


def said(project: Project, name: str) -> str:
    """A field's value as text."""
    value = getattr(project, name)
    if isinstance(value, dict):
        value = ", ".join(f"{'any kind' if kind == '*' else kind} {limit}" for kind, limit in value.items())
    return str(value) or "none"
