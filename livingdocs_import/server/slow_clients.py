"""Choose the connections to close: of clients that are too slow, and the surplus. Pure decisions."""

from collections.abc import Collection

from livingdocs_import.server.connection import Connection, State
from livingdocs_import.server.limits import Limits


def to_make_room(connections: Collection[Connection], now: float) -> Connection | None:
    """The connection to close for a new one: the one that has waited longest without a request, or else the slowest
    reader of a response. None while all are being worked on."""
    waiting = [c for c in connections if c.state in (State.IDLE, State.HEAD, State.LINGERING) or c.is_unasked]
    if waiting:
        return min(waiting, key=lambda c: c.since)
    sending = [c for c in connections if c.state is State.SENDING]
    return min(sending, key=lambda c: c.speed(now), default=None)


def above_limits(connections: Collection[Connection], limits: Limits, now: float) -> list[Connection]:
    """The slowest connections whose closing brings bodies and responses within the memory limits."""
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
    """The error for a client whose request took too long; None: its connection is just closed."""
    match connection.state:
        case State.HEAD:
            return "The request did not arrive in time"
        case State.BODY:
            return "The request body arrived too slowly"
        case _:
            return None
