"""Outages of the storage and of our own network: items wait until they end, and probes go out one at a time.

The network counts as down when requests to many hosts got no answer, and no host has answered meanwhile.
"""

import math
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable
from datetime import timedelta

from django.db.models import Q

from livingdocs_import.db.clock import from_now
from livingdocs_import.egress.host_limits import UnansweredRequest
from livingdocs_import.models import ServiceOutage

REFRESH_SECONDS = 1.0
PROBE_EVERY = timedelta(seconds=2)
NETWORK_HOSTS = 5
NETWORK_WINDOW_SECONDS = 60.0
Part = ServiceOutage.Part


class Outages:
    """The outages as this process knows them. Used by one thread."""

    def __init__(self, *, give_up_after: timedelta) -> None:
        """Items wait up to `give_up_after` for a part that is down; then they fail."""
        self.give_up_after = give_up_after
        self.away: dict[str, bool] = {}  # parts that are down, and whether items still wait for them
        self._refresh_at = 0.0

    def refresh(self) -> None:
        """Read which parts are down, at most once a second."""
        if time.monotonic() < self._refresh_at:
            return
        outages = ServiceOutage.objects.values_list("part", "since")
        given_up = set(outages.filter(since__lte=from_now(-self.give_up_after)).values_list("part", flat=True))
        self.away = {part: part not in given_up for part, _ in outages}
        self._refresh_at = time.monotonic() + REFRESH_SECONDS

    def awaited(self, parts: Collection[str]) -> str | None:
        """The first of these parts that is down and that items still wait for."""
        return next((part for part in parts if self.away.get(part)), None)

    def begins(self, part: str, detail: str = "") -> None:
        """Record that something failed because a part is down."""
        row = ServiceOutage(part=part, detail=detail[:300])
        row.since, row.probe_at = from_now(), from_now(PROBE_EVERY)
        ServiceOutage.objects.bulk_create([row], ignore_conflicts=True)
        self.away.setdefault(part, True)
        self._refresh_at = 0.0

    def ends(self, part: str) -> bool:
        """Record that a part could be used. Returns whether it was down until now."""
        if part not in self.away:
            return False
        self.away.pop(part)
        return bool(ServiceOutage.objects.filter(part=part).delete()[0])

    def may_probe(self, part: str) -> bool:
        """Whether an item may probe the part. Takes the probe: there is one every few seconds."""
        due = ServiceOutage.objects.filter(Q(probe_at__lte=from_now()), part=part)
        return bool(due.update(probe_at=from_now(PROBE_EVERY)))


class NetworkWatch:
    """Detects an outage of our own network from the requests of one process.

    A host that refuses a connection, or accepts one and sends nothing, was reached: the network works.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._silent: deque[tuple[float, str]] = deque()
        self._last_sign = -math.inf  # of the network

    def is_away(self, unanswered: Iterable[UnansweredRequest], last_answer_at: float | None, *, was_away: bool) -> bool:
        """Whether the network is down, given unanswered requests and when any host last answered, by the same clock."""
        now, signs = self.clock(), [self._last_sign]
        for request in unanswered:
            if request.reached:
                signs.append(now)
            else:
                self._silent.append((now, request.host))
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
