"""When a request is sent again, and after which pause."""

import random
from dataclasses import dataclass

from livingdocs_import_client.errors import ApiError, ConnectionFailed

NEVER_PROCESSED = frozenset({425, 429})  # whatever the request was, nothing was done
TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Retries:
    """How long a failing request is tried again.

    Pauses double from `first_pause` to `max_pause` seconds, with jitter; `Retry-After` goes before, whatever it asks
    for, as long as all pauses of one request together stay within `patience` seconds.
    """

    attempts: int = 8
    first_pause: float = 0.5
    max_pause: float = 60.0
    patience: float = 600.0

    def pause(self, attempt: int, waited: float, asked: float | None) -> float | None:
        """Seconds until the next try after `attempt` of them and `waited` seconds; None: it is given up."""
        if attempt >= self.attempts:
            return None
        backoff = min(self.first_pause * 2 ** (attempt - 1), self.max_pause)
        seconds = backoff * random.uniform(0.5, 1.0) if asked is None else asked  # noqa: S311 (no secret)
        return seconds if waited + seconds <= self.patience else None


NO_RETRIES = Retries(attempts=1)


def may_repeat(error: ApiError | ConnectionFailed, *, repeatable: bool) -> bool:
    """Whether the request may be sent again and may succeed then.

    One that is not repeatable is sent again only if the service cannot have acted on it: no connection was made, or it
    was put off with 425, 429 or a 503 that says when to come back.
    """
    if isinstance(error, ConnectionFailed):
        return repeatable or not error.sent
    if any(problem.path == "access_token" for problem in error.problems):
        return False  # a wrong token does not become a right one
    if repeatable:
        return error.status in TRANSIENT
    return error.status in NEVER_PROCESSED or (error.status == 503 and error.retry_after is not None)
