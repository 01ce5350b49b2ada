"""List the access tokens of a project, or of all."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.utils import timezone

from livingdocs_import.management.operator_command import Example, OperatorCommand
from livingdocs_import.management.projects import add_optional_project, project_named
from livingdocs_import.management.report import Column, Fact, moment
from livingdocs_import.models import AccessToken

TONES = {"in use": "SUCCESS", "suspended": "WARNING", "expired": "WARNING"}
COLUMNS = (
    Column("TOKEN", "token"),
    Column("PROJECT", "project"),
    Column("NAME", "name"),
    Column("STATE", "state", tones=TONES),
    Column("ENDS (UTC)", "expiresAt", moment),
    Column("LAST USED", "lastUsedAt", moment),
    Column("KEY", "key"),
    Column("SCOPES", "scopes"),
)


class Command(OperatorCommand):
    help = (
        "List access tokens: their jti (of an opaque one how it begins), project, state, end, key and scopes; never a "
        "value."
    )
    examples = (
        Example("", "the tokens of all projects"),
        Example("times --archived", "those of one project, also the archived ones"),
    )
    json_keys = "token, project, name, state, scopes, createdAt, expiresAt, lastUsedAt, key"

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        add_optional_project(parser)
        parser.add_argument("--archived", action="store_true", help="archived ones as well")

    def run(self, *, project: str | None, archived: bool, **_: Any) -> None:
        tokens = AccessToken.objects.select_related("project").order_by("project__handle", "pk")
        if project is not None:
            tokens = tokens.filter(project=project_named(project))
        if not archived:
            tokens = tokens.filter(archived_at=None)
        now = timezone.now()
        self.report.table((token_fact(token, now) for token in tokens), COLUMNS, none="There are no tokens.")


def token_fact(token: AccessToken, now: datetime) -> Fact:
    """A token without its value."""
    return {
        "token": token.public_id,
        "project": token.project.handle,
        "name": token.name,
        "state": token.state(now),
        "scopes": token.scopes,
        "createdAt": token.created_at,
        "expiresAt": token.expires_at,
        "lastUsedAt": token.last_used_at,
        "key": token.kid,
    }
