"""Choose the connections to close: of clients that are too slow, and the surplus. Pure decisions."""

from collections.abc import Collection

from livingdocs_import.server.connection import ClientConnection, ConnectionState
from livingdocs_import.server.limits import ConnectionLimits


def to_make_room(connections: Collection[ClientConnection], now: float) -> ClientConnection | None:
    """The connection to close for a new one: the one that has waited longest without a request, or else the slowest
    reader of a response. None while all are being worked on."""
    waiting = [
        c
        for c in connections
        if c.state in (ConnectionState.IDLE, ConnectionState.HEAD, ConnectionState.LINGERING) or c.is_unasked
    ]
    if waiting:
        return min(waiting, key=lambda c: c.since)
    sending = [c for c in connections if c.state is ConnectionState.SENDING]
    return min(sending, key=lambda c: c.speed(now), default=None)


def above_limits(
    connections: Collection[ClientConnection], limits: ConnectionLimits, now: float
) -> list[ClientConnection]:
    """The slowest connections whose closing brings bodies and responses within the memory limits."""
    closed = []
    for state, limit in ((ConnectionState.BODY, limits.incoming), (ConnectionState.SENDING, limits.outgoing)):
        kept = sorted((c for c in connections if c.state is state), key=lambda c: c.speed(now))
        total = sum(c.kept() for c in kept)
        for connection in kept:
            if total <= limit:
                break
            total -= connection.kept()
            closed.append(connection)
    return closed


def complaint(connection: ClientConnection) -> str | None:
    """The error for a client whose request took too long; None: its connection is just closed."""
    match connection.state:
        case ConnectionState.HEAD:
            return "The request did not arrive in time"
        case ConnectionState.BODY:
            return "The request body arrived too slowly"
        case _:
            return None
