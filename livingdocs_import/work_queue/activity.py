"""What this process is doing, for its heartbeat: workers register how to ask, the housekeeping thread asks."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from livingdocs_import.per_process import PerProcess

_STATM = Path("/proc/self/statm")  # pages: the whole size, the resident part, …


@dataclass(frozen=True)
class Doing:
    """What part of a process does: `downloads 8 images from a.example`, and the public id of its job, if it has one."""

    what: str
    job: str = ""


class Activity:
    """The activity of one process. It is asked from another thread, and costs the asked ones nothing in between."""

    def __init__(self) -> None:
        self._asked: dict[str, Callable[[], Doing | None]] = {}
        self._ended = 0
        self._noted = (time.monotonic(), 0)  # when the pace was last asked for, and what had ended by then

    def watch(self, part: str, ask: Callable[[], Doing | None]) -> None:
        """Let `ask` answer for this part of the process from now on; it may be called from another thread."""
        self._asked[part] = ask

    def ended(self, number: int) -> None:
        """Count ended items or sent webhooks."""
        self._ended += number

    def now(self) -> Doing:
        """All that is being done; its first job."""
        answers = [doing for ask in list(self._asked.values()) if (doing := ask()) is not None]
        job = next((doing.job for doing in answers if doing.job), "")
        return Doing("; ".join(doing.what for doing in answers), job)

    def pace(self) -> float:
        """What ended per second since the last call."""
        (since, before), now = self._noted, time.monotonic()
        self._noted = (now, self._ended)
        return (self._ended - before) / (now - since) if now > since else 0.0


activity = PerProcess(Activity)


def memory_in_use() -> int | None:
    """The resident memory of this process in bytes; None where the system does not say."""
    try:
        return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None
