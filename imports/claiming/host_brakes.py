"""Operators' brakes on hosts: requests per second over all projects and processes, or hours of the day."""

import logging
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from django.db.models import F, Q
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from imports.models import ImportItem
from livingdocs_import.db import clock
from livingdocs_import.db.clock import from_now
from livingdocs_import.models import HostBrake, Project
from livingdocs_import.time_zones import zone_named
from livingdocs_import.work_queue.lease import release

log = logging.getLogger(__name__)
LOOK_SECONDS = 1.0
TURN_SECONDS = 0.05  # between two attempts of a caller that waits for its turn


class Brakes:
    """The brakes, at most a second old."""

    def __init__(self) -> None:
        self._brakes: dict[int, HostBrake] = {}
        self._used_up: dict[int, float] = {}  # hosts that have reached their limit, and until when (monotonic seconds)
        self._look_at = 0.0

    def closed_to(self, project: Project) -> set[int]:
        """The hosts that this project must not request at this hour."""
        self._look()
        now = timezone.now()
        closed = {key for key, brake in self._brakes.items() if not is_open(brake, now, project.time_zone)}
        return closed | {key for key, until in self._used_up.items() if until > time.monotonic()}

    def admit(self, items: list[ImportItem]) -> list[ImportItem]:
        """Those of the claimed items that may be requested now; the others are released for a second."""
        if not self._brakes or not any(item.host_key in self._brakes for item in items):
            return items
        admitted, late = [], []
        for item in items:
            brake = self._brakes.get(item.host_key)
            if brake is None or brake.per_second is None or _take_turn(brake):
                admitted.append(item)
            else:
                self._used_up[brake.key] = time.monotonic() + min(1 / brake.per_second, LOOK_SECONDS)
                late.append(item)
        release(ImportItem, late, after=timedelta(seconds=1))
        return admitted

    def _look(self) -> None:
        if time.monotonic() >= self._look_at:
            self._brakes = {brake.key: brake for brake in HostBrake.objects.all()}
            self._look_at = time.monotonic() + LOOK_SECONDS


def take_turn(key: int, project: Project, *, patience: float) -> bool:
    """Count one request of a project to a host by its brake; False if none is allowed within `patience` seconds."""
    brake = HostBrake.objects.filter(key=key).first()
    if brake is None or brake.per_second is None:
        return brake is None or is_open(brake, timezone.now(), project.time_zone)
    until = time.monotonic() + patience
    while is_open(brake, timezone.now(), project.time_zone):
        if _take_turn(brake):
            return True
        if time.monotonic() >= until:
            break
        time.sleep(TURN_SECONDS)
    return False


def _take_turn(brake: HostBrake) -> bool:
    assert brake.per_second is not None
    due = HostBrake.objects.filter(Q(next_at__isnull=True) | Q(next_at__lte=from_now()), pk=brake.pk)
    # Unused requests are not saved up beyond a second.
    base = Greatest(Coalesce(F("next_at"), from_now()), from_now(-timedelta(seconds=1)))
    return bool(due.update(next_at=base + timedelta(seconds=1 / brake.per_second)))


def closed_hosts(project: Project) -> dict[int, str]:
    """The keys of hosts that this project must not request now: outside their hours, or at their limit."""
    now = clock.now()
    return {
        brake.key: brake.host
        for brake in HostBrake.objects.all()
        if not is_open(brake, now, project.time_zone) or (brake.next_at is not None and brake.next_at > now)
    }


def is_open(brake: HostBrake, now: datetime, time_zone: str) -> bool:
    """Whether the host is open now, by local time in the project's zone."""
    if brake.open_from is None or brake.open_until is None:
        return True
    local = now.astimezone(_zone(time_zone)).time()
    if brake.open_from <= brake.open_until:
        return brake.open_from <= local < brake.open_until
    return local >= brake.open_from or local < brake.open_until


@lru_cache(maxsize=256)
def _zone(name: str) -> tzinfo:
    """A zone stored before names were validated may be unknown: that is logged once."""
    zone = zone_named(name)
    if zone is None:
        log.warning('there is no time zone "%s": its project\'s brakes go by UTC', name)
    return zone or UTC


def put(host: str, **fields: object) -> HostBrake:
    """Set or replace a host's brake."""
    return HostBrake.objects.update_or_create(host=host, defaults=fields)[0]


def take_off(hosts: Iterable[str]) -> int:
    """Remove brakes; returns their number."""
    return HostBrake.objects.filter(host__in=list(hosts)).delete()[0]
