"""Limits of parallel webhooks by receiver, by project and by resolved address.

A receiver that answered its last webhook quickly gets several slots, any other gets one. Unknown and hanging receivers
share a bounded part of the slots, and one project gets a part of that. So neither a thousand hanging receivers nor one
project with all its receivers delays a webhook to a receiver that answers.
"""

import re
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from ipaddress import IPv6Address
from typing import NamedTuple

from livingdocs_import.egress.ssrf import Address
from livingdocs_import.egress.url import InvalidURL, parse
from livingdocs_import.errors import TransientFailure

MAX_REMEMBERED = 10_000  # receivers
QUICK_SECONDS = 2.0
INVALID = "invalid"  # the name shared by all URLs that cannot be requested: they fail without a connection
_SERVER = re.compile(r" *[^/?#]*//[^/?#]*")  # scheme and authority


def receiver_name(url: str) -> str:
    """The canonical `host:port` of a URL, however it is spelled: numbers in octal, upper case, a trailing dot."""
    match = _SERVER.match(url)
    server = match[0].strip(" ") if match else ""
    return _canonical(server) if len(server) <= 300 else INVALID  # valid ones are shorter


@lru_cache(maxsize=4096)
def _canonical(server: str) -> str:
    try:
        target = parse(server)
    except InvalidURL:
        return INVALID
    host = target.host.removesuffix(".")
    return f"[{host}]:{target.port}" if ":" in host else f"{host}:{target.port}"


class SlotKey(NamedTuple):
    """The key of a slot: the receiver's name and the project's primary key."""

    receiver: str
    project_id: int


class ReceiverLimits:
    """The receivers' speeds as this process knows them, and the limits. In memory; receiver_speeds.py shares them."""

    def __init__(self, *, each: int, slow: int, unproven: int, unproven_of_project: int) -> None:
        """`each`: slots for a quick receiver. `slow`: no further attempt to a hanging receiver begins while this many
        are under way. `unproven`: slots for all receivers not known to be quick, including slow ones.
        `unproven_of_project`: the part of those for one project."""
        self.each = each
        self.slow = slow
        self.unproven = unproven
        self.unproven_of_project = unproven_of_project
        self._quick: OrderedDict[str, bool] = OrderedDict()

    def took(self, receiver: str, seconds: float) -> bool:
        """Record how long an attempt took, whatever its outcome; True if the receiver's speed has changed."""
        quick = seconds <= QUICK_SECONDS
        news = self._quick.get(receiver) is not quick
        self.learn(receiver, quick=quick)
        return news

    def learn(self, receiver: str, *, quick: bool) -> None:
        self._quick[receiver] = quick
        self._quick.move_to_end(receiver)
        if len(self._quick) > MAX_REMEMBERED:
            self._quick.popitem(last=False)

    def is_quick(self, receiver: str) -> bool:
        """Whether its last attempt was quick."""
        return self._quick.get(receiver, False)

    def is_slow(self, receiver: str) -> bool:
        """Whether its last attempt hung."""
        return not self._quick.get(receiver, True)

    def slots(self, under_way: Iterable[SlotKey], *, quick_only: bool) -> "WebhookSlots":
        """The slots left beside those under way; with `quick_only` none for unproven receivers."""
        return WebhookSlots(self, under_way, quick_only=quick_only)


class WebhookSlots:
    """Free slots, taken one after the other."""

    def __init__(self, receivers: ReceiverLimits, under_way: Iterable[SlotKey], *, quick_only: bool) -> None:
        self._receivers = receivers
        self._quick_only = quick_only
        self._taken: Counter[str] = Counter()
        self._unproven_of: Counter[int] = Counter()
        self._slow = 0
        for webhook in under_way:
            self._count(webhook)

    def take(self, webhook: SlotKey) -> bool:
        """Take a slot for one more; False if there is none for it."""
        known = self._receivers
        if known.is_quick(webhook.receiver):
            free = self._taken[webhook.receiver] < known.each
        else:
            free = (
                not self._quick_only
                and not self._taken[webhook.receiver]
                and self._unproven_of.total() < known.unproven
                and self._unproven_of[webhook.project_id] < known.unproven_of_project
                and not (known.is_slow(webhook.receiver) and self._slow >= known.slow)
            )
        if free:
            self._count(webhook)
        return free

    def _count(self, webhook: SlotKey) -> None:
        self._taken[webhook.receiver] += 1
        if not self._receivers.is_quick(webhook.receiver):
            self._unproven_of[webhook.project_id] += 1
            self._slow += self._receivers.is_slow(webhook.receiver)


class AddressBusy(TransientFailure):
    """The limit of parallel webhooks to this address is reached; nothing was sent."""

    def __init__(self) -> None:
        super().__init__("too many webhooks to this address at the same time")


class AddressLimit:
    """Limits how many webhooks this process sends to one resolved address at a time, whatever names resolve to it."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._under_way: Counter[str] = Counter()
        self._changing = threading.Lock()

    @contextmanager
    def webhook(self) -> Iterator[Callable[[Address], None]]:
        """One delivery inside this block. The yielded function must be called with each address before connecting to
        it.

        It raises AddressBusy when the limit is reached.
        """
        entered: list[str] = []

        def leave() -> None:
            for key in entered:
                self._under_way[key] -= 1
                if not self._under_way[key]:
                    del self._under_way[key]
            entered.clear()

        def enter(address: Address) -> None:
            mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
            key = str(mapped or address)
            with self._changing:
                leave()
                if self._under_way[key] >= self.limit:
                    raise AddressBusy
                self._under_way[key] += 1
                entered.append(key)

        try:
            yield enter
        finally:
            with self._changing:
                leave()
