"""Replace an access token by a new one."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from livingdocs_import.management.operator_command import Example, ExitCode, OperatorCommand
from livingdocs_import.management.tokens import add_token_argument, token_named
from livingdocs_import.models import AccessToken
from livingdocs_import.models.access_token import CannotRotate

MAX_HOURS = 24 * 366


class Command(OperatorCommand):
    help = (
        "Make the successor of an access token, with the same name, scopes and end. Its value goes to standard output, "
        "alone, and is never shown again. The old token works for some hours more. A token has one successor: the "
        "same command again makes no second one."
    )
    examples = (
        Example("0b5c6d1e", "a new token; the old one works for a day"),
        Example("0b5c6d1e --hours 168", "the client has a week to change"),
    )
    json_keys = "token, value, replaces, oldEndsAt"

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        add_token_argument(parser)
        parser.add_argument("--hours", type=int, default=24, help="how long the old token goes on working (24)")

    def run(self, *, token: str, hours: int, **_: Any) -> None:
        if not 0 <= hours <= MAX_HOURS:
            raise CommandError(f"--hours {hours}: 0 to {MAX_HOURS}", returncode=ExitCode.WRONG_USAGE)
        old = token_named(token)
        ends_at = timezone.now() + timedelta(hours=hours)
        try:
            new, value = AccessToken.objects.rotate(old, old_ends_at=ends_at)
        except CannotRotate as refusal:
            raise CommandError(f"{old} {refusal}") from refusal
        self.report.note(f"{new} replaces {old}, which works until {ends_at:%Y-%m-%d %H:%M} UTC at the latest")
        fact = {"token": new.public_id, "value": value, "replaces": old.public_id, "oldEndsAt": ends_at}
        self.report.fact(fact, value)
