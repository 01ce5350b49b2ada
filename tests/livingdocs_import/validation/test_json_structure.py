"""Levels and values of a JSON text are counted as its reader would, strings and escapes in any place of a piece."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingdocs_import.validation.json_structure import PIECE, count_values, has_more_values_than, is_deeper_than

TEXTS = st.text(st.sampled_from('ab"\\[]{},: é'), max_size=4)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.integers() | TEXTS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=30
)


def children(value: Any) -> Iterator[Any]:
    return iter(value.values() if isinstance(value, dict) else value if isinstance(value, list) else ())


def depth(value: Any) -> int:
    return 1 + max(map(depth, children(value)), default=0) if isinstance(value, dict | list) else 0


def count(value: Any) -> int:
    return 1 + sum(map(count, children(value)))


@given(VALUES, st.sampled_from([None, 1]), st.integers(0, 40))
def test_levels_and_values_are_counted_across_pieces(value: Any, indent: int | None, shift: int) -> None:
    """What is looked at in pieces begins anywhere: blanks in front move the border through the text."""
    text = b" " * (PIECE - shift) + json.dumps(value, indent=indent, ensure_ascii=False).encode()
    levels, values = depth(value), count(value)
    assert not is_deeper_than(levels, text)
    assert count_values(text) == values
    assert not has_more_values_than(values, text)
    assert levels == 0 or is_deeper_than(levels - 1, text)


@pytest.mark.parametrize("closing", ["]", "}", '"]', "\\"])
def test_brackets_in_strings_hide_no_levels(closing: str) -> None:
    text = "1"
    for _ in range(150):
        text = f"[{json.dumps(closing)},{text}]"
    assert is_deeper_than(149, text.encode())
    assert not is_deeper_than(150, text.encode())


@pytest.mark.parametrize("levels", [20, 99, 100_000])
def test_high_towers_are_measured_exactly(levels: int) -> None:
    text = b"[" * levels + b"[],[]," * PIECE + b"1" + b"]" * levels
    assert is_deeper_than(levels, text)
    assert not is_deeper_than(levels + 1, text)


def test_a_backslash_at_the_end_of_a_piece_goes_with_what_follows() -> None:
    for backslashes in range(4):
        text = b'["' + b"x" * (PIECE - 2 - backslashes) + b"\\" * backslashes + b'","[[[["]'
        assert is_deeper_than(1, text) == (backslashes % 2 == 1)
