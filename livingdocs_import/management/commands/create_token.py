"""Make an access token."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from livingdocs_import.api.permissions import SCOPES
from livingdocs_import.management.operator_command import Example, ExitCode, OperatorCommand
from livingdocs_import.management.projects import add_project_argument, project_named
from livingdocs_import.management.tokens import moment
from livingdocs_import.models import AccessToken


class Command(OperatorCommand):
    help = "Make an access token for a project. Its value goes to standard output, alone, and is never shown again."
    examples = (
        Example("times --name feed --scope public-api:read --scope public-api:write", "for a client that imports"),
        Example(
            "times --name preview --scope public-api:read --expires 2027-01-31T00:00:00Z", "one that ends by itself"
        ),
    )
    json_keys = "token, value, project, name, scopes, endsAt (null: never)"

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        add_project_argument(parser)
        parser.add_argument("--name", required=True, help="who will use it")
        scopes = f"what it may do; may be given several times: {', '.join(SCOPES)}"
        parser.add_argument("--scope", action="append", required=True, choices=SCOPES, metavar="SCOPE", help=scopes)
        parser.add_argument("--expires", metavar="ISO", help="when it ends, e.g. 2027-01-31T00:00:00Z; without: never")

    def run(self, *, project: str, name: str, scope: list[str], expires: str | None, **_: Any) -> None:
        chosen = project_named(project)
        expires_at = None if expires is None else moment("--expires", expires)
        if expires_at is not None and expires_at <= timezone.now():
            raise CommandError(f"--expires {expires}: this is in the past", returncode=ExitCode.WRONG_USAGE)
        token, value = AccessToken.objects.issue(chosen, name=name, scopes=sorted(set(scope)), expires_at=expires_at)
        fact = {"token": token.public_id, "value": value, "project": chosen.handle, "name": name}
        self.report.fact(fact | {"scopes": token.scopes, "endsAt": expires_at}, value)
