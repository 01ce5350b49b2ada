"""Make a project."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, OutputWrapper
from django.core.validators import validate_slug

from livingdocs_import.management.configs import described, read_config
from livingdocs_import.management.projects import add_project_options, set_fields
from livingdocs_import.models import Project, ProjectConfigRevision
from livingdocs_import.project_config import InvalidConfig, store


class Command(BaseCommand):
    help = "Make a project, with its configuration and its daily limits. Prints its id."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("handle", help="its unique short name: letters, digits, - and _")
        parser.add_argument("--config", type=Path, metavar="FILE", help="its configuration as JSON")
        add_project_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
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
        if raw is not None:
            try:
                row = store.store(project, raw, by="create_project")
            except InvalidConfig as error:
                project.delete()
                raise CommandError(described(error.problems, options["config"])) from error
            warn(self.stderr, row)
        self.stdout.write(str(project.pk))


def warn(stderr: OutputWrapper, row: ProjectConfigRevision) -> None:
    """Print the warnings about the stored configuration, one per line."""
    for warning in store.warnings(row):
        stderr.write(f"warning: {warning}")
