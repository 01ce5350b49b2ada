"""Big bodies take turns in each process: parsed, they are several times as large as they were sent."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from livingdocs_import import errors

_turn = threading.Lock()


@contextmanager
def turn() -> Iterator[None]:
    """Until the end of the block nobody else has it. `Busy` when others do not come to an end soon enough."""
    wait = settings.API_BIG_BODY_WAIT_SECONDS
    if not _turn.acquire(timeout=wait):
        raise errors.Busy(retry_after=max(1, round(wait)))
    try:
        yield
    finally:
        _turn.release()
