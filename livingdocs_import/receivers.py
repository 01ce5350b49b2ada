"""How many webhooks a receiver may have under way, by how quickly it answered last (F23).

A stranger gets one, and so does a receiver that hangs; all that hang share a part of the threads. So a dead receiver,
or a dozen of them, hold up nobody who answers.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterable

_REMEMBERED = 10_000  # receivers


class Receivers:
    """What one process knows of the receivers that it has sent to; a receiver is named by host and port."""

    def __init__(self, *, each: int, slow_together: int, quick_seconds: float = 2.0) -> None:
        """`each`: at once for one that answers within `quick_seconds`. `slow_together`: at once for all that do not."""
        self.each = each
        self.slow_together = slow_together
        self.quick_seconds = quick_seconds
        self._quick: OrderedDict[str, bool] = OrderedDict()

    def took(self, receiver: str, seconds: float) -> None:
        """Remember how long an attempt lasted, whatever came of it."""
        self._quick[receiver] = seconds <= self.quick_seconds
        self._quick.move_to_end(receiver)
        if len(self._quick) > _REMEMBERED:
            self._quick.popitem(last=False)

    def is_slow(self, receiver: str) -> bool:
        """Whether it hung when it was last sent to."""
        return not self._quick.get(receiver, True)

    def places(self, under_way: Iterable[str], *, slow_too: bool) -> "Places":
        """The places that are left beside those under way, given by receiver; for slow ones only with `slow_too`."""
        return Places(self, Counter(under_way), slow_too=slow_too)

    def at_once(self, receiver: str) -> int:
        """How many it may have under way."""
        return self.each if self._quick.get(receiver, False) else 1


class Places:
    """Places to be taken, one after the other."""

    def __init__(self, receivers: Receivers, taken: Counter[str], *, slow_too: bool) -> None:
        self._receivers = receivers
        self._taken = taken
        slow = sum(number for receiver, number in taken.items() if receivers.is_slow(receiver))
        self._slow_left = receivers.slow_together - slow if slow_too else 0

    def take(self, receiver: str) -> bool:
        """Take a place for one more; False when there is none for this receiver."""
        if self._taken[receiver] >= self._receivers.at_once(receiver):
            return False
        if self._receivers.is_slow(receiver):
            if self._slow_left <= 0:
                return False
            self._slow_left -= 1
        self._taken[receiver] += 1
        return True
