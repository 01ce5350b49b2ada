"""Make a project."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, OutputWrapper
from django.core.validators import validate_slug

from livingdocs_import import errors
from livingdocs_import.management.projects import add_project_options, set_fields
from livingdocs_import.models import Project, ProjectConfigRevision
from livingdocs_import.project_config import InvalidConfig, store
from livingdocs_import.validation.strict_json import read_json


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
                raise CommandError(described(error, options["config"])) from error
            warn(self.stderr, row)
        self.stdout.write(str(project.pk))


def read_config(path: Path) -> dict[str, Any]:
    """The JSON object in the file. Raises an error that names file and line; input that no request may have is refused,
    too."""
    try:
        body = path.read_bytes()
        json.loads(body)  # the position of a syntax error
        raw = read_json(body)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise CommandError(f"{path}: not valid JSON: {error}") from error
    except errors.ApiError as error:
        problems = [f"{place}: {problem}" for place, problem in error.details.items()]
        raise CommandError("\n".join([f"{path}: not taken:", *problems])) from error
    if not isinstance(raw, dict):
        raise CommandError(f"{path}: expected a JSON object")
    return raw


def warn(stderr: OutputWrapper, row: ProjectConfigRevision) -> None:
    """Print the warnings about the stored configuration, one per line."""
    for warning in store.warnings(row):
        stderr.write(f"warning: {warning}")


def described(error: InvalidConfig, path: Path) -> str:
    """All problems, one per line, with their JSON pointers."""
    lines = [f"  {problem}" for problem in error.problems]
    return "\n".join([f"{path}: the configuration has {len(lines)} problem(s), nothing was stored:", *lines])
