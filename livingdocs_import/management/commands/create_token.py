"""Make an access token."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from livingdocs_import.api.permissions import SCOPES
from livingdocs_import.management.projects import project_named
from livingdocs_import.management.tokens import moment
from livingdocs_import.models import AccessToken


class Command(BaseCommand):
    help = "Make an access token for a project. Its value goes to standard output, alone, and is never shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("project", help="the project's handle")
        parser.add_argument("--name", required=True, help="who will use it")
        parser.add_argument(
            "--scope", action="append", required=True, choices=SCOPES, help="may be given several times"
        )
        parser.add_argument("--expires", metavar="ISO", help="when it ends, e.g. 2027-01-31T00:00:00Z; without: never")

    def handle(
        self, *args: Any, project: str, name: str, scope: list[str], expires: str | None, **options: Any
    ) -> None:
        chosen = project_named(project)
        expires_at = None if expires is None else moment("--expires", expires)
        _, value = AccessToken.objects.issue(chosen, name=name, scopes=sorted(set(scope)), expires_at=expires_at)
        self.stdout.write(value)
