"""Which components may stand where, under which names and ids: structure checks 1 to 4, 6 and 7 (spec 4.5)."""

from typing import Any

import pytest

from tests.documents.content.living_times import check, errors, problems


def named(component: dict[str, Any]) -> tuple[str, str]:
    checked = check([component])
    assert checked.problems == ()
    return checked.content[0]["component"], checked.content[0]["identifier"]


@pytest.mark.parametrize(
    "naming",
    [
        pytest.param({"identifier": "header"}, id="DOC-05: identifier alone"),
        pytest.param({"component": "header"}, id="DOC-06: component alone"),
        pytest.param({"identifier": "living-times.header"}, id="DOC-07: identifier with the design"),
        pytest.param({"component": "header", "identifier": "header"}, id="both, bare"),
        pytest.param({"component": "header", "identifier": "living-times.header"}, id="both, as delivered"),
        pytest.param({"component": "header", "identifier": None}, id="null is absent"),
    ],
)
def test_a_component_is_known_by_each_of_its_names_and_stored_with_both(naming: dict[str, Any]) -> None:
    """PUB-06"""
    assert named(naming) == ("header", "living-times.header")


@pytest.mark.parametrize(
    ("naming", "path", "message"),
    [
        ({}, "component", "Missing required property: component"),
        ({"component": None}, "component", "Missing required property: component"),
        ({"component": 7}, "component", "Invalid type: expected string"),
        ({"component": ["header"]}, "component", "Invalid type: expected string"),
        ({"identifier": {}}, "identifier", "Invalid type: expected string"),
        ({"component": "hero"}, "component", 'Unknown component "hero" in design living-times@1.0.1'),
        ({"identifier": "hero"}, "identifier", 'Unknown component "hero" in design living-times@1.0.1'),
        (
            {"identifier": "p:1:1.header"},
            "identifier",
            'Unknown component "p:1:1.header" in design living-times@1.0.1',
        ),
        (
            {"component": "living-times.header"},
            "component",
            'Unknown component "living-times.header" in design living-times@1.0.1',
        ),
        ({"component": "header", "identifier": "paragraph"}, "identifier", 'is not the component "header"'),
        (
            {"component": "header", "identifier": "hero"},
            "identifier",
            'Unknown component "hero" in design living-times@1.0.1',
        ),
        ({"component": "", "identifier": "header"}, "component", 'Unknown component "" in design living-times@1.0.1'),
    ],
)
def test_an_ambiguous_component_is_a_problem(naming: dict[str, Any], path: str, message: str) -> None:
    """DOC-08"""
    assert problems([naming]) == {f"content.0.{path}": message}


@pytest.mark.parametrize("content", [None, {}, "text", 1, True])
def test_content_is_an_array(content: Any) -> None:
    assert problems(content) == {"content": "Invalid type: expected array"}


@pytest.mark.parametrize("component", [None, "header", 1, [], True])
def test_a_component_is_an_object(component: Any) -> None:
    assert problems([{"component": "header"}, component]) == {"content.1": "Invalid type: expected object"}


def test_a_component_the_content_type_does_not_list_is_a_problem() -> None:
    """DOC-09"""
    content = [{"component": "header"}, {"component": "box", "containers": {"main": [{"component": "image"}]}}]
    assert problems(content, allowed=frozenset({"header", "box"})) == {
        "content.1.containers.main.0": 'The content type does not allow the component "image"'
    }
    assert problems(content, allowed=None) == {}


def test_a_misspelt_key_of_a_component_is_not_swallowed() -> None:
    content = [{"component": "header", "contents": {"title": "lost"}, "Styles": {}}]
    assert problems(content) == {
        "content.0.contents": "Additional properties not allowed",
        "content.0.Styles": "Additional properties not allowed",
    }


# --- Ids -------------------------------------------------------------------------------------------------------------


def test_a_component_without_an_id_gets_one_and_a_given_one_is_kept() -> None:
    """DOC-14, DOC-15"""
    checked = check(
        [{"component": "header"}, {"component": "header", "id": "mine"}, {"component": "image", "id": None}]
    )
    assert [component["id"] for component in checked.content] == ["doc-0", "mine", "doc-1"]
    assert checked.problems == ()


def test_a_new_id_is_none_that_is_taken() -> None:
    checked = check([{"component": "header", "id": "doc-0"}, {"component": "header"}])
    assert [component["id"] for component in checked.content] == ["doc-0", "doc-1"]


