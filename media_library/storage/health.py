"""Whether this process reaches the storage, and how much space is left: asked once a minute at most."""

import time
from dataclasses import dataclass
from threading import Lock

from livingdocs_import.per_process import PerProcess
from livingdocs_import.server.readiness import OK, PROBE_SECONDS, NotReady, Probe
from media_library import storage
from media_library.storage.port import StorageFailed

KEPT_SECONDS = 60.0
FAILURE_KEPT_SECONDS = 10.0  # an operator waits for it to be back


@dataclass(frozen=True)
class StorageState:
    """`error`: "" if it can be used. Sizes are bytes; None where the storage does not report them."""

    error: str = ""
    milliseconds: int | None = None
    free: int | None = None
    total: int | None = None


class StorageHealth:
    """The last state. Of several callers one asks; a storage that hangs delays none of them for long."""

    def __init__(self) -> None:
        self._probe = Probe(self._measure)
        self._measured = StorageState()
        self._state = StorageState()
        self._until = 0.0  # monotonic seconds
        self._asking = Lock()

    def state(self) -> StorageState:
        """The state, which may be a minute old."""
        with self._asking:
            if time.monotonic() >= self._until:
                self._state = self._ask()
                kept = FAILURE_KEPT_SECONDS if self._state.error else KEPT_SECONDS
                self._until = time.monotonic() + kept
            return self._state

    def _ask(self) -> StorageState:
        if (thread := self._probe.start()) is not None:
            thread.join(PROBE_SECONDS)
        outcome = self._probe.outcome
        return self._measured if outcome == OK else StorageState(error=outcome)

    def _measure(self) -> None:
        began = time.monotonic()
        try:
            storage.assets().check()
            space = storage.assets().space()
        except StorageFailed as error:
            raise NotReady(str(error)) from error
        milliseconds = round((time.monotonic() - began) * 1000)
        free, total = (None, None) if space is None else (space.free, space.total)
        self._measured = StorageState(milliseconds=milliseconds, free=free, total=total)


storage_health = PerProcess(StorageHealth)
