"""Trusted proxies, and the client address that they forward."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

MAX_HOPS = 10  # entries of X-Forwarded-For that are read, from its end
UNIX = "unix"  # a peer on a Unix socket: it has no address
UNKNOWN = "0.0.0.0"  # noqa: S104 not listened on: the address that no proxy has named
SAME_HOUSEHOLD = 64  # bits: a client usually has all IPv6 addresses of its /64

Address = IPv4Address | IPv6Address


@dataclass(frozen=True)
class TrustedProxies:
    """Networks of proxies whose X-Forwarded-For is used; the header of any other peer is ignored."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    unix: bool = False

    @classmethod
    def parse(cls, named: Iterable[str]) -> "TrustedProxies":
        """From `10.0.0.0/8`, `192.0.2.7`, `::1`, `unix`. Raises ValueError."""
        named = list(named)
        return cls(tuple(ip_network(name) for name in named if name != UNIX), UNIX in named)

    def client(self, peer: str, forwarded_for: str) -> str:
        """The client of a request from `peer` ("": a Unix socket) with this X-Forwarded-For.

        Each proxy appends the address that it got the request from. The list is read backwards for as long as the
        proxies are trusted; earlier entries may be forged. For IPv6 the result is the address of a /64.
        """
        address = _plain(peer)
        trusted = self._trusts(address) if address else self.unix and not peer
        for hop in reversed(forwarded_for.rsplit(",", MAX_HOPS)[-MAX_HOPS:]):
            named = _plain(hop.strip()) if trusted else None
            if named is None:
                break
            address, trusted = named, self._trusts(named)
        return UNKNOWN if address is None else str(_household(address))

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self.networks)


def _plain(text: str) -> Address | None:
    """`192.0.2.7`, `192.0.2.7:4711`, `2001:db8::1`, `[2001:db8::1]:4711`; None if it is not an address."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        parsed = ip_address(text)
    except ValueError:
        return None
    if isinstance(parsed, IPv6Address):
        parsed = IPv6Address(int(parsed))  # without a zone
        return parsed.ipv4_mapped or parsed
    return parsed


def _household(address: Address) -> Address:
    if isinstance(address, IPv4Address):
        return address
    return IPv6Network((address, SAME_HOUSEHOLD), strict=False).network_address
