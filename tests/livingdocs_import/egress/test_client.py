"""The client: which requests share connections, and what is sent."""

from collections.abc import Iterator

import pytest

from livingdocs_import.egress.client import HTTPClient
from livingdocs_import.egress.connection import Connector
from livingdocs_import.egress.ssrf import AddressPolicy
from livingdocs_import.egress.url import parse
from tests.origin import Origin


@pytest.fixture
def client(origin: Origin) -> Iterator[HTTPClient]:
    client = HTTPClient(Connector(AddressPolicy.parse([origin.address], [])))
    yield client
    client.close()


def ask(client: HTTPClient, origin: Origin, method: str) -> int:
    target, limits = parse(origin.url("/")), client.limits(read_seconds=5, total_seconds=5)
    if method == "GET":
        with client.get(target, {}, limits) as response:
            response.drain()
    else:
        with client.post(target, {}, b"{}", limits) as response:
            response.beginning(10)
    return response.status


def test_gets_share_a_connection_and_a_post_has_its_own(client: HTTPClient, origin: Origin) -> None:
    assert [ask(client, origin, method) for method in ("GET", "POST", "POST", "GET")] == [404, 200, 200, 404]
    assert [request.connection for request in origin.requests] == [1, 2, 3, 1]


def test_both_introduce_themselves_alike(client: HTTPClient, origin: Origin) -> None:
    for method in ("GET", "POST"):
        ask(client, origin, method)
    got, posted = (dict(request.headers) for request in origin.requests)
    assert posted.pop("content-length") == "2"
    assert got == posted
