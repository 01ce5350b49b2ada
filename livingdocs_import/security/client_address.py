"""The client's address; behind trusted proxies, the one that they forward."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from livingdocs_import.security.trusted_proxies import TrustedProxies


def client_address(meta: Mapping[str, Any]) -> str:
    """The client's address as a key for counting: one IPv4 address, or the /64 of an IPv6 address."""
    proxies = _proxies(tuple(settings.TRUSTED_PROXIES))
    return proxies.client(str(meta.get("REMOTE_ADDR") or ""), str(meta.get("HTTP_X_FORWARDED_FOR") or ""))


def of_request(request: HttpRequest) -> str:
    """The same, with the signature of AXES_CLIENT_IP_CALLABLE."""
    return client_address(request.META)


@lru_cache(maxsize=8)
def _proxies(named: Sequence[str]) -> TrustedProxies:
    return TrustedProxies.parse(named)
