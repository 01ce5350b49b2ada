"""Rows are cut into batches of bounded size, whatever is kept of a row."""

from typing import Any

import pytest

from imports.bulk.batching import cut
from imports.bulk.rows import Row, RowProblem

REFUSED = [RowProblem("it has one cell too many")]


@pytest.mark.parametrize(
    "kept",
    [
        {"encoded": b"x" * 600},
        {"text": "x" * 600, "problems": REFUSED},
        {"cells": ["x" * 300, "x" * 300], "problems": REFUSED},
        {"source": {"title": "x" * 600}, "problems": REFUSED},
    ],
)
def test_a_batch_has_so_many_bytes_of_rows_at_most(kept: dict[str, Any]) -> None:
    batches = list(cut((Row(number, number, **kept) for number in range(1, 6)), max_items=100, max_bytes=1_500))
    assert [(batch.number, batch.first, batch.last) for batch in batches] == [(1, 1, 2), (2, 3, 4), (3, 5, 5)]
