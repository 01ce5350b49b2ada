"""What follows from a failure of an item: a retry, the end, or waiting for a dependency.

Pure decisions over facts; docs/specification/attempts.md has their table. Four budgets are separate: attempts used up
by failures of the other side, the time in which a silent host may come back, claims whose worker was lost, and failures
without cost, because no request was made or a dependency was down.
"""

from dataclasses import dataclass, replace
from enum import Enum

from livingdocs_import.errors import Failure

NO_ROOM = "disk-full"
MAX_WITHOUT_ROOM = 120.0  # seconds between two attempts of a file for which a disk had no room
SILENT = frozenset({"no-connection", "timed-out", "host-unavailable"})
OWN_PARTS = {"storage": "storage"}  # cause: the dependency that was down
MAX_LOSSES = 3  # of the worker, or of the child process that tries it, with the item alone
# Losses together with other items may be caused by any of them, or by none. A download continues with others after a
# child process has survived it, so a few may be coincidence; other items are alone from the first loss on.
LOST_TOGETHER = 1
DOWNLOAD_LOST_TOGETHER = 3


@dataclass(frozen=True)
class HostFacts:
    """The facts about the item's host.

    `asked_for`: seconds since the job's first request in the present silence; None: it has answered since, or there was
    no request. `answered_during_job`: it answered any request since the job was accepted. `open`: its circuit is.
    `failing_for`: seconds since the first of the requests without an answer.
    """

    asked_for: float | None = None
    answered_during_job: bool = False
    open: bool = False
    failing_for: float = 0.0


@dataclass(frozen=True)
class Policy:
    """The settings. Seconds; `pauses` are those before the second, third … attempt.

    `patience` is for a host that did answer before, `give_up_after` for a disk without room. `silence_seconds`: the
    duration of a request to a silent host.
    """

    pauses: tuple[float, ...]
    dead_host_seconds: float
    patience: float = 900.0
    give_up_after: float = 6 * 3600.0
    silence_seconds: float = 10.0


@dataclass(frozen=True)
class Retry:
    """Release the item, to be claimed again `after` this many seconds. `counted`: this counts as an attempt.

    `no_room`: the disk had none for its file, which is stored with the item.
    """

    after: float
    counted: bool
    no_room: bool = False


@dataclass(frozen=True)
class Wait:
    """Release the item until a dependency is back."""

    part: str


@dataclass(frozen=True)
class End:
    """The item has failed. `cause` replaces the failure's own where it is given."""

    cause: str = ""


Decision = Retry | Wait | End


def decide(
    failure: Failure,
    *,
    attempts: int,
    host: HostFacts,
    policy: Policy,
    awaited: frozenset[str] = frozenset(),
    alone: bool = False,
    no_room_for: float = 0.0,
) -> Decision:
    """What follows from this failure, after this many counted attempts.

    `awaited`: the dependencies that are down and worth waiting for. `alone`: the dependency worked for others.
    `no_room_for`: seconds since a disk first had no room for its file.
    """
    if not failure.transient:
        return End()
    part = OWN_PARTS.get(failure.cause)
    if part is not None and not alone:
        return Wait(part) if part in awaited else End()
    asked_after = getattr(failure, "retry_after", None) or 0.0
    if failure.cause == NO_ROOM:
        return _no_room(failure, attempts, no_room_for, policy)
    if failure.cause == "host-busy":
        return Retry(max(asked_after, 1.0), counted=False)
    if failure.cause in SILENT:
        if "network" in awaited:
            return Wait("network")
        if host.asked_for is not None and not host.answered_during_job:
            return _silent(host.asked_for, policy)
        if host.open and host.answered_during_job:
            late = host.failing_for >= policy.patience
            return End("host-unavailable") if late else Retry(2.0, counted=False)
    return _stumbled(asked_after, attempts, policy)


def _silent(asked_for: float, policy: Policy) -> Decision:
    """The host has not answered since the job's first request: its items fail after a minute, whatever their tries."""
    left = policy.dead_host_seconds - asked_for
    if left <= 0:
        return End("host-unavailable")
    # The last request may hang as well: it begins early enough to end within the minute.
    latest = max(left - policy.silence_seconds, min(left, 2.0))
    return Retry(min(max(2.0, asked_for / 2), latest), counted=False)


def _no_room(failure: Failure, attempts: int, no_room_for: float, policy: Policy) -> Decision:
    """A full disk costs nothing, for hours. A file that is too large for it has a few attempts: another disk may be
    larger."""
    if getattr(failure, "too_large", False):
        tried = _stumbled(0.0, attempts, policy)
        return replace(tried, no_room=True) if isinstance(tried, Retry) else tried
    left = policy.give_up_after - no_room_for
    if left <= 0:
        return End()
    return Retry(min(max(1.0, no_room_for / 2), MAX_WITHOUT_ROOM, left), counted=False, no_room=True)


def _stumbled(asked_after: float, attempts: int, policy: Policy) -> Decision:
    if attempts >= len(policy.pauses):
        return End()
    return Retry(max(asked_after, policy.pauses[attempts]), counted=True)


def is_alone(losses: int, *, download: bool) -> bool:
    """Whether an item with this many losses runs alone."""
    return losses > (DOWNLOAD_LOST_TOGETHER if download else 0)


def is_given_up(losses: int, *, download: bool) -> bool:
    """Whether an item with this many losses has failed."""
    return losses >= (DOWNLOAD_LOST_TOGETHER if download else LOST_TOGETHER) + MAX_LOSSES


class AtSilentHost(Enum):
    """What is done about a job's items at a host whose circuit is open."""

    ASK = "request it for real"
    PROBE = "request it when a probe is allowed"
    END = "fail them"


def behind_open_circuit(host: HostFacts, policy: Policy) -> AtSilentHost:
    """What to do about a job's items at a silent host.

    Each job makes one request itself. A host that has never answered since the job was accepted is given up for all of
    the job's items a minute after that; one that did answer before gets the policy's patience.
    """
    if host.asked_for is None:
        return AtSilentHost.ASK
    if not host.answered_during_job and host.asked_for >= policy.dead_host_seconds:
        return AtSilentHost.END
    if host.answered_during_job and host.failing_for >= policy.patience:
        return AtSilentHost.END
    return AtSilentHost.PROBE
