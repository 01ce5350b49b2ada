"""Replace an access token by a new one."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from livingdocs_import.management.operator_command import Example, ExitCode, OperatorCommand
from livingdocs_import.management.tokens import add_token_argument, moment, token_named
from livingdocs_import.models import AccessToken
from livingdocs_import.models.access_token import CannotRotate

MAX_HOURS = 24 * 366


class Command(OperatorCommand):
    help = (
        "Make the successor of an access token, with the same name and scopes, and with the same end if no other is "
        "given. Its value goes to standard output, alone, and is never shown again. The old token works for some hours "
        "more, or until its own end. A token has one successor: the same command again makes no second one."
    )
    examples = (
        Example("0b5c6d1e", "a new token; the old one works for a day"),
        Example("0b5c6d1e --hours 168", "the client has a week to change"),
        Example("0b5c6d1e --expires 2027-12-31T00:00:00Z", "one that ends soon is replaced by one that ends later"),
    )
    json_keys = "token, value, replaces, oldEndsAt, endsAt (null: never)"

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        add_token_argument(parser)
        parser.add_argument("--hours", type=int, default=24, help="how long the old token goes on working (24)")
        ends = "when the new token ends, e.g. 2027-12-31T00:00:00Z; without: when the old one was to end"
        parser.add_argument("--expires", metavar="ISO", help=ends)

    def run(self, *, token: str, hours: int, expires: str | None, **_: Any) -> None:
        if not 0 <= hours <= MAX_HOURS:
            raise CommandError(f"--hours {hours}: 0 to {MAX_HOURS}", returncode=ExitCode.WRONG_USAGE)
        expires_at = None if expires is None else moment("--expires", expires)
        if expires_at is not None and expires_at <= timezone.now():
            raise CommandError(f"--expires {expires}: this moment has passed", returncode=ExitCode.WRONG_USAGE)
        old = token_named(token)
        ends_at = timezone.now() + timedelta(hours=hours)
        try:
            new, value = AccessToken.objects.rotate(old, old_ends_at=ends_at, expires_at=expires_at)
        except CannotRotate as refusal:
            raise CommandError(f"{old} {refusal}") from refusal
        self.report.note(f"{new} replaces {old}, which works until {ends_at:%Y-%m-%d %H:%M} UTC at the latest")
        if new.expires_at is not None:
            self.report.note(f"the new one ends at {new.expires_at:%Y-%m-%d %H:%M} UTC; --expires gives another end")
        fact = {"token": new.public_id, "value": value, "replaces": old.public_id, "oldEndsAt": ends_at}
        self.report.fact(fact | {"endsAt": new.expires_at}, value)
