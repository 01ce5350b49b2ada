"""Which hosts are being asked right now, and which are left alone because they have stopped answering.

A host that hangs must not hold every worker: its share of the downloads of one process is limited, and after a few
failures in a row it rests, so that its items fail at once (threat T3, fault F21).
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from livingdocs_import.dialing import AddressNotAllowed, NoAnswer, NoConnection
from livingdocs_import.errors import Failure, TransientFailure

_REMEMBERED = 1_000  # hosts; a batch may name ten thousand that do not exist


class HostResting(TransientFailure):
    """The host has not answered lately and was not asked; `retry_after` says when it will be."""

    def __init__(self, seconds: float) -> None:
        super().__init__("the server is not answering", retry_after=seconds)


class HostBusy(TransientFailure):
    """Enough others were asking this host for the whole time we could wait; it was not asked for this one."""

    def __init__(self) -> None:
        super().__init__("too many downloads from this server at the same time", retry_after=1.0)


@dataclass
class _Host:
    present: int = 0  # asking, or waiting for their turn
    asking: int = 0
    failures: int = 0  # in a row
    rests: int = 0  # since it last answered
    rests_until: float = 0.0


class Hosts:
    """Turns to ask a host, and the health of hosts, within one process. Safe between threads."""

    def __init__(
        self,
        *,
        at_once: int = 6,
        patience: int = 3,
        rest_seconds: float = 60.0,
        longest_rest_seconds: float = 600.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`at_once`: downloads from one host side by side. `patience`: failures in a row before a host rests;
        each further rest is twice as long, up to the longest. One answer, whatever its status, clears all of it."""
        self.at_once = at_once
        self.patience = patience
        self.rest_seconds = rest_seconds
        self.longest_rest_seconds = longest_rest_seconds
        self.clock = clock
        self._changed = threading.Condition()
        self._hosts: OrderedDict[str, _Host] = OrderedDict()

    @contextmanager
    def turn(self, name: str, *, wait_seconds: float) -> Iterator[None]:
        """Ask a host inside this block; the Failure that leaves it is judged.

        Waits its turn for `wait_seconds`. Raises HostBusy after that, HostResting at once.
        """
        host = self._begin(name, wait_seconds)
        answered: bool | None = None  # nobody was asked, or it ended for reasons of our own (a full disk)
        try:
            yield
            answered = True
        except (NoConnection, NoAnswer):
            answered = False
            raise
        except AddressNotAllowed:
            raise
        except Failure:
            answered = True  # a refusal, a broken download: somebody is there
            raise
        finally:
            self._end(name, host, answered)

    def _begin(self, name: str, wait_seconds: float) -> _Host:
        with self._changed:
            host = self._hosts.setdefault(name, _Host())
            self._hosts.move_to_end(name)
            host.present += 1
            free = self._changed.wait_for(lambda: host.asking < self.at_once or self._rest(host) > 0, wait_seconds)
            rest = self._rest(host)
            if free and not rest:
                host.asking += 1
                return host
            self._leave(name, host)
        raise HostResting(rest) if rest else HostBusy

    def _end(self, name: str, host: _Host, answered: bool | None) -> None:
        with self._changed:
            host.asking -= 1
            if answered:
                host.failures = host.rests = 0
                host.rests_until = 0.0
            elif answered is False:
                host.failures += 1
                # Of six that time out together the third sends the host to rest; the others do not prolong it.
                if host.failures >= self.patience and self._rest(host) == 0:
                    seconds = min(self.rest_seconds * 2**host.rests, self.longest_rest_seconds)
                    host.rests += 1
                    host.rests_until = self.clock() + seconds
            self._leave(name, host)
            self._changed.notify_all()

    def _rest(self, host: _Host) -> float:
        """Seconds the host still rests."""
        return max(host.rests_until - self.clock(), 0.0)

    def _leave(self, name: str, host: _Host) -> None:
        host.present -= 1
        if not host.present and not host.failures:
            del self._hosts[name]
        elif len(self._hosts) > _REMEMBERED:
            for oldest, other in self._hosts.items():
                if not other.present:
                    del self._hosts[oldest]
                    break
