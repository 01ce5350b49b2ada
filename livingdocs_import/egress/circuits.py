"""The circuit breaker: hosts that do not answer are asked by probes only; all worker processes share the circuits.

A process counts its own requests without an answer (host_limits.py); once a second, and at once where it matters, it
writes them and reads those of the others. Nothing is written for hosts that answer.
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
from livingdocs_import.egress.host_limits import HostLimits, Silence, host_key
from livingdocs_import.models import HostCircuit

OPENS_AFTER = 3  # requests in a row without an answer …
WINDOW_SECONDS = 10.0  # … and none with one within so long
LOOK_SECONDS = 1.0
PROBE_EVERY = timedelta(seconds=2)
FORGOTTEN_AFTER = timedelta(minutes=10)  # since the last request without an answer
KEPT_FOR = timedelta(days=1)
NEWS_SECONDS = 60.0  # what could not be written down for so long is forgotten
OTHER_PROJECTS_FIRST = timedelta(seconds=1)  # a due probe is kept for projects that did not have the last one


def opens(limits: HostLimits, host: str) -> bool:
    """Whether enough requests of this process got no answer from the host to ask it by probes only."""
    if limits.failures(host) < OPENS_AFTER:
        return False
    since_answer = limits.seconds_since_answer(host)
    return since_answer is None or since_answer >= WINDOW_SECONDS


@dataclass(frozen=True)
class Failing:
    """A host that does not answer, as of the last look. `open`: only probes may ask it."""

    host: str
    key: int
    since: datetime
    open: bool
    last_answer_at: datetime | None


class Circuits:
    """What this process knows of the circuits. Used by one thread."""

    def __init__(self, limits: HostLimits, *, look_seconds: float = LOOK_SECONDS) -> None:
        self.limits, self._look_seconds = limits, look_seconds
        self.failing: dict[int, Failing] = {}
        self._silences: dict[str, list[Silence]] = {}  # by host: to be written
        self._answered: set[str] = set()  # failing hosts that have answered: to be written
        self._untold: list[Silence] = []  # written, and not handed on yet
        self._look_at = 0.0

    @property
    def open_keys(self) -> set[int]:
        return {key for key, host in self.failing.items() if host.open}

    def sync(self) -> list[Silence]:
        """Write down what was met since the last call, and look at what others met when it is time.

        Returns the requests without an answer since then. What the database did not take is kept for the next call.
        """
        self._keep_what_was_met()
        news = bool(self._silences or self._answered)
        for host in sorted(self._silences):
            self._note_silences(host, self._silences[host])
            self._untold += self._silences.pop(host)
        if self._answered:
            self.note_answers(self._answered)
            self._answered.clear()
        if news or time.monotonic() >= self._look_at:
            self._look()
        untold, self._untold = self._untold, []
        return untold

    def _keep_what_was_met(self) -> None:
        lately = self.limits.clock() - NEWS_SECONDS
        for host, silences in list(self._silences.items()):
            if silences[-1].ended < lately:  # the database was away for so long that it says nothing any more
                del self._silences[host]
        for silence in self.limits.take_silences():
            self._silences.setdefault(silence.host, []).append(silence)
        self._answered |= {host for host in self.limits.take_answered() if host_key(host) in self.failing}

    def _note_silences(self, host: str, silences: Sequence[Silence]) -> None:
        longest = self.limits.clock() - min(silence.begun for silence in silences)
        rows = HostCircuit.objects.filter(host=host)
        fields = {
            "failures": F("failures") + len(silences),
            "failing_since": Coalesce(F("failing_since"), from_now(-timedelta(seconds=longest))),
            "last_silence_at": from_now(),
        }
        with transaction.atomic():
            if not rows.update(**fields):
                HostCircuit.objects.bulk_create([HostCircuit(host=host, key=host_key(host))], ignore_conflicts=True)
                rows.update(**fields)
            self._tell_last_answer(host)
            if opens(self.limits, host):
                rows.filter(opened_at__isnull=True, failing_since__isnull=False).update(
                    opened_at=from_now(), probe_at=from_now(PROBE_EVERY)
                )

    def _tell_last_answer(self, host: str) -> None:
        seconds = self.limits.seconds_since_answer(host)
        if seconds is not None:
            moment = from_now(-timedelta(seconds=seconds))
            older = Q(last_answer_at__isnull=True) | Q(last_answer_at__lt=moment)
            HostCircuit.objects.filter(older, host=host).update(last_answer_at=moment)

    def note_answers(self, hosts: Iterable[str]) -> None:
        _close(HostCircuit.objects.filter(host__in=list(hosts)), last_answer_at=from_now())

    def _look(self) -> None:
        rows = list(_failing())
        if rows:
            rows = self._without_those_we_know_better(rows)
        self.failing = {
            row.key: Failing(row.host, row.key, row.failing_since, row.opened_at is not None, row.last_answer_at)
            for row in rows
            if row.failing_since is not None
        }
        self.limits.close_to([host.host for host in self.failing.values() if host.open])
        self._look_at = time.monotonic() + self._look_seconds

    def _without_those_we_know_better(self, rows: list[HostCircuit]) -> list[HostCircuit]:
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
                self._tell_last_answer(row.host)
        if alive:
            self.note_answers(alive)
        return [row for row in rows if row.host not in alive]

    def may_probe(self, key: int, project_id: int) -> bool:
        """Whether one request for this project may find out if the host is back; at most one does every few seconds."""
        others = Q(probed_for__isnull=True) | ~Q(probed_for=project_id)
        other_project_first = others | Q(probe_at__lte=from_now(-OTHER_PROJECTS_FIRST))
        due = HostCircuit.objects.filter(
            other_project_first, key=key, opened_at__isnull=False, probe_at__lte=from_now()
        )
        return bool(due.update(probe_at=from_now(PROBE_EVERY), probed_for=project_id))


def open_hosts() -> dict[int, str]:
    """The hosts that only probes ask now, by their keys."""
    return dict(_failing().filter(opened_at__isnull=False).values_list("key", "host"))


def _failing() -> QuerySet[HostCircuit]:
    return HostCircuit.objects.filter(failing_since__isnull=False, last_silence_at__gte=from_now(-FORGOTTEN_AFTER))


def reset(hosts: Iterable[str]) -> int:
    """Close the circuits of these hosts, as if they had answered: for operators who know better."""
    return _close(HostCircuit.objects.filter(host__in=list(hosts), failing_since__isnull=False))


def purge(limit: int) -> int:
    """Delete circuits without a failure for a day; how many."""
    with transaction.atomic():
        old = _lock(HostCircuit.objects.filter(last_silence_at__lt=from_now(-KEPT_FOR)), limit)
        return HostCircuit.objects.filter(pk__in=old).delete()[0]


def _close(rows: QuerySet[HostCircuit], **fields: Any) -> int:
    with transaction.atomic():
        return HostCircuit.objects.filter(pk__in=_lock(rows)).update(
            failing_since=None, failures=0, opened_at=None, probe_at=None, probed_for=None, **fields
        )


def _lock(rows: QuerySet[HostCircuit], limit: int | None = None) -> list[int]:
    """Lock rows in the order of their keys, which an UPDATE does not guarantee; returns the keys."""
    return list(rows.order_by("pk").select_for_update().values_list("pk", flat=True)[:limit])
