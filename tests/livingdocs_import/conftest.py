"""A fetcher that may reach the origin and nothing else."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from livingdocs_import.egress.connection import Connector
from livingdocs_import.egress.download import Fetcher
from livingdocs_import.egress.ssrf import AddressPolicy
from tests.origin import Origin

MakeFetcher = Callable[..., Fetcher]


@pytest.fixture
def make_fetcher(origin: Origin) -> Iterator[MakeFetcher]:
    """A fetcher for the origin, changed by keyword."""
    made = []

    def make(*, allowed: tuple[str, ...] = (), connector: dict[str, Any] | None = None, **options: Any) -> Fetcher:
        policy = AddressPolicy.parse([origin.address, *allowed], [80, 443, 8080, 8443])
        limits: dict[str, Any] = {"read_seconds": 5.0, "total_seconds": 20.0, **options}
        made.append(Fetcher(Connector(policy, **(connector or {})), **limits))
        return made[-1]

    yield make
    for fetcher in made:
        fetcher.close()


@pytest.fixture
def fetcher(make_fetcher: MakeFetcher) -> Fetcher:
    return make_fetcher()
