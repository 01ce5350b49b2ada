"""Refuse an access token, or accept it again."""

from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from livingdocs_import.management.operator_command import Example, OperatorCommand
from livingdocs_import.management.tokens import add_token_argument, token_named
from livingdocs_import.models import AccessToken


class Command(OperatorCommand):
    help = "Suspend an access token: it is refused from the next request on. --lift accepts it again."
    examples = (
        Example("0b5c6d1e", "the token leaked"),
        Example("0b5c6d1e --lift", "it did not"),
    )
    json_keys = "token, project, name, state, changed"

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        add_token_argument(parser)
        parser.add_argument("--lift", action="store_true", help="accept it again")

    def run(self, *, token: str, lift: bool, **_: Any) -> None:
        chosen = token_named(token)
        changed = AccessToken.objects.resume(chosen) if lift else AccessToken.objects.suspend(chosen)
        chosen.refresh_from_db()
        state = "is not suspended" if lift else "is suspended"
        fact: dict[str, object] = {"token": chosen.public_id, "project": chosen.project.handle, "name": chosen.name}
        fact |= {"state": chosen.state(timezone.now()), "changed": changed}
        self.report.fact(fact, f"{chosen} {state}" if changed else f"{chosen} {state} already: nothing was changed")
        if chosen.expired(timezone.now()):
            self.report.note(f"it has expired at {chosen.expires_at:%Y-%m-%d %H:%M} UTC: it is refused in any case")
