"""Replace an access token by a new one."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from livingdocs_import.management.tokens import add_token_argument, token_named
from livingdocs_import.models import AccessToken
from livingdocs_import.models.access_token import CannotRotate

MAX_HOURS = 24 * 366


class Command(BaseCommand):
    help = (
        "Make the successor of an access token, with the same name, scopes and end. Its value goes to standard output, "
        "alone, and is never shown again. The old token works for some hours more."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_token_argument(parser)
        parser.add_argument("--hours", type=int, default=24, help="how long the old token goes on working (24)")

    def handle(self, *args: Any, token: str, hours: int, **options: Any) -> None:
        if not 0 <= hours <= MAX_HOURS:
            raise CommandError(f"--hours {hours}: 0 to {MAX_HOURS}")
        old = token_named(token)
        ends_at = timezone.now() + timedelta(hours=hours)
        try:
            new, value = AccessToken.objects.rotate(old, old_ends_at=ends_at)
        except CannotRotate as refusal:
            raise CommandError(f"{old} {refusal}") from refusal
        self.stderr.write(f"{new} replaces {old}, which works until {ends_at:%Y-%m-%d %H:%M} UTC at the latest")
        self.stdout.write(value)
