"""What one configuration has that another has not, as patches with JSON pointers."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livingdocs_import.project_config import differences
from livingdocs_import.project_config.differences import MAX_PATCHES, Action, difference
from tests.full_config import FULL

ADD, UPDATE, REMOVE = Action.ADD, Action.UPDATE, Action.REMOVE
A, B, C = ({"handle": handle, "n": 1} for handle in "abc")


def reported(before: Any, after: Any) -> list[tuple[Action, str, Any, Any]]:
    found = difference(before, after)
    return [(patch.action, patch.pointer, patch.value, patch.value_before) for patch in found]


CASES = {
    "nothing": ({"a": 1}, {"a": 1}, []),
    "another order of keys": ({"a": 1, "b": {"c": 1, "d": 2}}, {"b": {"d": 2, "c": 1}, "a": 1}, []),
    "a key more, less and changed": (
        {"a": 1, "b": 2},
        {"c": 3, "b": 4},
        [(ADD, "/c", 3, None), (UPDATE, "/b", 4, 2), (REMOVE, "/a", None, 1)],
    ),
    "a key to be escaped": ({}, {"a/b~c": 1}, [(ADD, "/a~1b~0c", 1, None)]),
    "true is not 1": ({"a": True}, {"a": 1}, [(UPDATE, "/a", 1, True)]),
    "null is a value": ({"a": None}, {}, [(REMOVE, "/a", None, None)]),
    "an array of scalars": ({"a": [1, 2]}, {"a": [1, 3]}, [(UPDATE, "/a", [1, 3], [1, 2])]),
    "another type": ({"a": []}, {"a": {}}, [(UPDATE, "/a", {}, [])]),
    "an element more": ({"a": [A]}, {"a": [B, A]}, [(ADD, "/a/0", B, None)]),
    "an element less, at its old place": ({"a": [A, B, C]}, {"a": [A, C]}, [(REMOVE, "/a/1", None, B)]),
    "a changed element, at its new place": (
        {"a": [A, B]},
        {"a": [C, A, B | {"n": 2}]},
        [(ADD, "/a/0", C, None), (UPDATE, "/a/2/n", 2, 1)],
    ),
    "another order of elements": ({"a": [A, B]}, {"a": [B, A]}, [(UPDATE, "/a", [B, A], [A, B])]),
    "elements of one handle": ({"a": [A, A]}, {"a": [A]}, [(UPDATE, "/a", [A], [A, A])]),
    "elements by name": ({"a": [{"name": "x"}]}, {"a": [{"name": "x", "l": 1}]}, [(ADD, "/a/0/l", 1, None)]),
    "elements by id": ({"a": [{"id": "x", "l": 0}]}, {"a": [{"id": "x", "l": 1}]}, [(UPDATE, "/a/0/l", 1, 0)]),
    "elements without a key": ({"a": [{"l": 0}]}, {"a": [{"l": 1}]}, [(UPDATE, "/a", [{"l": 1}], [{"l": 0}])]),
}


@pytest.mark.parametrize("what", CASES)
def test_patches(what: str) -> None:
    """CFG-10"""
    before, after, expected = CASES[what]
    assert reported(before, after) == expected


def test_a_configuration_has_no_difference_from_itself() -> None:
    """CFG-13"""
    assert reported(FULL, copy.deepcopy(FULL)) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["a", "b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "handle"]), inner),
    max_leaves=12,
)
CONFIGS = st.dictionaries(st.sampled_from(["a", "b", "c"]), JSON)


@settings(max_examples=300, deadline=None)
@given(CONFIGS, CONFIGS)
def test_there_is_a_patch_exactly_where_something_differs(before: Any, after: Any) -> None:
    """CFG-11: a plan without patches is never published."""
    assert bool(difference(before, after)) == (not differences.is_same(before, after))


def test_too_many_differences_are_reported_by_larger_parts() -> None:
    before = {"a": {f"{n}": {"b": n} for n in range(MAX_PATCHES + 1)}, "c": 1}
    after = {"a": {f"{n}": {"b": -n - 1} for n in range(MAX_PATCHES + 1)}, "c": 1}
    assert reported(before, after) == [(UPDATE, "/a", after["a"], before["a"])]


def test_a_pointer_does_not_become_long_many_times() -> None:
    """A long key with many values below it would be repeated by each of them."""
    key = "x" * 100_000
    before, after = ({"a": {key: {f"{n}": value for n in range(100)}}} for value in (1, 2))
    ((action, pointer, *_),) = reported(before, after)
    assert (action, pointer) == (UPDATE, f"/a/{key}")
