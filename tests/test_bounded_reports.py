"""Reports of invalid metadata stay a small multiple of the input."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from livingdocs_import.metadata import sentence
from livingdocs_import.metadata.plugins.links import ByLocale
from livingdocs_import.validation.limits import (
    MAX_ITEM_PROBLEMS,
    MAX_METADATA_PROBLEMS,
    MAX_RESPONSE_PROBLEMS,
    REPORT_BYTES,
    REPORT_TIMES,
)
from livingdocs_import.validation.problems import Problems
from livingdocs_import.validation.value_types import Anything, Flag, List, Record, ValueType
from tests.api_client import Caller, image_item
from tests.media_library.entries.test_create import create, image
from tests.origin import Origin

MANY = 5 * MAX_METADATA_PROBLEMS
AWFUL = {
    "items of a list": {"imageLink": {"mediaId": "x", "crops": [1] * MANY}},
    "properties nobody has configured": {f"p{n}": 1 for n in range(MANY)},
}


@pytest.mark.parametrize("metadata", AWFUL.values(), ids=AWFUL)
def test_of_one_entry_a_hundred_problems_are_reported(times: Caller, metadata: dict[str, Any]) -> None:
    (element,) = create(times, image(metadata=metadata))
    errors = element["error_details"]["errors"]
    assert len(errors) == MAX_METADATA_PROBLEMS + 1
    assert errors[-1]["message"] == "and more problems"


NAN = float("nan")


@pytest.mark.parametrize(
    ("format_", "value"),
    [
        (List(Flag()), [1] * MANY),
        (Record({}), {f"k{n}": 1 for n in range(MANY)}),
        (Record({}, closed=False), {f"k{n}": [NAN] * MANY for n in range(MANY)}),
        (Anything((dict, list)), [[NAN] * MANY] * MANY),
        (Anything((dict, list)), {f"k{n}": NAN for n in range(MANY)}),
        (ByLocale(Flag()), {f"k{n}": 1 for n in range(MANY)}),
    ],
)
def test_the_search_ends_soon_after_a_hundred(format_: ValueType, value: Any) -> None:
    problems = Problems(["x"], MAX_METADATA_PROBLEMS)
    format_.check(value, problems)
    assert len(problems.kept) == MAX_METADATA_PROBLEMS
    assert MAX_METADATA_PROBLEMS < len(problems) <= MAX_METADATA_PROBLEMS + 2
    assert problems.place == ["x"]


def test_a_long_name_is_not_repeated_whole_in_every_problem() -> None:
    tree, deep = Problems(["tree"]), Problems(["deeper"] * 1_000)
    ByLocale(Record({})).check({"x" * 100_000: {f"k{n}": 1 for n in range(MANY)}}, tree)
    Anything().check({"x" * 100_000: [NAN] * MANY}, deep)
    sentences = [sentence(problem) for problem in (*tree, *deep)]
    assert len("".join(sentences)) < 300 * len(sentences) + 100_000


def test_a_long_key_above_numbers_that_are_too_big_is_not_repeated_whole_either(times: Caller) -> None:
    answer = times.post("import/mediaLibrary", {"k" * 200_000: {"a": [1 << 64] * 2_000, "b\0": "\0"}})
    assert answer.status_code == 400
    assert set(answer.json()["error_details"].values()) == {"must be an integer of at most 64 bits"}
    assert len(answer.content) < 400_000


def test_every_property_that_is_wrong_is_named(times: Caller) -> None:
    (element,) = create(times, image(metadata=AWFUL["items of a list"] | {"title": 1, "invalid": "no"}))
    errors = element["error_details"]["errors"]
    assert [error["metadataProperty"] for error in errors[MAX_METADATA_PROBLEMS:]] == ["title", "invalid", "imageLink"]


def test_of_many_entries_only_the_first_problem_once_ten_thousand_were_reported(times: Caller) -> None:
    wrong = image(metadata=AWFUL["items of a list"])
    elements = create(times, *[wrong] * 150, image(id="good"))
    reported = [len(element["error_details"]["errors"]) for element in elements[:-1]]
    whole = MAX_RESPONSE_PROBLEMS // (MAX_METADATA_PROBLEMS + 1)
    assert reported == [MAX_METADATA_PROBLEMS + 1] * whole + [2] * (150 - whole)
    assert elements[whole]["error_details"]["errors"][-1] == {"message": "and more problems"}
    assert elements[-1]["ok"]


def test_entries_that_are_empty_are_not_answered_with_a_hundred_times_their_size(times: Caller) -> None:
    body = {"mediaLibraryEntries": [{}] * 10_000}
    answer = times.post("import/mediaLibrary", body)
    elements = answer.json()["mediaLibraryEntries"]
    assert len(elements) == 10_000
    assert {element["status"] for element in elements} == {400}
    assert elements[0]["error_details"]["errors"]
    assert len(answer.content) < REPORT_BYTES + REPORT_TIMES * len(json.dumps(body)) + 150 * 10_000


def test_of_a_patch_a_hundred_problems_are_reported(times: Caller) -> None:
    create(times, image(id="e1"))
    link = AWFUL["items of a list"]["imageLink"]
    patch = {"operation": "setMetadataProperty", "propertyName": "imageLink", "value": link}
    answer = times.patch("mediaLibrary/e1", {"patches": [patch]})
    assert answer.status_code == 400
    assert len(answer.json()["error_details"]["errors"]) == MAX_METADATA_PROBLEMS + 1


def test_of_an_item_twenty_problems_are_reported(
    times: Caller, origin: Origin, run_workers: Callable[[], None]
) -> None:
    """Every status response repeats them."""
    item = image_item(origin.url("/never-asked.png")) | {"metadata": AWFUL["items of a list"]}
    job = times.import_images(item)
    run_workers()
    (row,) = times.get(f"import/images/status?id={job}").json()["images"]
    assert row["reason"] == "Invalid metadata"
    assert len(row["error_details"]["errors"]) == MAX_ITEM_PROBLEMS + 1
