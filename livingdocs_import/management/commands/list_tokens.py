"""List the access tokens of a project, or of all."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from livingdocs_import.management.projects import project_named
from livingdocs_import.models import AccessToken

DAY = "%Y-%m-%d %H:%M UTC"


class Command(BaseCommand):
    help = (
        "List access tokens: their jti (of an opaque one how it begins), project, scopes, end and key; never a value."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("project", nargs="?", help="the project's handle; without: all projects")
        parser.add_argument("--archived", action="store_true", help="archived ones as well")

    def handle(self, *args: Any, project: str | None, archived: bool, **options: Any) -> None:
        tokens = AccessToken.objects.select_related("project").order_by("project__handle", "pk")
        if project is not None:
            tokens = tokens.filter(project=project_named(project))
        if not archived:
            tokens = tokens.filter(archived_at=None)
        for token in tokens.iterator():
            self.stdout.write(said(token))


def said(token: AccessToken) -> str:
    """One line about a token."""
    until = f"until {token.expires_at:{DAY}}" if token.expires_at else "without an end"
    key = f", key {token.kid}" if token.kid else ""
    scopes = ", ".join(token.scopes) or "nothing"
    return f"{token.public_id}  {token.project}  {token.name}: {scopes}; {token.state(timezone.now())}, {until}{key}"
