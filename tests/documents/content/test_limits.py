"""Large, deep and hostile content: bounded in time and in what is said about it."""

import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from documents.content.tree import ContentLimits
from documents.content.walk import media_ids_to_complete, walk
from documents.references.extract import content_references
from tests.documents.content.living_times import CONFIG, IMAGE, check, design, errors, problems


def boxes(depth: int) -> list[Any]:
    """So many boxes, each within the one before."""
    inner: list[Any] = []
    for _ in range(depth):
        inner = [{"component": "box", "containers": {"main": inner}}]
    return inner


def test_a_hundred_components_within_each_other_pass_and_one_more_does_not() -> None:
    checked = check(boxes(100))
    assert checked.problems == ()
    assert len(list(walk(checked.content))) == 100
    (problem,) = check(boxes(101)).problems
    assert problem.message == "is nested deeper than 100 components"


def test_nesting_far_beyond_what_an_interpreter_can_recurse_is_one_problem() -> None:
    assert [problem.message for problem in check(boxes(20_000)).problems] == ["is nested deeper than 100 components"]
    assert sum(1 for _ in walk(boxes(20_000))) == 20_000
    assert media_ids_to_complete(boxes(20_000), design) == frozenset()


def test_a_document_has_a_limited_number_of_components() -> None:
    paragraphs = [{"component": "paragraph"} for _ in range(11)]
    assert problems(paragraphs[:10], limits=ContentLimits(components=10)) == {}
    assert problems(paragraphs, limits=ContentLimits(components=10)) == {
        "content": "must NOT have more than 10 components"
    }


def test_five_thousand_components_in_five_megabytes_are_checked_in_seconds() -> None:
    content = [{"component": "paragraph", "content": {"text": f"{'x' * 980} <b>{i}</b>"}} for i in range(5_000)]
    started = time.process_time()
    checked = check(content)
    assert (checked.problems, len(checked.content)) == ((), 5_000)
    assert time.process_time() - started < 5  # measured: 0.1 s


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("<div>" * 400_000, id="nested blocks"),
        pytest.param("<a " + " ".join(f"a{i}" for i in range(300_000)) + ">", id="attributes"),
        pytest.param("<a><i>" * 300_000, id="misnested"),
        pytest.param("<!--" * 500_000, id="comments"),
        pytest.param('<a "' * 500_000, id="quotes"),
        pytest.param("<script>" * 250_000, id="scripts"),
        pytest.param("<" * 2_000_000, id="brackets"),
    ],
)
def test_a_text_made_to_be_slow_is_refused_quickly(text: str) -> None:
    content = [{"component": component, "content": {"text": text}} for component in ("paragraph", "quote")]
    started = time.process_time()
    found = check(content).problems
    assert time.process_time() - started < 5
    assert [problem.path for problem in found] == [("content", 0, "content", "text"), ("content", 1, "content", "text")]


def test_many_texts_just_below_the_bounds_are_cleaned_in_seconds() -> None:
    """Half a megabyte of the worst that is let through; measured: 0.4 s."""
    content = [{"component": "paragraph", "content": {"text": "<div>" * 200}} for _ in range(500)]
    started = time.process_time()
    assert check(content).problems == ()
    assert time.process_time() - started < 10


def test_not_more_is_said_about_a_document_than_one_can_read() -> None:
    content = [{"component": "header", "content": {f"nobody{i}": 1 for i in range(5_000)}}]
    found = errors(check(content, limits=ContentLimits(problems=100)))
    assert len(found) == 101
    assert found[0]["path"] == "content.0.content.nobody0"
    assert found[-1] == {"path": "content", "message": "and 4900 more problems"}


def test_not_more_is_said_about_what_was_removed_either() -> None:
    content = [{"component": "paragraph", "content": {"text": "<p>x</p>"}} for _ in range(50)]
    removals = check(content, limits=ContentLimits(problems=10)).removals
    assert len(removals) == 11
    assert removals[-1] == (("content",), ("from 40 more texts",))


def test_what_the_sender_wrote_is_quoted_in_part_only() -> None:
    name = "x" * 100_000
    (problem,) = check([{"component": name}]).problems
    assert len(problem.message) < 200
    (error,) = errors(check([{"component": "header", "content": {name: 1}}]))
    assert len(error["path"]) == 301


def test_a_long_name_is_not_repeated_for_every_child() -> None:
    content = [{"component": "nobody", "containers": {"x" * 1_000_000: [{"component": "paragraph"}] * 10_000}}]
    started = time.process_time()
    assert [error["path"] for error in errors(check(content))] == ["content.0.component", "content"]
    assert time.process_time() - started < 2


# --- Any JSON --------------------------------------------------------------------------------------------------------

NAMES = [component["name"] for component in CONFIG["components"]]
DIRECTIVES = sorted({directive["name"] for each in CONFIG["components"] for directive in each["directives"]})
WORDS = [*"abx", "<b>", "</b>", "<p>", "<", "&", "&lt;", " ", '<a href="', '">', "<!--", "javascript:", "document"]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=6).map("".join)
KEYS = st.sampled_from(
    ["$ref", "reference", "references", "id", "href", "html", "service", "params", "overrides", "content", "mediaId"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | TEXTS, inner, max_size=3),
    max_leaves=8,
)
COMPONENTS = st.deferred(
    lambda: st.fixed_dictionaries(
        {},
        optional={
            "component": st.sampled_from(NAMES) | JSON,
            "identifier": st.sampled_from([f"living-times.{name}" for name in NAMES]),
            "id": TEXTS | JSON,
            "content": st.dictionaries(st.sampled_from(DIRECTIVES), JSON | st.just(IMAGE), max_size=3) | JSON,
            "containers": st.dictionaries(st.sampled_from(["main", "aside", "items"]), CONTENT, max_size=2) | JSON,
            "styles": JSON,
            "position": st.just("fixed") | JSON,
            "conditions": JSON,
            "data": JSON,
        },
    )
)
CONTENT = st.lists(COMPONENTS | JSON, max_size=3)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CONTENT, st.booleans())
def test_no_content_whatever_breaks_the_check_and_stored_content_passes_unchanged(
    content: Any, completeness: bool
) -> None:
    media_ids_to_complete(content, design)
    checked = check(content, completeness=completeness)
    if checked.problems:
        return
    again = check(checked.content, completeness=completeness)
    assert (again.content, again.problems, again.removals) == (checked.content, (), ())
    for reference in content_references(checked.content, design):
        assert all(isinstance(value, str) and value for value in reference.as_dict().values())
