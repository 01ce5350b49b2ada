"""What a component holds beside its children: content, styles, position, conditions, data; and texts on publish."""

from typing import Any

import pytest

from tests.documents.content.living_times import check, problems


def test_an_unknown_directive_is_a_problem() -> None:
    """DOC-10"""
    assert problems([{"component": "header", "content": {"headline": "x"}}]) == {
        "content.0.content.headline": 'is no directive of the component "header"'
    }


def test_a_directive_that_is_only_in_the_html_of_the_component_is_known() -> None:
    assert problems([{"component": "image", "content": {"caption": "A boat"}}]) == {}


def test_all_problems_are_reported_not_only_the_first() -> None:
    """DOC-11"""
    content = [
        {"component": "header", "id": 3, "content": {"title": [], "author": {}, "nobody": 1}},
        {"component": "hero"},
        {"component": "image", "content": {"image": {"originalUrl": 5}}, "position": "left"},
    ]
    assert list(problems(content)) == [
        "content.0.id",
        "content.0.content.title",
        "content.0.content.author",
        "content.0.content.nobody",
        "content.1.component",
        "content.2.content.image.mimeType",
        "content.2.content.image.width",
        "content.2.content.image.height",
        "content.2.content.image.originalUrl",
        "content.2.position",
    ]


@pytest.mark.parametrize("content", [[], "text", 1, False])
def test_content_of_a_component_is_an_object(content: Any) -> None:
    assert problems([{"component": "header", "content": content}]) == {
        "content.0.content": "Invalid type: expected object"
    }


@pytest.mark.parametrize("content", [None, {}, {"title": None}])
def test_a_directive_without_a_value_is_left_out(content: Any) -> None:
    checked = check([{"component": "header", "content": content}])
    assert checked.problems == ()
    assert checked.content[0]["content"] == {}


def test_default_content_is_not_applied() -> None:
    """DOC-58"""
    assert check([{"component": "box"}]).content == [
        {"id": "doc-0", "component": "box", "identifier": "living-times.box", "content": {}}
    ]


def test_what_a_component_says_beside_its_content_is_kept() -> None:
    options = {
        "styles": {"padding": "wide"},
        "position": "fixed",
        "conditions": {"brands": ["ch"], "dateTime": {"gte": "2024-02-11T23:00:00.000Z", "lt": None}},
        "data": {"whatever": [{"we": "like"}]},
    }
    checked = check([{"component": "box", **options}])
    assert checked.problems == ()
    assert {key: checked.content[0][key] for key in options} == options


@pytest.mark.parametrize(
    ("options", "path", "message"),
    [
        ({"styles": []}, "styles", "Invalid type: expected object"),
        ({"styles": {"margin": "wide"}}, "styles.margin", "Additional properties not allowed"),
        ({"styles": {"padding": ["wide"]}}, "styles.padding", "Invalid type: expected string"),
        ({"position": "left"}, "position", 'No enum match for: "left"'),
        ({"position": 1}, "position", "No enum match for: 1"),
        ({"position": []}, "position", "No enum match for: []"),
        ({"conditions": []}, "conditions", "Invalid type: expected object"),
        ({"conditions": {"weather": "rain"}}, "conditions.weather", "Additional properties not allowed"),
        ({"conditions": {"brands": "ch"}}, "conditions.brands", "Invalid type: expected array of strings"),
        ({"conditions": {"brands": [1]}}, "conditions.brands", "Invalid type: expected array of strings"),
        ({"conditions": {"dateTime": "now"}}, "conditions.dateTime", "Invalid type: expected object"),
        ({"conditions": {"dateTime": {"gt": None}}}, "conditions.dateTime.gt", "Additional properties not allowed"),
        (
            {"conditions": {"dateTime": {"gte": "2023-02-30T00:00:00Z"}}},
            "conditions.dateTime.gte",
            'must match format "date-time"',
        ),
        (
            {"conditions": {"dateTime": {"lt": "10000-01-01T00:00:00Z"}}},
            "conditions.dateTime.lt",
            'must match format "date-time"',
        ),
        ({"conditions": {"dateTime": {"lt": 5}}}, "conditions.dateTime.lt", 'must match format "date-time"'),
        ({"data": "x"}, "data", "Invalid type: expected object"),
    ],
)
def test_options_of_a_wrong_shape_are_problems(options: dict[str, Any], path: str, message: str) -> None:
    assert problems([{"component": "box", **options}]) == {f"content.0.{path}": message}


def test_any_style_goes_for_a_component_that_declares_no_properties() -> None:
    assert problems([{"component": "header", "styles": {"colour": "red", "big": True, "size": 3}}]) == {}


# --- Texts on publish ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"title": "x" * 21}, "must NOT have more than 20 characters"),
        ({"title": ""}, "must NOT have fewer than 1 characters"),
        ({"title": None}, "must NOT have fewer than 1 characters"),
        ({}, "must NOT have fewer than 1 characters"),
        (None, "must NOT have fewer than 1 characters"),
    ],
)
def test_lengths_of_texts_count_on_publish_only(content: Any, message: str) -> None:
    """VAL-08"""
    component = [{"component": "header", "content": content}]
    assert problems(component, completeness=False) == {}
    assert problems(component, completeness=True) == {"content.0.content.title": message}


@pytest.mark.parametrize(
    "text",
    ["x" * 100, f"{'x' * 99}&amp;", f'<a href="https://example.com/{"y" * 50}">{"x" * 100}</a>', f"<b>{'ü' * 100}</b>"],
)
def test_a_length_counts_what_a_reader_sees(text: str) -> None:
    """VAL-08"""
    assert problems([{"component": "paragraph", "content": {"text": text}}], completeness=True) == {}
    assert problems([{"component": "paragraph", "content": {"text": f"{text}z"}}], completeness=True) == {
        "content.0.content.text": "must NOT have more than 100 characters"
    }


def test_a_text_of_the_wrong_type_is_not_also_too_short() -> None:
    assert problems([{"component": "header", "content": {"title": 5}}], completeness=True) == {
        "content.0.content.title": "Invalid type: expected string"
    }
