"""The server that a URL names, in the one spelling that circuits, limits and throttles use."""

from collections.abc import Mapping
from typing import Any

import re2

from livingdocs_import.egress.host_limits import host_key
from livingdocs_import.egress.url import InvalidURL, parse

# The common form that needs no parsing: lower case, no numeric last label (a spelling of an address), no credentials.
_PLAIN = re2.compile(r"(https?)://([a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z][a-z0-9-]*)(?::([1-9][0-9]{0,4}))?(?:[/?#]|$)")
_PORTS = {"http": "80", "https": "443"}


def endpoint_of(url: str) -> str:
    """`host:port` of a URL; "" when it has none. The common case is a hundred times quicker than `parse`."""
    if match := _PLAIN.match(url):
        scheme, host, port = match.groups()
        return f"{host}:{port or _PORTS[scheme]}"
    try:
        return parse(url).endpoint
    except InvalidURL:
        return ""


def host_key_of(item: Mapping[str, Any]) -> int:
    """The key of the server in the `url` of an import request's element; 0 without a `url`."""
    url = item.get("url")
    return host_key(endpoint_of(url)) if isinstance(url, str) else 0
