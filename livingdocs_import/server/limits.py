"""How long a connection may take, and how much it may make us keep."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Of one web process. Sizes in bytes, times in seconds."""

    patience: float = 10.0  # for a whole head, and the span in which `slowest` must be reached
    slowest: int = 1024  # bytes per second, of a body that comes in and of an answer that goes out
    head: int = 1 << 16  # a request line and its headers
    unasked_body: int = 1 << 16  # read before the application has seen the head
    body: int = 64 << 20  # read at all; the application refuses what is announced as longer
    incoming: int = 1 << 30  # all bodies that are arriving; of each, what is above 1 MB lies in a temporary file
    outgoing: int = 256 << 20  # all answers that were made and not yet read
    linger: float = 2.0  # for a client that is still sending to read its refusal before the connection is reset
    drained: int = 1 << 16  # of what it sends meanwhile


class Pace:
    """A slowest pace for a transfer: so many bytes within each span of time, and no credit for earlier ones.

    `moved` counts all bytes of the transfer, from its beginning.
    """

    __slots__ = ("_at_least", "_moved", "_since", "_span", "until")

    def __init__(self, limits: Limits, now: float, moved: int = 0) -> None:
        self._span = limits.patience
        self._at_least = limits.patience * limits.slowest
        self._begin(now, moved)

    def _begin(self, now: float, moved: int) -> None:
        self._since, self._moved, self.until = now, moved, now + self._span

    def kept(self, now: float, moved: int) -> bool:
        """Whether it was kept up, to be asked when it is `until`; if so, the next span begins."""
        if moved - self._moved < self._at_least:
            return False
        self._begin(now, moved)
        return True

    def speed(self, now: float, moved: int) -> float:
        """Bytes per second in this span; of one that has just begun too high rather than too low."""
        return (moved - self._moved + 1) / max(now - self._since, 1e-6)
