"""The circuit breaker: hosts that do not answer get probes only. All worker processes share the circuits.

A process counts its own unanswered requests (host_limits.py). It stores them at once, and reads those of the other
processes once a second. Nothing is stored for hosts that answer.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from livingdocs_import.db import clock
from livingdocs_import.db.clock import from_now
from livingdocs_import.egress.host_limits import HostLimits, UnansweredRequest, host_key
from livingdocs_import.models import HostCircuit

OPENS_AFTER = 3  # requests in a row without an answer …
WINDOW_SECONDS = 10.0  # … and none with one within this time
REFRESH_SECONDS = 1.0
PROBE_EVERY = timedelta(seconds=2)
FORGOTTEN_AFTER = timedelta(minutes=10)  # since the last request without an answer
KEPT_FOR = timedelta(days=1)
MAX_UNSAVED_SECONDS = 60.0  # unstored outcomes are dropped after this time
OTHER_PROJECTS_FIRST = timedelta(seconds=1)  # a due probe is reserved for projects that did not make the last one


def opens(limits: HostLimits, host: str) -> bool:
    """Whether the unanswered requests of this process open the host's circuit."""
    if limits.failures(host) < OPENS_AFTER:
        return False
    since_answer = limits.seconds_since_answer(host)
    return since_answer is None or since_answer >= WINDOW_SECONDS


@dataclass(frozen=True)
class Failing:
    """A host that did not answer when the circuits were last read. `open`: only probes may be sent to it."""

    host: str
    key: int
    since: datetime
    open: bool
    last_answer_at: datetime | None


class Circuits:
    """The circuits as this process knows them. Used by one thread."""

    def __init__(self, limits: HostLimits, *, refresh_seconds: float = REFRESH_SECONDS) -> None:
        self.limits, self._refresh_seconds = limits, refresh_seconds
        self.failing: dict[int, Failing] = {}
        self._unanswered: dict[str, list[UnansweredRequest]] = {}  # by host: to be stored
        self._answered: set[str] = set()  # failing hosts that have answered: to be stored
        self._unreported: list[UnansweredRequest] = []  # stored, and not returned yet
        self._refresh_at = 0.0

    @property
    def open_keys(self) -> set[int]:
        return {key for key, host in self.failing.items() if host.open}

    def sync(self) -> list[UnansweredRequest]:
        """Store the outcomes since the last call, and read the circuits again when they are due.

        Returns the unanswered requests since then. Outcomes that could not be stored are kept for the next call.
        """
        self._collect()
        news = bool(self._unanswered or self._answered)
        for host in sorted(self._unanswered):
            self._record_unanswered(host, self._unanswered[host])
            self._unreported += self._unanswered.pop(host)
        if self._answered:
            self.record_answers(self._answered)
            self._answered.clear()
        if news or time.monotonic() >= self._refresh_at:
            self._refresh()
        unreported, self._unreported = self._unreported, []
        return unreported

    def _collect(self) -> None:
        lately = self.limits.clock() - MAX_UNSAVED_SECONDS
        for host, unanswered in list(self._unanswered.items()):
            if unanswered[-1].ended < lately:  # too old to say anything about the host
                del self._unanswered[host]
        for request in self.limits.take_unanswered():
            self._unanswered.setdefault(request.host, []).append(request)
        self._answered |= {host for host in self.limits.take_answered() if host_key(host) in self.failing}

    def _record_unanswered(self, host: str, unanswered: Sequence[UnansweredRequest]) -> None:
        longest = self.limits.clock() - min(request.begun for request in unanswered)
        rows = HostCircuit.objects.filter(host=host)
        fields = {
            "failures": F("failures") + len(unanswered),
            "failing_since": Coalesce(F("failing_since"), from_now(-timedelta(seconds=longest))),
            "last_silence_at": from_now(),
        }
        with transaction.atomic():
            if not rows.update(**fields):
                HostCircuit.objects.bulk_create([HostCircuit(host=host, key=host_key(host))], ignore_conflicts=True)
                rows.update(**fields)
            self._record_last_answer(host)
            if opens(self.limits, host):
                rows.filter(opened_at__isnull=True, failing_since__isnull=False).update(
                    opened_at=from_now(), probe_at=from_now(PROBE_EVERY)
                )

    def _record_last_answer(self, host: str) -> None:
        seconds = self.limits.seconds_since_answer(host)
        if seconds is not None:
            moment = from_now(-timedelta(seconds=seconds))
            older = Q(last_answer_at__isnull=True) | Q(last_answer_at__lt=moment)
            HostCircuit.objects.filter(older, host=host).update(last_answer_at=moment)

    def record_answers(self, hosts: Iterable[str]) -> None:
        _close(HostCircuit.objects.filter(host__in=list(hosts)), last_answer_at=from_now())

    def _refresh(self) -> None:
        rows = list(_failing())
        if rows:
            rows = self._close_recovered(rows)
        self.failing = {
            row.key: Failing(row.host, row.key, row.failing_since, row.opened_at is not None, row.last_answer_at)
            for row in rows
            if row.failing_since is not None
        }
        self.limits.close_to([host.host for host in self.failing.values() if host.open])
        self._refresh_at = time.monotonic() + self._refresh_seconds

    def _close_recovered(self, rows: list[HostCircuit]) -> list[HostCircuit]:
        """Close circuits of hosts that have answered this process since another one opened them."""
        now = clock.now()
        alive = []
        for row in rows:
            seconds = self.limits.seconds_since_answer(row.host)
            if seconds is None or row.failing_since is None:
                continue
            if now - timedelta(seconds=seconds) > row.failing_since:
                alive.append(row.host)
            elif row.key not in self.failing:
                self._record_last_answer(row.host)
        if alive:
            self.record_answers(alive)
        return [row for row in rows if row.host not in alive]

    def may_probe(self, key: int, project_id: int) -> bool:
        """Whether a request of this project may probe the host. Takes the probe: there is one every few seconds."""
        others = Q(probed_for__isnull=True) | ~Q(probed_for=project_id)
        other_project_first = others | Q(probe_at__lte=from_now(-OTHER_PROJECTS_FIRST))
        due = HostCircuit.objects.filter(
            other_project_first, key=key, opened_at__isnull=False, probe_at__lte=from_now()
        )
        return bool(due.update(probe_at=from_now(PROBE_EVERY), probed_for=project_id))


