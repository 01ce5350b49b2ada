"""A round of indexing: all that is behind takes turns, a transaction each time, until the time is up.

Apps know what they index and how they follow its changes; this is what their rounds have in common (docs/adr/0028).
"""

import logging
import time
from collections import deque
from collections.abc import Iterable, Iterator

log = logging.getLogger(__name__)


def in_turns(behind: Iterable[tuple[str, Iterator[int]]], seconds: float) -> int:
    """Do batches of each, given as (name, batches), for so long at most; the sum of their numbers.

    One that fails is left until the next round; the first error is raised when the others are done.
    """
    until, done, errors = time.monotonic() + seconds, 0, list[Exception]()
    waiting = deque(behind)
    while waiting and time.monotonic() < until:
        name, batches = waiting.popleft()
        try:
            number = next(batches, None)
        except Exception as error:
            log.exception("%s cannot be indexed", name)
            errors.append(error)
            continue
        if number is not None:
            done += number
            waiting.append((name, batches))
    if errors:
        raise errors[0]
    return done
