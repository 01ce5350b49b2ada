"""The minimum speed of connections, and the memory they may use."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ConnectionLimits:
    """Limits of the connections of one web process. Sizes in bytes, times in seconds."""

    patience: float = 10.0  # for a whole head, and the interval over which `slowest` is measured
    slowest: int = 1024  # bytes per second, of bodies and of responses
    head: int = 1 << 16  # a request line and its headers
    unasked_body: int = 1 << 16  # read before the application has seen the head
    body: int = 64 << 20  # received at most; the application refuses a longer Content-Length
    incoming: int = 1 << 30  # all incoming bodies together; those above 1 MB are in temporary files
    outgoing: int = 256 << 20  # all unread responses together
    linger: float = 2.0  # time for a client that is still sending to read its refusal
    drained: int = 1 << 16  # bytes that are read and discarded in that time


class TransferPace:
    """The minimum rate of a transfer: so many bytes in each interval, regardless of earlier ones.

    `moved` counts all bytes of the transfer, from its beginning.
    """

    __slots__ = ("_at_least", "_moved", "_since", "_span", "until")

    def __init__(self, limits: ConnectionLimits, now: float, moved: int = 0) -> None:
        self._span = limits.patience
        self._at_least = limits.patience * limits.slowest
        self._begin(now, moved)

    def _begin(self, now: float, moved: int) -> None:
        self._since, self._moved, self.until = now, moved, now + self._span

    def kept(self, now: float, moved: int) -> bool:
        """Whether the rate was met until now, which is `until`; if so, the next interval begins."""
        if moved - self._moved < self._at_least:
            return False
        self._begin(now, moved)
        return True

    def speed(self, now: float, moved: int) -> float:
        """Bytes per second in this interval; rounded up at its beginning."""
        return (moved - self._moved + 1) / max(now - self._since, 1e-6)
