"""Outages of our own parts (the storage, the network): items wait for them, and one at a time probes.

`network`: requests to many hosts got no answer, and none got one: our own network is down.
"""

import math
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable
from datetime import timedelta

from django.db.models import Q

from livingdocs_import.db.clock import from_now
from livingdocs_import.egress.host_limits import Silence
from livingdocs_import.models import ServiceOutage

LOOK_SECONDS = 1.0
PROBE_EVERY = timedelta(seconds=2)
NETWORK_HOSTS = 5
NETWORK_WINDOW_SECONDS = 60.0
Part = ServiceOutage.Part


class Outages:
    """What this process knows of outages. Used by one thread."""

    def __init__(self, *, give_up_after: timedelta) -> None:
        """After `give_up_after`, items no longer wait for a part that is away: they fail."""
        self.give_up_after = give_up_after
        self.away: dict[str, bool] = {}  # part: whether it is worth waiting for
        self._look_at = 0.0

    def look(self) -> None:
        """Read what is away, at most once a second."""
        if time.monotonic() < self._look_at:
            return
        worth = ServiceOutage.objects.values_list("part", "since")
        given_up = set(worth.filter(since__lte=from_now(-self.give_up_after)).values_list("part", flat=True))
        self.away = {part: part not in given_up for part, _ in worth}
        self._look_at = time.monotonic() + LOOK_SECONDS

    def awaited(self, parts: Collection[str]) -> str | None:
        """The first of these parts that is away and worth waiting for."""
        return next((part for part in parts if self.away.get(part)), None)

    def begins(self, part: str, detail: str = "") -> None:
        """Something could not be done because a part is away."""
        row = ServiceOutage(part=part, detail=detail[:300])
        row.since, row.probe_at = from_now(), from_now(PROBE_EVERY)
        ServiceOutage.objects.bulk_create([row], ignore_conflicts=True)
        self.away.setdefault(part, True)
        self._look_at = 0.0

    def ends(self, part: str) -> bool:
        """The part was there when it was needed. True when it was away until now."""
        if part not in self.away:
            return False
        self.away.pop(part)
        return bool(ServiceOutage.objects.filter(part=part).delete()[0])

    def may_probe(self, part: str) -> bool:
        """Whether one item may find out if the part is back."""
        due = ServiceOutage.objects.filter(Q(probe_at__lte=from_now()), part=part)
        return bool(due.update(probe_at=from_now(PROBE_EVERY)))


class NetworkWatch:
    """Tells when it is our network that is away, from the requests of one process.

    A host that refuses a connection, or accepts one and is silent, was reached: that speaks for the network.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._silent: deque[tuple[float, str]] = deque()
        self._last_sign = -math.inf  # of the network

    def is_away(self, silences: Iterable[Silence], last_answer_at: float | None, *, was_away: bool) -> bool:
        """Take in requests without an answer, and the moment of the last answer of any host, by the same clock."""
        now, signs = self.clock(), [self._last_sign]
        for silence in silences:
            if silence.reached:
                signs.append(now)
            else:
                self._silent.append((now, silence.host))
        if last_answer_at is not None:
            signs.append(last_answer_at)
        before, self._last_sign = self._last_sign, max(signs)
        if was_away and self._last_sign > before:
            self._silent.clear()
            return False
        since = max(self._last_sign, now - NETWORK_WINDOW_SECONDS)
        while self._silent and self._silent[0][0] <= since:
            self._silent.popleft()
        return was_away or len({host for _, host in self._silent}) >= NETWORK_HOSTS
