"""Operators' brakes on hosts: requests per second over all projects and processes, or hours of the day."""

import logging
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from datetime import time as time_of_day
from functools import lru_cache

from django.db.models import F, Q
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from imports.models import ImportItem
from livingdocs_import.db import clock
from livingdocs_import.db.clock import from_now
from livingdocs_import.egress.endpoints import endpoint_of
from livingdocs_import.egress.host_limits import host_key
from livingdocs_import.models import HostBrake, Project
from livingdocs_import.time_zones import zone_named
from livingdocs_import.work_queue.lease import release

log = logging.getLogger(__name__)
LOOK_SECONDS = 1.0
TURN_SECONDS = 0.05  # between two attempts of a caller that waits for its turn
MIN_PER_SECOND, MAX_PER_SECOND = 0.00001, 1000.0  # the time of the next request must be storable


class InvalidBrake(ValueError):
    """A brake that limits nothing, or cannot be kept; the message says why, for people. `field`: the wrong value."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


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


def host_of(url: str) -> str:
    """`host:port` of any URL of a host, or of its name alone; "" if it is none."""
    text = url.strip()
    return endpoint_of(text if "://" in text else f"https://{text}/")


def check(per_second: float | None, open_from: time_of_day | None, open_until: time_of_day | None) -> None:
    """Raise InvalidBrake unless these limit the requests to a host."""
    if (open_from is None) != (open_until is None):
        raise InvalidBrake("open_until", "Hours have a beginning and an end.")
    if open_from is not None and open_from == open_until:
        message = "The hours begin and end at the same time: expected two different times."
        raise InvalidBrake("open_until", message)
    if per_second is None and open_from is None:
        raise InvalidBrake("per_second", "Say how: requests a second, hours, or both.")
    if per_second is not None and not MIN_PER_SECOND <= per_second <= MAX_PER_SECOND:
        limits = f"from {MIN_PER_SECOND:f} (about one a day) to {MAX_PER_SECOND:g}"
        raise InvalidBrake("per_second", f"Requests a second must be {limits}.")


def put(
    host: str,
    *,
    per_second: float | None = None,
    open_from: time_of_day | None = None,
    open_until: time_of_day | None = None,
    created_by: str = "",
) -> HostBrake:
    """Set or replace the brake of a host (`host:port`); raises InvalidBrake. The next request is allowed at once."""
    check(per_second, open_from, open_until)
    limits = {"per_second": per_second, "open_from": open_from, "open_until": open_until}
    values = {"key": host_key(host), "next_at": None, "created_by": created_by, **limits}
    return HostBrake.objects.update_or_create(host=host, defaults=values)[0]


def take_off(hosts: Iterable[str]) -> int:
    """Remove brakes; returns their number."""
    return HostBrake.objects.filter(host__in=list(hosts)).delete()[0]


def in_words(brake: HostBrake) -> str:
    """What a brake allows: `at most 2 requests a second, only from 22:00 to 06:00`."""
    parts = [] if brake.per_second is None else [f"at most {brake.per_second:g} requests a second"]
    if brake.open_from is not None and brake.open_until is not None:
        parts.append(f"only from {brake.open_from:%H:%M} to {brake.open_until:%H:%M}")
    return ", ".join(parts)
