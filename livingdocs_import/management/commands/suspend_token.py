"""Refuse an access token, or accept it again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from livingdocs_import.management.tokens import add_token_argument, token_named
from livingdocs_import.models import AccessToken


class Command(BaseCommand):
    help = "Suspend an access token: it is refused from the next request on. --lift accepts it again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_token_argument(parser)
        parser.add_argument("--lift", action="store_true", help="accept it again")

    def handle(self, *args: Any, token: str, lift: bool, **options: Any) -> None:
        chosen = token_named(token)
        others = AccessToken.objects.filter(pk=chosen.pk, suspended_at__isnull=not lift)
        changed = others.update(suspended_at=None if lift else timezone.now())
        state = "is not suspended" if lift else "is suspended"
        self.stdout.write(f"{chosen} {state}" if changed else f"{chosen} {state} already: nothing was changed")
