"""The documents are kept in docs/openapi/, so that a review shows each change of the contract."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from livingdocs_import.api.versions import NAMES
from livingdocs_import.openapi import documents
from livingdocs_import.openapi.merge_patch import difference, patched

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "openapi"


def test_the_kept_documents_are_those_that_are_served() -> None:
    kept = {path.name: path.read_bytes() for path in FOLDER.glob("*.json")}
    changed = [name for name, content in documents.snapshots().items() if kept.get(name) != content]
    assert changed == [], "the contract has changed; if that was meant: make openapi"
    assert kept.keys() == documents.snapshots().keys()


def test_a_field_that_is_renamed_changes_the_kept_document() -> None:
    text = (FOLDER / "v1.json").read_text()
    assert json.loads(text) == documents.document("v1")
    assert json.loads(text.replace('"waitingFor"', '"waitsFor"')) != documents.document("v1")


def test_of_each_later_version_the_difference_is_kept() -> None:
    document = json.loads((FOLDER / f"{NAMES[0]}.json").read_text())
    for _, name in pairwise(NAMES):
        document = patched(document, json.loads((FOLDER / f"{name}.patch.json").read_text()))
        assert document == documents.document(name)


@pytest.mark.parametrize(
    ("before", "after", "patch"),
    [
        ({"a": 1}, {"a": 1}, {}),
        ({"a": 1}, {"a": 2}, {"a": 2}),
        ({"a": 1, "b": 2}, {"b": 2}, {"a": None}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, {"a": {"c": 3}}),
        ({"a": [1, 2]}, {"a": [2]}, {"a": [2]}),
        ({"a": [1]}, {"a": {"b": 1}}, {"a": {"b": 1}}),
    ],
)
def test_a_difference_makes_the_one_of_the_other(before: Any, after: Any, patch: Any) -> None:
    assert difference(before, after) == patch
    assert patched(before, patch) == after
