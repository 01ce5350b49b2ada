"""The lines and characters of values in a JSON text."""

import json
from typing import Any

import pytest

from livingdocs_import.validation.json_positions import Position, positions
from livingdocs_import.validation.problems import Path

TEXT = """{
  "v": 2,
  "a": {"b": [1, {"c": "x, \\"y\\" ]"}],
    "d": {
      "e": null
    }
  },
  "t\\u00e4": true
}"""


def position(path: Path, text: str = TEXT) -> Position:
    return positions(text, [path])[path]


@pytest.mark.parametrize(
    ("path", "lines", "value"),
    [
        (("v",), (2, 2), 2),
        (("a", "b"), (3, 3), [1, {"c": 'x, "y" ]'}]),
        (("a", "b", 0), (3, 3), 1),
        (("a", "b", 1, "c"), (3, 3), 'x, "y" ]'),
        (("a", "d"), (4, 6), {"e": None}),
        (("a", "d", "e"), (5, 5), None),
        (("tä",), (8, 8), True),
        ((), (1, 9), json.loads(TEXT)),
    ],
)
def test_a_value_is_found_by_its_path(path: Path, lines: tuple[int, int], value: Any) -> None:
    found = position(path)
    assert (found.line, found.last_line) == lines
    assert json.loads(TEXT[slice(*found.value)]) == value
    if path and isinstance(path[-1], str):
        assert found.key is not None
        assert json.loads(TEXT[slice(*found.key)]) == path[-1]
    else:
        assert found.key is None


@pytest.mark.parametrize(("path", "line"), [(("a", "d", "x"), 4), (("a", "d", "e", "f"), 5), (("x", 3), 1)])
def test_what_is_missing_is_where_it_would_be(path: Path, line: int) -> None:
    assert position(path).line == line


def test_of_a_key_that_is_there_twice_the_last_counts() -> None:
    assert position(("a",), '{"a": 1,\n"a": 2}').line == 2


def test_all_paths_are_found_in_one_reading() -> None:
    config = {"items": [{"handle": f"h{number}", "config": {"x": [number]}} for number in range(2_000)]}
    text = json.dumps(config, indent=2)
    wanted: list[Path] = [("items", number, "config", "x", 0) for number in range(2_000)]
    found = positions(text, wanted)
    lines = text.splitlines()
    assert [int(lines[found[path].line - 1]) for path in wanted] == list(range(2_000))
