"""Change a project's label, limits, time zone or share of the workers."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from livingdocs_import.management.projects import FIELDS, add_project_options, project_named, set_fields
from livingdocs_import.models import Project


class Command(BaseCommand):
    help = "Change what is given of a project and say what it has then; without an option only the latter."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("project", help="the project's handle")
        add_project_options(parser)

    def handle(self, *args: Any, project: str, **options: Any) -> None:
        chosen = project_named(project)
        if given := set_fields(chosen, options):
            chosen.save(update_fields=given)
        for name in FIELDS:
            self.stdout.write(f"{name.replace('_', ' ')}: {said(chosen, name)}")


def said(project: Project, name: str) -> str:
    """A field's value as text."""
    value = getattr(project, name)
    if isinstance(value, dict):
        value = ", ".join(f"{'any kind' if kind == '*' else kind} {limit}" for kind, limit in value.items())
    return str(value) or "none"
