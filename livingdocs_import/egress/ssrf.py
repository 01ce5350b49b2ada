"""SSRF: which network addresses may be connected to on behalf of a client (Q-31).

The decision is made on the address of the connection, never on the text of a host: the operating system reads
`0x7f.1`, `2130706433` and `127.1` as loopback, and a name may resolve to anything.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Self

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# The IANA special-purpose registries, where they are not plain global unicast. Written out because the flags of
# `ipaddress` differ between Python releases: 3.11 calls 64:ff9b::/96, 2002::/16 and multicast global.
_SPECIAL_IPV4 = [
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network; reaches loopback on Linux
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's host agent, in public space
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
]
# Everything outside this block is loopback, mapped, translated, local, multicast or not assigned at all.
_GLOBAL_IPV6 = IPv6Network("2000::/3")
_SPECIAL_IPV6 = [
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, benchmarking, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
    )
]

# Prefixes that embed an IPv4 address, and the number of bits to its right.
_CARRIERS = [
    (IPv6Network("::ffff:0:0/96"), 0),  # mapped: the kernel connects to the IPv4 address
    (IPv6Network("::ffff:0:0:0/96"), 0),  # translated
    (IPv6Network("64:ff9b::/96"), 0),  # NAT64
    (IPv6Network("64:ff9b:1::/48"), 0),  # NAT64, local use
    (IPv6Network("2002::/16"), 80),  # 6to4
]

# The metadata services of cloud providers, which hand out the machine's credentials. Networks that an operator opens
# never include them: opening 169.254.0.0/16 or fd00::/8 is not meant for these.
_METADATA = frozenset(
    ip_address(address)
    for address in (
        "169.254.169.254",
        "169.254.170.2",  # AWS ECS
        "169.254.170.23",  # AWS EKS
        "100.100.100.200",  # Alibaba
        "168.63.129.16",  # Azure
        "192.0.0.192",  # Oracle
        "fd00:ec2::254",  # AWS
        "fd00:ec2::23",  # AWS EKS
        "fd20:ce::254",  # Google
    )
)

_ENDPOINT = re.compile(r"(?:\[(?P<ipv6>[0-9A-Fa-f:.]+)\]|(?P<ipv4>[0-9.]+)):(?P<port>[0-9]{1,5})")


@dataclass(frozen=True)
class AddressPolicy:
    """The public internet on a few ports, and the exceptions that an operator has opened."""

    ports: frozenset[int] = frozenset({80, 443, 8080, 8443})
    networks: tuple[Network, ...] = ()
    endpoints: frozenset[tuple[Address, int]] = frozenset()

    @classmethod
    def parse(cls, allowed: Iterable[str], ports: Iterable[int]) -> Self:
        """Read the entries of FETCH_ALLOWED_NETWORKS and FETCH_ALLOWED_PORTS.

        An entry is a network (`10.0.0.0/8`: opens all of its ports) or one address with one port (`127.0.0.1:18080`,
        `[::1]:18080`). Raises ValueError naming an entry that is neither.
        """
        networks: list[Network] = []
        endpoints: set[tuple[Address, int]] = set()
        for entry in allowed:
            if "/" in entry:
                networks.append(_network(entry))
            else:
                endpoints.add(_endpoint(entry))
        return cls(frozenset(_port(port) for port in ports), tuple(networks), frozenset(endpoints))

    def permits(self, address: Address, port: int) -> bool:
        """Whether a connection to this address and port may be opened."""
        if isinstance(address, IPv6Address) and address.scope_id is not None:
            return False  # link-local by nature
        if (address, port) in self.endpoints:
            return True
        if address in _METADATA:
            return False
        if any(address in network for network in self.networks):
            # An operator who opens 64:ff9b::/96 wants the public internet through NAT64, not 64:ff9b::127.0.0.1.
            carried = _carried(address)
            return carried is None or self.permits(carried, port)
        return port in self.ports and is_public(address)


def is_public(address: Address) -> bool:
    """Whether the address is global unicast and does not embed another address."""
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in network for network in _SPECIAL_IPV4)
    return address in _GLOBAL_IPV6 and address.is_global and not any(address in network for network in _SPECIAL_IPV6)


def _carried(address: Address) -> IPv4Address | None:
    if isinstance(address, IPv6Address):
        for network, shift in _CARRIERS:
            if address in network:
                return IPv4Address(int(address) >> shift & 0xFFFFFFFF)
    return None


def _network(entry: str) -> Network:
    try:
        return ip_network(entry)
    except ValueError as error:
        raise ValueError(f"FETCH_ALLOWED_NETWORKS: {entry!r} is not a network ({error})") from error


def _endpoint(entry: str) -> tuple[Address, int]:
    # A bare address is refused: `::1:8080` would otherwise open the address ::1:8080, on every port.
    match = _ENDPOINT.fullmatch(entry)
    if match is None:
        raise ValueError(
            f"FETCH_ALLOWED_NETWORKS: {entry!r} is neither a network (10.0.0.0/8, 10.1.2.3/32) "
            "nor an address with a port (127.0.0.1:18080, [::1]:18080)"
        )
    try:
        address: Address = IPv6Address(match["ipv6"]) if match["ipv6"] else IPv4Address(match["ipv4"])
        port = _port(int(match["port"]))
    except ValueError as error:
        raise ValueError(f"FETCH_ALLOWED_NETWORKS: {entry!r}: {error}") from error
    if address in _METADATA:
        raise ValueError(f"FETCH_ALLOWED_NETWORKS: {entry!r} holds the machine's credentials and cannot be opened")
    return address, port


def _port(port: int) -> int:
    if not 1 <= port <= 65535:
        raise ValueError(f"{port} is not a port (1 to 65535)")
    return port
