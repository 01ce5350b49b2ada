"""Guessing passwords on many connections does not block other requests (M2)."""

import threading
import time
from collections import Counter
from pathlib import Path

import pytest
import requests

from tests.livingdocs_import.server.test_serve import Serve, address_of, health, serve

__all__ = ["serve"]  # a fixture

CONNECTIONS = 16
SECONDS = 4.0


def try_passwords(address: str, until: float, seen: "Counter[int]") -> None:
    """One connection that guesses again as soon as it is answered, each time another name."""
    with requests.Session() as session:
        session.trust_env = False
        session.get(f"{address}/admin/login/", timeout=60)
        number = 0
        while time.monotonic() < until:
            fields = {"username": f"{threading.get_ident()}-{number}", "password": "wrong"}
            fields["csrfmiddlewaretoken"] = session.cookies["csrftoken"]
            answer = session.post(f"{address}/admin/login/", fields, timeout=60, allow_redirects=False)
            seen[answer.status_code] += 1
            number += 1


@pytest.mark.slow
def test_health_answers_while_passwords_are_tried_on_sixteen_connections(serve: Serve, tmp_path: Path) -> None:
    address = address_of(serve())
    health(address)
    seen: Counter[int] = Counter()
    until = time.monotonic() + SECONDS + 2
    guessing = [threading.Thread(target=try_passwords, args=(address, until, seen)) for _ in range(CONNECTIONS)]
    for thread in guessing:
        thread.start()
    while not seen:
        time.sleep(0.01)
    took = []
    while time.monotonic() < until:
        began = time.monotonic()
        health(address)
        took.append(time.monotonic() - began)
        time.sleep(0.05)
    for thread in guessing:
        thread.join()
    print(f"health: {len(took)} answers, slowest {max(took):.2f} s; log-ins {dict(seen)}")
    assert set(seen) <= {200, 503}
    assert seen[503] > seen[200], "most of them were not let near the hash"
    assert max(took) < 5, took
