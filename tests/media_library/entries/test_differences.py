"""The differences of two versions of metadata: old and new values, shortened, of a bounded number of properties."""

from typing import Any

import pytest

from media_library.entries.differences import MAX_DIFFERENCES, MAX_VALUE, differences


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [{"property": "a", "old": 1, "new": 2}]),
        ({}, {"a": False}, [{"property": "a", "new": False}]),
        ({"a": "x"}, {}, [{"property": "a", "old": "x"}]),
        ({"a": None}, {}, []),
        ({"a": {"x": 1}}, {"a": {"x": 2}}, [{"property": "a", "old": {"x": 1}, "new": {"x": 2}}]),
        ({"a": "x" * 501}, {}, [{"property": "a", "old": "x" * MAX_VALUE + "…"}]),
        ({}, {"a": ["x" * 501]}, [{"property": "a", "new": '["' + "x" * (MAX_VALUE - 2) + "…"}]),
    ],
)
def test_each_changed_property_has_what_it_was_and_what_it_became(before: Any, after: Any, found: Any) -> None:
    assert differences(before, after) == found


def test_of_very_many_only_some_are_kept() -> None:
    assert len(differences({}, {str(number): number for number in range(1000)})) == MAX_DIFFERENCES
