"""Make a project."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.core.validators import validate_slug

from livingdocs_import.management.configs import described, read_config
from livingdocs_import.management.operator_command import Example, OperatorCommand
from livingdocs_import.management.projects import add_project_options, set_fields
from livingdocs_import.models import Project
from livingdocs_import.project_config import InvalidConfig, store


class Command(OperatorCommand):
    help = "Make a project, with its configuration and its daily limits. Prints its id."
    examples = (
        Example("times --config config.json", "a project with its configuration"),
        Example("times --label 'The Times' --daily-limit images=5000", "with a name for people, and a quota"),
    )
    json_keys = "project, id, revision (0: it has no configuration), warnings"

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("handle", help="its unique short name: letters, digits, - and _")
        parser.add_argument("--config", type=Path, metavar="FILE", help="its configuration as JSON")
        add_project_options(parser)

    def run(self, **options: Any) -> None:
        handle = options["handle"]
        try:
            validate_slug(handle)
        except Exception as error:
            raise CommandError(f'handle "{handle}": letters, digits, - and _ only') from error
        if Project.objects.filter(handle=handle).exists():
            raise CommandError(f'There is a project "{handle}" already.')
        project = Project(handle=handle)
        set_fields(project, options)
        raw = read_config(options["config"]) if options["config"] else None
        project.save()
        warnings: list[str] = []
        if raw is not None:
            try:
                row = store.store(project, raw, by="create_project")
            except InvalidConfig as error:
                project.delete()
                raise CommandError(described(error.problems, options["config"])) from error
            warnings = list(map(str, store.warnings(row)))
        for warning in warnings:
            self.report.note(f"warning: {warning}")
        fact = {"project": handle, "id": project.pk, "revision": project.config_revision, "warnings": warnings}
        self.report.fact(fact, str(project.pk))
