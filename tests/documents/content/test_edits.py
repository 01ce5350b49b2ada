"""Single changes of a component tree, and what cannot be changed."""

from typing import Any

import pytest

from documents.content.edits import EditableContent, EditRefused, Position, set_part, set_value


def leaf(component_id: str, **fields: Any) -> dict[str, Any]:
    return {"id": component_id, "component": "p", "content": {}} | fields


def nested() -> list[dict[str, Any]]:
    inner = leaf("box", containers={"main": [leaf("b"), leaf("c")], "side": []})
    return [leaf("a"), leaf("outer", containers={"main": [inner]}), leaf("z")]


def outline(components: list[dict[str, Any]]) -> list[Any]:
    """Ids, each container of a component as a list behind it."""
    found: list[Any] = []
    for each in components:
        found.append(each["id"])
        found += [outline(inner) for inner in each.get("containers", {}).values()]
    return found


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        (Position(), ["a", "outer", ["box", ["b", "c"], []], "z", "new"]),
        (Position(previous="a"), ["a", "new", "outer", ["box", ["b", "c"], []], "z"]),
        (Position(next="a"), ["new", "a", "outer", ["box", ["b", "c"], []], "z"]),
        (Position(parent="box", container="side"), ["a", "outer", ["box", ["b", "c"], ["new"]], "z"]),
        (Position(parent="box", container="main", next="c"), ["a", "outer", ["box", ["b", "new", "c"], []], "z"]),
        (Position(previous="c"), ["a", "outer", ["box", ["b", "c", "new"], []], "z"]),
        (Position(previous="b", next="c"), ["a", "outer", ["box", ["b", "new", "c"], []], "z"]),
        (Position(parent="a", container="text"), ["a", ["new"], "outer", ["box", ["b", "c"], []], "z"]),
    ],
)
def test_a_component_is_put_at_its_position(position: Position, expected: list[Any]) -> None:
    components = nested()
    content = EditableContent(components, 1)
    content.insert(leaf("new"), position)
    assert outline(components) == expected
    assert "new" in content
    content.insert(leaf("next"), Position(previous="new"))
    content.remove("new")
    assert "next" in outline_ids(components)
    assert "new" not in content


def outline_ids(components: list[dict[str, Any]]) -> set[str]:
    return {name for each in outline(components) for name in flat(each)}


def flat(found: Any) -> list[str]:
    return [found] if isinstance(found, str) else [name for each in found for name in flat(each)]


@pytest.mark.parametrize(
    "position",
    [
        Position(previous="nothing"),
        Position(parent="nothing", container="main"),
        Position(parent="box"),
        Position(previous="a", next="z"),
        Position(previous="a", next="b"),
        Position(parent="box", container="side", previous="b"),
    ],
)
def test_a_position_that_is_none_is_refused(position: Position) -> None:
    with pytest.raises(EditRefused):
        EditableContent(nested(), 1).insert(leaf("new"), position)


def test_an_id_is_given_once() -> None:
    with pytest.raises(EditRefused, match="already exists"):
        EditableContent(nested(), 1).insert(leaf("b"), Position())


def test_what_is_in_a_component_goes_with_it() -> None:
    components = nested()
    content = EditableContent(components, 1)
    content.remove("outer")
    assert outline(components) == ["a", "z"]
    for gone in ("outer", "box", "b", "c"):
        with pytest.raises(EditRefused, match="does not exist"):
            content.component(gone)
    content.insert(leaf("b"), Position())


@pytest.mark.parametrize("fixed", ["outer", "box"])
def test_what_is_fixed_stays_with_all_that_is_in_it(fixed: str) -> None:
    components = nested()
    content = EditableContent(components, 7)
    content.component(fixed)["position"] = "fixed"
    with pytest.raises(EditRefused, match=f"Component '{fixed}' is fixed in document '7'"):
        content.remove("b")
    assert outline(components) == outline(nested())


def test_a_deep_tree_costs_no_recursion() -> None:
    components = [leaf("0")]
    for number in range(1, 5_000):
        components = [leaf(f"{number}", containers={"main": components})]
    content = EditableContent(components, 1)
    content.insert(leaf("new"), Position(previous="0"))
    content.remove("4999")
    assert components == []


def test_a_value_is_set_and_null_takes_it_away() -> None:
    values = {"a": 1, "b": 2}
    assert set_value(values, "b", 3) == {"a": 1, "b": 3}
    assert set_value(values, "b", None) == {"a": 1}
    assert values == {"a": 1, "b": 2}


def test_a_part_without_values_goes() -> None:
    component = leaf("a")
    set_part(component, "styles", "lead", "x")
    assert component["styles"] == {"lead": "x"}
    set_part(component, "styles", "lead", None)
    assert "styles" not in component
