"""Servers for tests: the fixture `redis_server`, and notes for tests/run.py of what was talked to.

PostgreSQL has to be known before Django's settings are read, so tests/run.py chooses it and sets DATABASE_URL.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools.servers import NotAvailable, Service, redis_service


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Service]:
    """A Redis whose database is ours; skips where there is none."""
    with contextlib.ExitStack() as stack:
        try:
            service = stack.enter_context(redis_service())
        except NotAvailable as error:
            note("missing", f"Redis ({error})")
            (pytest.fail if error.required else pytest.skip)(f"Redis: {error}")
        note("ran", service.name)
        yield service


def note(what: str, service: str) -> None:
    """Report to tests/run.py, if it started this process, which servers were used ("ran") or not ("missing")."""
    if path := os.environ.get("TEST_SERVICES_NOTES"):
        with Path(path).open("a") as notes:  # several processes append, a short line each: that is atomic
            notes.write(f"{what} {service}\n")