def open_hosts() -> dict[int, str]:
    """The hosts whose circuits are open, by their keys."""
    return dict(_failing().filter(opened_at__isnull=False).values_list("key", "host"))


def _failing() -> QuerySet[HostCircuit]:
    return HostCircuit.objects.filter(failing_since__isnull=False, last_silence_at__gte=from_now(-FORGOTTEN_AFTER))


def reset(hosts: Iterable[str]) -> int:
    """Close the circuits of these hosts on an operator's request, as if they had answered."""
    return _close(HostCircuit.objects.filter(host__in=list(hosts), failing_since__isnull=False))


def outdated() -> QuerySet[HostCircuit]:
    """Circuits without a failure for a day."""
    return HostCircuit.objects.filter(last_silence_at__lt=from_now(-KEPT_FOR))


def purge(limit: int) -> int:
    """Delete circuits without a failure for a day; returns their number."""
    with transaction.atomic():
        old = _lock(outdated(), limit)
        return HostCircuit.objects.filter(pk__in=old).delete()[0]


def _close(rows: QuerySet[HostCircuit], **fields: Any) -> int:
    with transaction.atomic():
        return HostCircuit.objects.filter(pk__in=_lock(rows)).update(
            failing_since=None, failures=0, opened_at=None, probe_at=None, probed_for=None, **fields
        )


def _lock(rows: QuerySet[HostCircuit], limit: int | None = None) -> list[int]:
    """Lock rows in the order of their keys, which an UPDATE does not guarantee; returns the keys."""
    return list(rows.order_by("pk").select_for_update().values_list("pk", flat=True)[:limit])
