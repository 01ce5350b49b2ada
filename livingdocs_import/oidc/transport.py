"""Requests to the provider over our own connections: checked addresses, bounded time and size, no redirects.

Authlib speaks to the library `requests`; this is its adapter.
"""

from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from typing import Any

import requests
from requests.adapters import BaseAdapter

from livingdocs_import.egress.client import HTTPClient
from livingdocs_import.egress.connection import Connector
from livingdocs_import.egress.http1 import HTTP1Response
from livingdocs_import.egress.url import parse
from livingdocs_import.errors import Failure

SECONDS = 10.0  # for a request, from the look-up of the host to the last byte
MAX_ANSWER = 512 * 1024  # bytes; metadata and keys have a few thousand


class EgressAdapter(BaseAdapter):
    """Sends each request as egress/client.py does. The settings decide which addresses may be reached."""

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """The response, read whole. Raises ConnectionError of `requests` if there is none."""
        try:
            return self._send(request)
        except Failure as error:
            raise requests.ConnectionError(str(error), request=request) from error

    def _send(self, request: requests.PreparedRequest) -> requests.Response:
        target = replace(parse(request.url or ""), path=request.path_url)
        client = HTTPClient(Connector.from_settings())
        limits = client.limits(read_seconds=SECONDS, total_seconds=SECONDS)
        headers = {**request.headers, "Accept-Encoding": "identity", "Connection": "close"}
        if request.method == "POST":
            body = request.body or b""
            data = body.encode() if isinstance(body, str) else bytes(body)
            with client.post(target, headers, data, limits) as answer:
                return _response(request, answer)
        with client.get(target, headers, limits) as answer:
            return _response(request, answer)

    def close(self) -> None:
        """No connection is kept."""


def _response(request: requests.PreparedRequest, answer: HTTP1Response) -> requests.Response:
    response = requests.Response()
    response.status_code, response.request, response.url = answer.status, request, request.url or ""
    response.headers.update(answer.headers.items())
    response.raw = BytesIO(answer.beginning(MAX_ANSWER))
    return response
