"""Problems are collected with their paths up to a cap, and each edge spells the paths in its own way."""

import pytest

from livingdocs_import import errors
from livingdocs_import.validation.limits import MAX_MESSAGE, MAX_PATH
from livingdocs_import.validation.problems import Problem, Problems, by_path, dotted, json_pointer


def test_a_problem_is_added_below_the_place_where_the_validator_is() -> None:
    problems = Problems(["images"])
    problems.place.append(0)
    problems.add("must be object")
    problems.place[-1] = 1
    problems.add("must be string", "metadata", "title")
    problems.place.pop()
    assert list(problems) == [
        Problem(("images", 0), "must be object"),
        Problem(("images", 1, "metadata", "title"), "must be string"),
    ]


def test_the_first_ones_are_kept_and_all_are_counted() -> None:
    problems = Problems(limit=2)
    for index in range(5):
        assert problems.is_over == (index > 2)
        problems.add("is odd", index)
    assert [problem.path for problem in problems] == [(0,), (1,)]
    assert (len(problems), problems.is_over) == (5, True)


def test_an_endless_message_is_cut() -> None:
    problems = Problems()
    problems.add("x" * 100_000)
    assert [len(problem.message) for problem in problems] == [MAX_MESSAGE + 1]


def test_no_problems_raise_nothing() -> None:
    problems = Problems()
    problems.refuse()
    problems.add("must be object")
    with pytest.raises(errors.Invalid) as caught:
        problems.refuse()
    assert caught.value.details == {"body": "must be object"}


@pytest.mark.parametrize(
    ("path", "with_dots", "pointer"),
    [
        ((), "", ""),
        (("images", 3, "url"), "images.3.url", "/images/3/url"),
        (("a/b", "c~d", ""), "a/b.c~d.", "/a~1b/c~0d/"),
        (("\0", "\ud800"), "\\u0000.\ud800", "/\\x00/\\ud800"),
    ],
)
def test_a_path_is_spelled_with_dots_or_as_a_json_pointer(
    path: tuple[str | int, ...], with_dots: str, pointer: str
) -> None:
    assert dotted(path) == with_dots
    assert json_pointer(path) == pointer


def test_long_paths_are_cut_in_both_spellings() -> None:
    for spell in (dotted, json_pointer):
        assert len(spell(("x" * 100_000, 1))) < MAX_PATH
        assert len(spell(("deeper",) * 100_000)) == MAX_PATH + 1


def test_of_two_problems_at_one_path_the_first_is_reported() -> None:
    problems = [Problem(("a",), "must be string"), Problem(("a",), "must be short"), Problem(("b",), "must be object")]
    assert by_path(problems) == {"a": "must be string", "b": "must be object"}
