"""Threads that meet at a gate, each with its own database connection."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import connection


@pytest.fixture
def side_by_side(transactional_db: None) -> Callable[[Sequence[Callable[[], Any]]], list[Any]]:
    """Run the calls at the same moment; their results in order, exceptions included."""

    def run(calls: Sequence[Callable[[], Any]]) -> list[Any]:
        gate = threading.Barrier(len(calls))
        results: list[Any] = [None] * len(calls)

        def one(index: int) -> None:
            gate.wait()
            try:
                results[index] = calls[index]()
            except Exception as error:
                results[index] = error
            finally:
                connection.close()

        threads = [threading.Thread(target=one, args=(index,)) for index in range(len(calls))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return results

    return run
