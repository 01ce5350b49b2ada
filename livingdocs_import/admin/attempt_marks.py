"""Attempts to deliver as a row of marks: taken, refused, before it was sent again, and still to come."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from livingdocs_import.models import WebhookAttempt, WebhookDelivery
from livingdocs_import.webhooks.retry_policy import GIVE_UP_AFTER, GIVE_UP_EVENTS_AFTER, max_attempts

MAX_MARKS = 24
_MAX_ATTEMPTS = {False: max_attempts(GIVE_UP_AFTER), True: max_attempts(GIVE_UP_EVENTS_AFTER)}


class Mark(NamedTuple):
    """The CSS class of a mark, and what it means in words."""

    kind: str
    title: str


def of_statuses(statuses: Iterable[int]) -> list[Mark]:
    """Attempts by their statuses; 0: no answer."""
    return [_mark(status or None) for status in statuses]


def of_delivery(delivery: WebhookDelivery, attempts: Sequence[WebhookAttempt]) -> list[Mark]:
    """All attempts, oldest first; of a pending delivery also those that may follow."""
    made = [_mark(attempt.status) for attempt in attempts]
    before = max(len(made) - (delivery.attempts - delivery.attempts_before), 0)
    marks = [Mark("no past", f"{mark.title}, before it was sent again") for mark in made[:before]] + made[before:]
    if delivery.state == WebhookDelivery.State.PENDING:
        left = max(_MAX_ATTEMPTS[bool(delivery.webhook)] - (len(made) - before), 1)
        marks += [Mark("next", "still to come")] * left
    return marks[-MAX_MARKS:]


def _mark(status: int | None) -> Mark:
    taken = status is not None and 200 <= status < 300
    return Mark("" if taken else "no", f"answered {status}" if status else "no answer")


def by_delivery(attempts: Iterable[WebhookAttempt]) -> dict[int, list[WebhookAttempt]]:
    """Attempts by their deliveries, in order."""
    found: dict[int, list[WebhookAttempt]] = {}
    for attempt in attempts:
        found.setdefault(attempt.delivery_id, []).append(attempt)
    return found
