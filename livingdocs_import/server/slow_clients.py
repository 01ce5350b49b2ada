"""Which connections are closed: of clients that are too slow, and where there are too many. Pure decisions."""

from collections.abc import Collection

from livingdocs_import.server.connection import Connection, State
from livingdocs_import.server.limits import Limits


def to_make_room(connections: Collection[Connection], now: float) -> Connection | None:
    """The connection to close when another one comes: the one that has waited longest without a request that the
    application would have read, else the slowest reader of an answer. None while all are being worked on."""
    waiting = [c for c in connections if c.state in (State.IDLE, State.HEAD, State.LINGERING) or c.is_unasked]
    if waiting:
        return min(waiting, key=lambda c: c.since)
    sending = [c for c in connections if c.state is State.SENDING]
    return min(sending, key=lambda c: c.speed(now), default=None)


def above_limits(connections: Collection[Connection], limits: Limits, now: float) -> list[Connection]:
    """The slowest connections, as many as it takes to keep bodies and answers within the memory limits."""
    closed = []
    for state, limit in ((State.BODY, limits.incoming), (State.SENDING, limits.outgoing)):
        kept = sorted((c for c in connections if c.state is state), key=lambda c: c.speed(now))
        total = sum(c.kept() for c in kept)
        for connection in kept:
            if total <= limit:
                break
            total -= connection.kept()
            closed.append(connection)
    return closed


def complaint(connection: Connection) -> str | None:
    """What a client is told whose request took too long; None: its connection is just closed."""
    match connection.state:
        case State.HEAD:
            return "The request did not arrive in time"
        case State.BODY:
            return "The request body arrived too slowly"
        case _:
            return None
