"""X-Forwarded-For is used as far as the proxies are trusted, and no further."""

from typing import Any

import pytest
from django.core import checks
from django.test import RequestFactory

from livingdocs_import.security.client_address import of_request
from livingdocs_import.security.trusted_proxies import TrustedProxies

PROXIES = TrustedProxies.parse(["10.0.0.0/8", "192.0.2.7", "2001:db8:1::/48", "unix"])


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "client"),
    [
        ("203.0.113.5", "", "203.0.113.5"),
        ("203.0.113.5", "198.51.100.1", "203.0.113.5"),  # an untrusted client may send anything
        ("10.1.2.3", "", "10.1.2.3"),
        ("10.1.2.3", "198.51.100.1", "198.51.100.1"),
        ("10.1.2.3", "1.1.1.1, 198.51.100.1", "198.51.100.1"),  # what he has sent himself stands before his address
        ("10.1.2.3", "198.51.100.1, 192.0.2.7", "198.51.100.1"),  # two proxies of ours
        ("10.1.2.3", "198.51.100.1, 203.0.113.9, 192.0.2.7", "203.0.113.9"),  # and one that is not
        ("10.1.2.3", "198.51.100.1:4711", "198.51.100.1"),
        ("10.1.2.3", "[2001:db8:9::1]:4711", "2001:db8:9::"),
        ("10.1.2.3", "nonsense", "10.1.2.3"),
        ("10.1.2.3", "198.51.100.1, nonsense", "10.1.2.3"),
        ("10.1.2.3", "unknown, 192.0.2.7", "192.0.2.7"),
        ("10.1.2.3", ",".join(["10.9.9.9"] * 4000), "10.9.9.9"),
        ("", "198.51.100.1", "198.51.100.1"),  # over a socket file
        ("", "", "0.0.0.0"),
        ("::ffff:203.0.113.5", "", "203.0.113.5"),
        ("2001:db8:9:8:7:6:5:4", "", "2001:db8:9:8::"),  # a client with one of them has them all
        ("fe80::1%eth0", "", "fe80::"),
        ("2001:db8:1::5", "203.0.113.5", "203.0.113.5"),
    ],
)
def test_who_calls(peer: str, forwarded_for: str, client: str) -> None:
    assert PROXIES.client(peer, forwarded_for) == client


def test_without_proxies_no_header_is_trusted() -> None:
    assert TrustedProxies.parse([]).client("10.1.2.3", "198.51.100.1") == "10.1.2.3"
    assert TrustedProxies.parse([]).client("", "198.51.100.1") == "0.0.0.0"


def test_the_setting_names_the_proxies(settings: Any) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="10.1.2.3", headers={"X-Forwarded-For": "198.51.100.1"})
    assert of_request(request) == "10.1.2.3"
    settings.TRUSTED_PROXIES = ["10.1.2.3"]
    assert of_request(request) == "198.51.100.1"


@pytest.mark.parametrize("name", ["10.0.0.0/40", "proxy.example", "10.0.0.1/8"])
def test_a_proxy_that_is_no_address_is_named_by_checks(settings: Any, name: str) -> None:
    settings.TRUSTED_PROXIES = ["unix", name]
    (found,) = [message for message in checks.run_checks(tags=["security"]) if message.id == "LI.E006"]
    assert name in str(found)
