"""Look up the access token of a command, and parse times."""

from argparse import ArgumentParser
from datetime import UTC, datetime

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from livingdocs_import.management.names import row_named
from livingdocs_import.models import AccessToken
from livingdocs_import.models.access_token import PREFIX_LENGTH


def add_token_argument(parser: ArgumentParser) -> None:
    """Never the value itself, which would be visible in the list of processes."""
    parser.add_argument(
        "token", help="its jti or how that begins, or how an opaque one begins, as list_tokens shows it"
    )


def token_named(public_id: str) -> AccessToken:
    """The token; raises an error that quotes an unknown name."""
    tokens, name = AccessToken.objects.select_related("project"), public_id.removesuffix("…")
    if len(name) == PREFIX_LENGTH and (opaque := tokens.filter(prefix=name).first()) is not None:
        return opaque
    return row_named(tokens, "jti", name, what="token", listed_by="list_tokens")


def moment(option: str, text: str) -> datetime:
    """In UTC. Raises CommandError."""
    try:
        if (parsed := parse_datetime(text)) is not None:
            return (timezone.make_aware(parsed) if timezone.is_naive(parsed) else parsed).astimezone(UTC)
    except (ValueError, OverflowError):
        pass  # no such day, or out of range in UTC
    raise CommandError(f"{option} {text}: expected a date and time, e.g. 2027-01-31T00:00:00Z")
