"""The circuit breaker: hosts that answer nobody are asked by probes only, and all worker processes agree on which.

A process notes what its own requests met (host_limits.py); once a second, and at once where it matters, it writes that
down and reads what the others met. Nothing is written for hosts that answer.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from livingdocs_import.db import clock
from livingdocs_import.db.clock import from_now
from livingdocs_import.egress.host_limits import HostLimits, Silence, host_key
from livingdocs_import.egress.models import HostCircuit

LOOK_SECONDS = 1.0
PROBE_EVERY = timedelta(seconds=2)
FORGOTTEN_AFTER = timedelta(minutes=10)  # since the last request without an answer
KEPT_FOR = timedelta(days=1)
OTHER_PROJECTS_FIRST = timedelta(seconds=1)  # a due probe is kept for projects that did not have the last one


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

    def __init__(self, limits: HostLimits) -> None:
        self.limits = limits
        self.failing: dict[int, Failing] = {}
        self._look_at = 0.0

    @property
    def open_keys(self) -> set[int]:
        return {key for key, host in self.failing.items() if host.open}

    def sync(self) -> list[Silence]:
        """Write down what was met since the last call, and look at what others met when it is time.

        The requests without an answer since then are handed on to whoever wants to know.
        """
        silences = self.limits.take_silences()
        answered = [host for host in self.limits.take_answered() if host_key(host) in self.failing]
        if silences:
            self._note_silences(silences)
        if answered:
            self._note_answers(answered)
        if silences or answered or time.monotonic() >= self._look_at:
            self._look()
        return silences

    def _note_silences(self, silences: Iterable[Silence]) -> None:
        by_host: dict[str, list[float]] = {}
        for silence in silences:
            by_host.setdefault(silence.host, []).append(silence.seconds_ago)
        for host, ago in by_host.items():
            since = from_now(-timedelta(seconds=max(ago)))
            rows = HostCircuit.objects.filter(host=host)
            fields = {
                "failures": F("failures") + len(ago),
                "failing_since": Coalesce(F("failing_since"), since),
                "last_silence_at": from_now(),
            }
            if not rows.update(**fields):
                HostCircuit.objects.bulk_create([HostCircuit(host=host, key=host_key(host))], ignore_conflicts=True)
                rows.update(**fields)
            self._tell_last_answer(host)
            if self.limits.has_failed(host):
                rows.filter(opened_at__isnull=True, failing_since__isnull=False).update(
                    opened_at=from_now(), probe_at=from_now(PROBE_EVERY)
                )

    def _tell_last_answer(self, host: str) -> None:
        seconds = self.limits.seconds_since_answer(host)
        if seconds is not None:
            moment = from_now(-timedelta(seconds=seconds))
            older = Q(last_answer_at__isnull=True) | Q(last_answer_at__lt=moment)
            HostCircuit.objects.filter(older, host=host).update(last_answer_at=moment)

    def _note_answers(self, hosts: Iterable[str]) -> None:
        HostCircuit.objects.filter(host__in=list(hosts)).update(
            failing_since=None, failures=0, opened_at=None, probe_at=None, probed_for=None, last_answer_at=from_now()
        )

    def _look(self) -> None:
        lately = from_now(-FORGOTTEN_AFTER)
        rows = list(HostCircuit.objects.filter(failing_since__isnull=False, last_silence_at__gte=lately))
        if rows:
            rows = self._without_those_we_know_better(rows)
        self.failing = {
            row.key: Failing(row.host, row.key, row.failing_since, row.opened_at is not None, row.last_answer_at)
            for row in rows
            if row.failing_since is not None
        }
        self.limits.close_to([host.host for host in self.failing.values() if host.open])
        self._look_at = time.monotonic() + LOOK_SECONDS

    def _without_those_we_know_better(self, rows: list[HostCircuit]) -> list[HostCircuit]:
        """A host that another process calls silent has answered us since: the circuit is closed."""
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
            self._note_answers(alive)
        return [row for row in rows if row.host not in alive]

    def may_probe(self, key: int, project_id: int) -> bool:
        """Whether one request for this project may find out if the host is back; at most one does every few seconds."""
        others = Q(probed_for__isnull=True) | ~Q(probed_for=project_id)
        turn = others | Q(probe_at__lte=from_now(-OTHER_PROJECTS_FIRST))
        due = HostCircuit.objects.filter(turn, key=key, opened_at__isnull=False, probe_at__lte=from_now())
        return bool(due.update(probe_at=from_now(PROBE_EVERY), probed_for=project_id))


def reset(hosts: Iterable[str]) -> int:
    """Close the circuits of these hosts, as if they had answered: for operators who know better."""
    return HostCircuit.objects.filter(host__in=list(hosts), failing_since__isnull=False).update(
        failing_since=None, failures=0, opened_at=None, probe_at=None, probed_for=None
    )


def purge(limit: int) -> int:
    """Delete what nobody has met for a day; how many."""
    old = HostCircuit.objects.filter(last_silence_at__lt=from_now(-KEPT_FOR)).values_list("pk", flat=True)[:limit]
    return HostCircuit.objects.filter(pk__in=list(old)).delete()[0]