def test_an_id_that_comes_twice_is_a_problem_wherever_it_stands() -> None:
    content = [
        {"component": "box", "id": "a", "containers": {"main": [{"component": "paragraph", "id": "b"}]}},
        {"component": "paragraph", "id": "b"},
        {"component": "paragraph", "id": "a"},
    ]
    assert problems(content) == {
        "content.1.id": '"b" is the id of an earlier component',
        "content.2.id": '"a" is the id of an earlier component',
    }


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (1, "Invalid type: expected string"),
        (["a"], "Invalid type: expected string"),
        ({}, "Invalid type: expected string"),
        (False, "Invalid type: expected string"),
        ("", "must NOT have fewer than 1 characters"),
        ("x" * 201, "must NOT have more than 200 characters"),
    ],
)
def test_an_id_is_a_string_that_references_can_repeat(found: Any, message: str) -> None:
    assert problems([{"component": "header", "id": found}]) == {"content.0.id": message}


# --- Containers ------------------------------------------------------------------------------------------------------


def nested(*components: dict[str, Any], container: str = "main") -> list[dict[str, Any]]:
    return [{"component": "box", "containers": {container: list(components)}}]


def test_components_in_containers_are_checked_and_stored_like_others() -> None:
    """DOC-12"""
    checked = check(nested(*nested({"identifier": "paragraph", "content": {"text": "deep"}})))
    assert checked.problems == ()
    assert checked.content == [
        {
            "id": "doc-0",
            "component": "box",
            "identifier": "living-times.box",
            "content": {},
            "containers": {
                "main": [
                    {
                        "id": "doc-1",
                        "component": "box",
                        "identifier": "living-times.box",
                        "content": {},
                        "containers": {
                            "main": [
                                {
                                    "id": "doc-2",
                                    "component": "paragraph",
                                    "identifier": "living-times.paragraph",
                                    "content": {"text": "deep"},
                                }
                            ]
                        },
                    }
                ]
            },
        }
    ]


def test_problems_come_in_document_order() -> None:
    wrong = {"component": "paragraph", "content": {"text": 1}}
    content = [
        wrong,
        {"component": "box", "content": {"wide": 1}, "containers": {"main": [wrong, *nested(wrong)], "aside": [wrong]}},
        wrong,
    ]
    assert [error["path"] for error in errors(check(content))] == [
        "content.0.content.text",
        "content.1.content.wide",
        "content.1.containers.main.0.content.text",
        "content.1.containers.main.1.containers.main.0.content.text",
        "content.1.containers.aside.0",
        "content.1.containers.aside.0.content.text",
        "content.2.content.text",
    ]


def test_a_container_holds_only_the_children_it_allows() -> None:
    """DOC-13"""
    assert problems(nested({"component": "image"}, container="aside")) == {}
    assert problems(nested({"component": "paragraph"}, container="aside")) == {
        "content.0.containers.aside.0": '"aside" of "box" does not allow "paragraph"'
    }


def test_a_component_stands_only_within_the_parents_it_allows() -> None:
    """DOC-13"""
    assert problems([{"component": "list", "containers": {"items": [{"component": "item"}]}}]) == {}
    assert problems([{"component": "item"}]) == {"content.0": '"item" must be within list'}
    assert problems(nested({"component": "item"})) == {"content.0.containers.main.0": '"item" must be within list'}


def test_within_an_unknown_component_only_its_own_faults_are_reported_of_a_child() -> None:
    content = [{"component": "hero", "containers": {"any": [{"component": "item"}, {"component": "nobody"}]}}]
    assert list(problems(content)) == ["content.0.component", "content.0.containers.any.1.component"]


@pytest.mark.parametrize(
    ("containers", "expected"),
    [
        ([], {"containers": "Invalid type: expected object"}),
        ("main", {"containers": "Invalid type: expected object"}),
        ({"main": {}}, {"containers.main": "Invalid type: expected array"}),
        ({"main": "x"}, {"containers.main": "Invalid type: expected array"}),
        ({"footer": []}, {"containers.footer": 'is no container of the component "box"'}),
        ({"wide": []}, {"containers.wide": 'is no container of the component "box"'}),
        ({"main": [None]}, {"containers.main.0": "Invalid type: expected object"}),
    ],
)
def test_containers_of_a_wrong_shape_are_problems(containers: Any, expected: dict[str, str]) -> None:
    found = problems([{"component": "box", "containers": containers}])
    assert found == {f"content.0.{path}": message for path, message in expected.items()}


@pytest.mark.parametrize("containers", [None, {}, {"main": None}])
def test_absent_containers_are_no_containers(containers: Any) -> None:
    checked = check([{"component": "box", "containers": containers}])
    assert checked.problems == ()
    assert "containers" not in checked.content[0]


def test_an_empty_container_stays() -> None:
    assert check([{"component": "box", "containers": {"main": []}}]).content[0]["containers"] == {"main": []}


def test_a_container_is_no_value() -> None:
    assert problems([{"component": "box", "content": {"main": []}}]) == {
        "content.0.content.main": 'is a container of the component "box"'
    }
