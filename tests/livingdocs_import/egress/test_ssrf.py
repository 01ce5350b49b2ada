"""Which addresses may be connected to. IMG-41"""

from ipaddress import ip_address

import pytest

from livingdocs_import.egress.ssrf import AddressPolicy, is_public

CLOSED = AddressPolicy()


def permits(policy: AddressPolicy, address: str, port: int = 443) -> bool:
    return policy.permits(ip_address(address), port)


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "8.8.8.8",
        "100.63.255.255",
        "100.128.0.0",
        "172.32.0.1",
        "198.20.0.1",
        "223.255.255.255",
        "2606:4700:4700::1111",
        "2a00:1450:4001:82a::2004",
        "2001:200::1",
        "2003::1",
        "3ffe:ffff::1",
    ],
)
def test_global_unicast_may_be_connected_to(address: str) -> None:
    assert permits(CLOSED, address)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.0.0.5",
        "10.0.0.0",
        "10.255.255.255",
        "100.64.0.0",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.255",
        "168.63.129.16",
        "169.254.0.1",
        "169.254.169.254",
        "172.16.0.0",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.31.196.1",
        "192.52.193.1",
        "192.88.99.1",
        "192.168.0.1",
        "192.168.255.255",
        "192.175.48.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.255",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
    ],
)
def test_no_special_ipv4_address_may_be_connected_to(address: str) -> None:
    """IMG-41"""
    assert not permits(CLOSED, address)


@pytest.mark.parametrize(
    "address",
    [
        "::",
        "::1",
        "::7f00:1",
        "::8.8.8.8",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::ffff:0:10.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b::8.8.8.8",
        "64:ff9b:1::a00:1",
        "100::1",
        "100:0:0:1::1",
        "2001::1",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:808:808::1",
        "3fff::1",
        "4000::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fd20:ce::254",
        "fe80::1",
        "fe80::1%lo",
        "fec0::1",
        "feef::1",
        "ff02::1",
        "2001:0:4136:e378:8000:63bf:9bbf:fffe",
        "fe80::5efe:10.0.0.1",
    ],
)
def test_no_special_ipv6_address_may_be_connected_to_whatever_it_embeds(address: str) -> None:
    """IMG-41"""
    assert not permits(CLOSED, address)


@pytest.mark.parametrize(("port", "permitted"), [(80, True), (8443, True), (25, False), (6379, False), (5432, False)])
def test_public_addresses_are_reached_on_web_ports_only(port: int, permitted: bool) -> None:
    assert permits(CLOSED, "1.2.3.4", port) is permitted


def test_an_opened_network_is_open_on_every_port_and_nothing_beside_it() -> None:
    policy = AddressPolicy.parse(["10.1.0.0/16", "fd12::/32"], [443])
    assert permits(policy, "10.1.2.3", 9000)
    assert permits(policy, "fd12::7", 9000)
    assert not permits(policy, "10.2.0.1")
    assert not permits(policy, "::ffff:10.1.2.3")


def test_an_opened_endpoint_is_one_address_on_one_port() -> None:
    policy = AddressPolicy.parse(["127.0.0.1:18080", "[::1]:18080"], [443])
    assert permits(policy, "127.0.0.1", 18080)
    assert permits(policy, "::1", 18080)
    assert not permits(policy, "127.0.0.1", 443)
    assert not permits(policy, "127.0.0.2", 18080)


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "169.254.170.2", "100.100.100.200", "fd00:ec2::254", "fd00:ec2::254%eth0", "192.0.0.192"],
)
def test_no_opened_network_reaches_the_credentials_of_the_machine(address: str) -> None:
    everything = AddressPolicy.parse(["0.0.0.0/0", "::/0"], [443])
    assert permits(everything, "169.254.0.1")
    assert permits(everything, "fd00::1")
    assert not permits(everything, address)


@pytest.mark.parametrize("address", ["64:ff9b::127.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b::10.0.0.1"])
def test_opening_nat64_opens_the_public_internet_behind_it_only(address: str) -> None:
    policy = AddressPolicy.parse(["64:ff9b::/96"], [443])
    assert permits(policy, "64:ff9b::8.8.8.8")
    assert not permits(policy, address)
    assert not permits(policy, "64:ff9b::8.8.8.8", 25)


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "localhost:80",
        "10.0.0.1/8",
        "10.0.0.0/33",
        "127.0.0.1",
        "::1",
        "::1:8080",
        "[::1]",
        "127.0.0.1:",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        "127.1:80",
        "[127.0.0.1]:80",
        "169.254.169.254:80",
        "[fd00:ec2::254]:80",
        "*",
        "10.0.0.0/8:80",
    ],
)
def test_nonsense_in_the_setting_is_refused_by_name(entry: str) -> None:
    with pytest.raises(ValueError, match="FETCH_ALLOWED_NETWORKS") as error:
        AddressPolicy.parse([entry], [443])
    assert repr(entry) in str(error.value)


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_that_is_none_is_refused(port: int) -> None:
    with pytest.raises(ValueError, match=f"{port} is not a port"):
        AddressPolicy.parse([], [port])


def test_public_says_nothing_about_ports() -> None:
    assert is_public(ip_address("1.2.3.4"))
