"""How many parallel requests this process makes to a host, and the outcomes of the last ones.

The number of slots grows while a host answers quickly, and is halved when it does not answer. A few slots are reserved
for slow requests: a host at which every tenth request hangs still gets the others.
"""

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache

from livingdocs_import.egress.errors import AddressNotAllowed, NoAnswer, NoConnection
from livingdocs_import.errors import Failure, TransientFailure

REMEMBERED = 2_000  # hosts; a batch may name ten thousand that do not exist
START_LIMIT, MIN_LIMIT, MAX_LIMIT = 6.0, 2.0, 24.0  # parallel requests: new, failing, best hosts
QUICK = 10.0  # slots from which on items are claimed before a slot is free
FOLLOW_SECONDS = 2.0  # seconds between two redirects to a host whose circuit is open
SLOW_SLOTS = 4  # additional ones, for requests that have taken longer than SLOW_SECONDS
SLOW_SECONDS = 2.0
QUICK_SECONDS = 1.0  # an answer within this time adds to the slots


@lru_cache(maxsize=4096)
def host_key(host: str) -> int:
    """`host:port` as a number for a column: positive, never 0."""
    return int.from_bytes(hashlib.blake2b(host.encode(), digest_size=8).digest()) >> 1 or 1


class HostBusy(TransientFailure):
    """No slot became free within the time that a request may wait. Nothing was sent."""

    cause = "host-busy"

    def __init__(self) -> None:
        super().__init__("too many downloads from this server at the same time", retry_after=1.0)


class HostUnavailable(TransientFailure):
    """The host's circuit is open. Nothing was sent."""

    cause = "host-unavailable"

    def __init__(self, endpoint: str = "") -> None:
        super().__init__("the server is not answering")
        self.endpoint = endpoint


@dataclass(frozen=True)
class UnansweredRequest:
    """A request without an answer. `begun` and `ended` are by the clock of HostLimits.

    `reached`: a server at the host's address refused the connection, so our network works.
    """

    host: str
    begun: float
    ended: float
    reached: bool


@dataclass
class _Host:
    limit: float = START_LIMIT
    begun: list[float] = field(default_factory=list)  # requests under way, by their start
    failures: int = 0  # since the last answer
    answered_at: float | None = None


class HostLimits:
    """The requests of one process. Thread-safe."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._changed = threading.Condition()
        self._hosts: OrderedDict[int, _Host] = OrderedDict()  # by key
        self._closed_to: frozenset[str] = frozenset()  # open circuits
        self._follow_at: dict[str, float] = {}
        self._unanswered: list[UnansweredRequest] = []
        self._answered: set[str] = set()
        self.last_answer_at: float | None = None  # of any host

    @property
    def hosts_remembered(self) -> int:
        return len(self._hosts)

    # --- Requests ----------------------------------------------------------------------------------------------------

    @contextmanager
    def request(self, host: str, *, wait_seconds: float, first: bool) -> Iterator[None]:
        """Make one request inside this block. A Failure that leaves the block records whether the host answered.

        The caller has checked `slots` before the `first` request of a download. A request after a redirect waits for a
        slot: HostBusy is raised after `wait_seconds`, HostUnavailable at once if the circuit is open.
        """
        begun = self._begin(host, wait_seconds, first)
        answered: bool | None = None  # unknown: no request was made, or it failed on our side (a full disk)
        reached = True
        try:
            yield
            answered = True
        except (NoConnection, NoAnswer) as failure:
            answered, reached, failure.endpoint = False, failure.reached, host
            raise
        except AddressNotAllowed:
            raise
        except Failure:
            answered = True  # a refusal, a broken download: the host has answered
            raise
        finally:
            self._end(host, begun, answered, reached)

    def answered(self, host: str) -> None:
        """Record that the head of a response has arrived."""
        with self._changed:
            self._record_answer(host)

    def _begin(self, host: str, wait_seconds: float, first: bool) -> float:
        with self._changed:
            known = self._known(host)
            if not first:
                if host in self._closed_to and not self._may_follow(host):
                    raise HostUnavailable(host)
                if not self._changed.wait_for(lambda: self._slots(known) > 0, wait_seconds):
                    raise HostBusy
            begun = self.clock()
            known.begun.append(begun)
            return begun

    def _may_follow(self, host: str) -> bool:
        """Whether a redirect may probe the host: possibly no item names the host itself."""
        now = self.clock()
        if now < self._follow_at.get(host, 0.0):
            return False
        self._follow_at[host] = now + FOLLOW_SECONDS
        return True

    def _end(self, host: str, begun: float, answered: bool | None, reached: bool) -> None:
        with self._changed:
            known = self._known(host)
            if begun in known.begun:
                known.begun.remove(begun)
            now = self.clock()
            if answered:
                self._record_answer(host)
                if now - begun <= QUICK_SECONDS:
                    known.limit = min(known.limit + 0.5, MAX_LIMIT)
            elif answered is False:
                known.failures += 1
                known.limit = max(known.limit / 2, MIN_LIMIT)
                self._unanswered.append(UnansweredRequest(host, begun, now, reached))
            self._changed.notify_all()

    def _record_answer(self, host: str) -> None:
        known = self._known(host)
        known.failures, known.answered_at = 0, self.clock()
        self.last_answer_at = known.answered_at
        self._answered.add(host)

    # --- Free slots ---------------------------------------------------------------------------------------------------

    def slots(self, key: int, *, taken: int = 0) -> int:
        """How many more requests may be made to this host now, beyond `taken` slots that are reserved already."""
        with self._changed:
            known = self._hosts.get(key)
            return int(START_LIMIT) - taken if known is None else self._slots(known, taken)

    def _slots(self, known: _Host, taken: int = 0) -> int:
        now = self.clock()
        slow = sum(now - begun > SLOW_SECONDS for begun in known.begun)
        return int(known.limit) + min(slow, SLOW_SLOTS) - max(len(known.begun), taken)

    def is_quick(self, key: int) -> bool:
        """Whether the host has answered so quickly that it has more slots than a new one."""
        with self._changed:
            known = self._hosts.get(key)
            return known is not None and known.limit >= QUICK

    def close_to(self, hosts: Collection[str]) -> None:
        """Refuse redirects to these hosts, whose circuits are open."""
        self._closed_to = frozenset(hosts)
        self._follow_at = {host: moment for host, moment in self._follow_at.items() if host in self._closed_to}

    # --- Outcomes ----------------------------------------------------------------------------------------------------

    def take_unanswered(self) -> list[UnansweredRequest]:
        """The requests without an answer since the last call."""
        with self._changed:
            taken, self._unanswered = self._unanswered, []
            return taken

    def take_answered(self) -> set[str]:
        """The hosts that have answered since the last call."""
        with self._changed:
            taken, self._answered = self._answered, set()
            return taken

    def failures(self, host: str) -> int:
        """The number of consecutive requests without an answer."""
        with self._changed:
            known = self._hosts.get(host_key(host))
            return 0 if known is None else known.failures

    def seconds_since_answer(self, host: str) -> float | None:
        """Seconds since the last answer; None if this process has had none."""
        with self._changed:
            known = self._hosts.get(host_key(host))
            return None if known is None or known.answered_at is None else self.clock() - known.answered_at

    def _known(self, host: str) -> _Host:
        key = host_key(host)
        known = self._hosts.setdefault(key, _Host())
        self._hosts.move_to_end(key)
        if len(self._hosts) > REMEMBERED:
            for oldest, other in self._hosts.items():
                if not other.begun and oldest != key:
                    del self._hosts[oldest]
                    break
        return known
