"""What an attempt means for its webhook: delivered, given up, or retried after a pause (spec 7.1)."""

import random
from datetime import timedelta

from livingdocs_import.egress.post import Posted
from livingdocs_import.egress.retry_after import is_retryable
from livingdocs_import.errors import Failure, NotConfigured
from livingdocs_import.models import WebhookDelivery

# Pauses before the 2nd, 3rd … attempt; about 24 hours in all. Each varies by a fifth, so that a recovering receiver
# does not get everything at once.
PAUSES = [timedelta(seconds=s) for s in (5, 30, 120, 600, 1800, 3600, 7200, 14400, 21600, 36000)]
GIVE_UP_AFTER = timedelta(hours=24)
GIVE_UP_EVENTS_AFTER = timedelta(hours=72)  # messages of a project's webhooks; the last pause is repeated
MAX_PAUSE_WHEN_MISCONFIGURED = timedelta(minutes=10)  # between attempts that our own configuration prevents
State = WebhookDelivery.State


def max_attempts(give_up_after: timedelta) -> int:
    """How many attempts there are at most within that time, by the pauses alone."""
    made, age = 1, timedelta(0)
    while (age := age + PAUSES[min(made, len(PAUSES)) - 1]) <= give_up_after:
        made += 1
    return made


def plan_next(
    result: Posted | Failure, attempts: int, *, age: timedelta, give_up_after: timedelta = GIVE_UP_AFTER
) -> tuple[str, timedelta]:
    """The delivery's state after this attempt and, if it stays pending, the pause before the next one.

    It succeeds with 2xx. It is given up on a 4xx except 408, 425 and 429, on a forbidden address, or after failing for
    too long; never for an error in our own configuration.
    """
    if is_delivered(result):
        return State.DELIVERED, timedelta(0)
    if is_refused(result):
        return State.GIVEN_UP, timedelta(0)
    asked = timedelta(seconds=getattr(result, "retry_after", None) or 0)
    planned = PAUSES[min(attempts, len(PAUSES)) - 1] * random.uniform(0.8, 1.2)  # noqa: S311 no secret
    pause = max(asked, planned)
    if isinstance(result, NotConfigured):
        return State.PENDING, min(pause, MAX_PAUSE_WHEN_MISCONFIGURED)
    return (State.GIVEN_UP, timedelta(0)) if age + pause > give_up_after else (State.PENDING, pause)


def is_delivered(result: Posted | Failure) -> bool:
    """Whether the receiver has accepted it."""
    return isinstance(result, Posted) and 200 <= result.status < 300


def is_refused(result: Posted | Failure) -> bool:
    """Whether another attempt is pointless."""
    if isinstance(result, Posted):
        return 400 <= result.status < 500 and not is_retryable(result.status)
    return not result.transient
