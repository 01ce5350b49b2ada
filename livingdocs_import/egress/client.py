"""The one HTTP client for addresses that clients name, for downloads and webhooks alike.

Each request goes to a checked address (connection.py), within one deadline and bounded bytes. Failures are raised as
errors of errors.py. Redirects are not followed here: callers do that.
"""

import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from livingdocs_import import VERSION
from livingdocs_import.egress.connection import CallLimits, Connector
from livingdocs_import.egress.http1 import HTTP1Connection, HTTP1Request, HTTP1Response, network_errors
from livingdocs_import.egress.pool import IdleConnections
from livingdocs_import.egress.url import Target

_HEADERS = {"User-Agent": f"livingdocs-import/{VERSION}", "Accept": "*/*", "Accept-Encoding": "identity"}


class HTTPClient:
    """Sends requests over checked connections, and keeps those of GETs open. Thread-safe; do not share it across a
    fork."""

    def __init__(self, connector: Connector, *, idle: IdleConnections | None = None) -> None:
        self.connector = connector
        self.idle = idle or IdleConnections()

    def close(self) -> None:
        """Close the idle connections."""
        self.idle.close()

    def limits(self, *, read_seconds: float, total_seconds: float, min_bytes_per_second: float = 0.0) -> CallLimits:
        """The limits of a call that begins now: see CallLimits. All requests of one call share them."""
        return CallLimits(
            read_timeout=read_seconds,
            deadline=time.monotonic() + total_seconds,
            min_bytes_per_second=min_bytes_per_second,
            stop_deadline=self.connector.stop_deadline,
        )

    @contextmanager
    def get(self, target: Target, headers: Mapping[str, str], limits: CallLimits) -> Iterator[HTTP1Response]:
        """Send a GET and return the response with its body unread. The connection is kept if the body is read to its
        end.

        A kept connection may fail on reuse: the request is then repeated once over a new one.
        """
        request = HTTP1Request("GET", target, {**_HEADERS, **headers})
        with network_errors():
            response = self._send_over_idle(request, limits) or self._send(request, limits)
        try:
            yield response
        finally:
            if response.is_reusable:
                self.idle.keep(target, response.connection)
            else:
                response.close()

    @contextmanager
    def post(
        self, target: Target, headers: Mapping[str, str], body: bytes, limits: CallLimits
    ) -> Iterator[HTTP1Response]:
        """Send a POST once, over a connection of its own: repeating it could have an effect twice.

        Webhook receivers are called too rarely for kept connections to pay off.
        """
        with network_errors():
            response = self._send(HTTP1Request("POST", target, {**_HEADERS, **headers}, body), limits)
        try:
            yield response
        finally:
            response.close()

    def _send_over_idle(self, request: HTTP1Request, limits: CallLimits) -> HTTP1Response | None:
        """The response over a kept connection; None if there is none, or if it failed."""
        connection = self.idle.take(request.target)
        if connection is None:
            return None
        connection.sock.limits = limits
        try:
            return HTTP1Response.to(connection, request)
        except (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError):
            return None

    def _send(self, request: HTTP1Request, limits: CallLimits) -> HTTP1Response:
        connection = HTTP1Connection(request.target.host, request.target.port)
        connection.sock = self.connector.connect(request.target, limits)
        return HTTP1Response.to(connection, request)
