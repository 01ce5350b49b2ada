"""Give a project a configuration."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from livingdocs_import.management.commands.create_project import described, read_config, warn
from livingdocs_import.management.projects import project_named
from livingdocs_import.project_config import InvalidConfig, store


class Command(BaseCommand):
    help = "Store a configuration as the project's next revision. Older revisions and their designs stay."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("project", help="the project's handle")
        parser.add_argument("file", type=Path, help="the configuration as JSON")

    def handle(self, *args: Any, project: str, file: Path, **options: Any) -> None:
        try:
            row = store.store(project_named(project), read_config(file), by="load_project_config")
        except InvalidConfig as error:
            raise CommandError(described(error, file)) from error
        warn(self.stderr, row)
        self.stdout.write(f"revision {row.revision}, design {row.design_name} {row.design_version}")
