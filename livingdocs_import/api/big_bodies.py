"""Each process parses one big body at a time: parsed, it is several times as large as it was sent."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from livingdocs_import import errors

_slot = threading.Lock()


@contextmanager
def slot() -> Iterator[None]:
    """Hold the slot inside the block. Raises Busy if it does not become free in time."""
    wait = settings.API_BIG_BODY_WAIT_SECONDS
    if not _slot.acquire(timeout=wait):
        raise errors.Busy(retry_after=max(1, round(wait)))
    try:
        yield
    finally:
        _slot.release()
