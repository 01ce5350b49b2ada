"""Whether this process can serve: each dependency is probed within a deadline, and the outcome is cached.

An app registers its probes with `@probe("name")` in its module `probes.py`. Errors of a probe are logged; only the
message of a `NotReady` is shown to callers.
"""

import logging
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

log = logging.getLogger(__name__)

OK = "ok"
NOT_USED = "not used"
NO_ANSWER = "no answer in time"
FAILED = "failed"
USABLE = (OK, NOT_USED)
PROBE_SECONDS = 2.0  # a probe without an outcome by then counts as failed
KEPT_SECONDS = 1.0  # seconds for which outcomes are cached, regardless of the number of requests

Check = Callable[[], str | None]


class NotReady(Exception):
    """Raised by a probe: its dependency is unusable. The message is public."""


@dataclass
class Probe:
    """One check. It runs in its own thread because it may hang, and is not started again before it has ended."""

    check: Check
    outcome: str = NO_ANSWER
    error: Exception | None = None
    thread: threading.Thread | None = None

    def start(self) -> threading.Thread | None:
        """Start the check; None if the last run is still hanging."""
        if self.thread is not None and self.thread.is_alive():
            return None
        self.outcome, self.error = NO_ANSWER, None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        return self.thread

    def _run(self) -> None:
        try:
            outcome = self.check() or OK
        except Exception as error:
            outcome, self.error = str(error) if isinstance(error, NotReady) else FAILED, error
        self.outcome = outcome


@dataclass
class Readiness:
    """The probes of one process, and their last outcomes."""

    probe_seconds: float = PROBE_SECONDS
    kept_seconds: float = KEPT_SECONDS
    _probes: dict[str, Probe] = field(default_factory=dict)
    _outcomes: dict[str, str] = field(default_factory=dict)
    _probed_at: float = -math.inf  # monotonic
    _probing: threading.Lock = field(default_factory=threading.Lock)

    def probe(self, name: str) -> Callable[[Check], Check]:
        """Register a function that returns None or a remark if its dependency is usable, and raises otherwise."""

        def register(check: Check) -> Check:
            self._probes[name] = Probe(check)
            return check

        return register

    @contextmanager
    def keeping(self, seconds: float) -> Iterator[None]:
        """Inside this block an outcome is kept for so long."""
        before, self.kept_seconds = self.kept_seconds, seconds
        try:
            yield
        finally:
            self.kept_seconds = before

    def outcomes(self) -> dict[str, str]:
        """The outcome of each probe by its name. Requests during a probe wait for its outcome.

        Only the first request after a dependency begins to hang waits for `probe_seconds`.
        """
        with self._probing:
            if time.monotonic() >= self._probed_at + self.kept_seconds:
                before, self._outcomes = self._outcomes, self._probe()
                self._probed_at = time.monotonic()
                self._log_changes(before)
            return self._outcomes

    def _probe(self) -> dict[str, str]:
        deadline = time.monotonic() + self.probe_seconds
        for thread in [probe.start() for probe in self._probes.values()]:
            if thread is not None:
                thread.join(max(0.0, deadline - time.monotonic()))
        return {name: probe.outcome for name, probe in self._probes.items()}

    def _log_changes(self, before: dict[str, str]) -> None:
        """Log the reason when readiness changes, not once a second."""
        for name, outcome in self._outcomes.items():
            if outcome not in USABLE and outcome != before.get(name):
                log.warning("not ready: %s: %s", name, outcome, exc_info=self._probes[name].error)


readiness = Readiness()
