"""Shared by both transports: headers and errors of httpx as those of this library."""

from collections.abc import Mapping

import httpx

from livingdocs_import_client.errors import ConnectionFailed
from livingdocs_import_client.messages import Request

# The request has not left this machine.
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)


def connection_failed(request: Request, error: httpx.RequestError) -> ConnectionFailed:
    """The error of this library for one of httpx. The query is left out: it can be long."""
    address = request.url.partition("?")[0]
    message = f"{request.method} {address}: {type(error).__name__}"
    return ConnectionFailed(f"{message}: {error}" if str(error) else message, sent=not isinstance(error, NOT_SENT))


def lower_headers(headers: httpx.Headers) -> Mapping[str, str]:
    """The headers by their names in lower case."""
    return {name.lower(): value for name, value in headers.items()}
