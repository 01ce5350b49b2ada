"""Single changes of a component tree: insert, remove, and set values of a component (spec 3.24).

They change content in its stored form in place: the caller has loaded it for that. They keep the tree consistent; the
result is checked against its design afterwards, as a whole (`content.tree`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Component = dict[str, Any]


class EditRefused(Exception):
    """An impossible change; the message has the reason."""


@dataclass(frozen=True, slots=True)
class Position:
    """A position for a component. Without a parent: beside its neighbours, or in the document itself."""

    parent: str | None = None
    container: str | None = None
    previous: str | None = None
    next: str | None = None


@dataclass(slots=True)
class _Place:
    """A component, its list, and the component that owns the list."""

    component: Component
    siblings: list[Component]
    parent: str | None


class EditableContent:
    """The content of one document, with its components by their ids."""

    def __init__(self, components: list[Component], document_id: int) -> None:
        self.components = components
        self._document_id = document_id
        self._places: dict[str, _Place] = {}
        self._note(components, None)

    def component(self, component_id: str) -> Component:
        """The component with this id; raises EditRefused."""
        return self._place(component_id).component

    def __contains__(self, component_id: object) -> bool:
        return component_id in self._places

    def insert(self, component: Component, position: Position) -> None:
        """Insert a new component, with an id and without children, at a position; by default at the end."""
        if component["id"] in self._places:
            raise EditRefused(f"Component '{component['id']}' already exists in document '{self._document_id}'")
        siblings, parent = self._siblings(position)
        siblings.insert(self._index(siblings, position), component)
        self._places[component["id"]] = _Place(component, siblings, parent)

    def remove(self, component_id: str) -> None:
        """Remove a component and its children. Raises EditRefused if it, or an ancestor, has a fixed position."""
        place = self._place(component_id)
        for each in self._with_parents(place):
            if each.component.get("position") == "fixed":
                raise EditRefused(f"Component '{each.component['id']}' is fixed in document '{self._document_id}'")
        del place.siblings[_index_of(place.siblings, place.component)]
        pending = [place.component]
        while pending:
            component = pending.pop()
            self._places.pop(component["id"], None)
            for inner in _containers(component).values():
                pending += inner

    # --- Look-up -----------------------------------------------------------------------------------------------------

    def _note(self, components: list[Component], parent: str | None) -> None:
        pending = [(components, parent)]
        while pending:
            siblings, above = pending.pop()
            for component in siblings:
                self._places[component["id"]] = _Place(component, siblings, above)
                pending += [(inner, component["id"]) for inner in _containers(component).values()]

    def _place(self, component_id: str) -> _Place:
        if component_id not in self._places:
            raise EditRefused(f"Component '{component_id}' does not exist in document '{self._document_id}'")
        return self._places[component_id]

    def _with_parents(self, place: _Place) -> Iterator[_Place]:
        yield place
        while place.parent is not None:
            place = self._places[place.parent]
            yield place

    def _siblings(self, position: Position) -> tuple[list[Component], str | None]:
        """The list for a component, and the component that owns it."""
        if position.parent is not None:
            parent = self.component(position.parent)
            if position.container is None:
                raise EditRefused("parentContainerName must say which container of the parent is meant")
            containers = parent.setdefault("containers", {})
            return containers.setdefault(position.container, []), position.parent
        neighbour = position.previous if position.previous is not None else position.next
        if neighbour is None:
            return self.components, None
        place = self._place(neighbour)
        return place.siblings, place.parent

    def _index(self, siblings: list[Component], position: Position) -> int:
        after = before = None
        if position.previous is not None:
            after = self._index_among(siblings, position.previous) + 1
        if position.next is not None:
            before = self._index_among(siblings, position.next)
        if after is not None and before is not None and after != before:
            raise EditRefused(f"Components '{position.previous}' and '{position.next}' are not next to each other")
        index = after if after is not None else before
        return len(siblings) if index is None else index

    def _index_among(self, siblings: list[Component], component_id: str) -> int:
        place = self._place(component_id)
        if place.siblings is not siblings:
            raise EditRefused(f"Component '{component_id}' is not where the new component is to stand")
        return _index_of(siblings, place.component)


def set_value(values: Mapping[str, Any], name: str, value: Any) -> dict[str, Any]:
    """The values with one replaced; null removes it."""
    rest = {key: found for key, found in values.items() if key != name}
    return rest if value is None else {**values, name: value}


def set_part(component: Component, part: str, name: str, value: Any) -> None:
    """Set one value of an optional part of a component (`styles`, `conditions`); an empty part is removed."""
    values = set_value(component.get(part) or {}, name, value)
    if values:
        component[part] = values
    else:
        component.pop(part, None)


def _containers(component: Component) -> Mapping[str, list[Component]]:
    return component.get("containers") or {}


def _index_of(siblings: list[Component], component: Component) -> int:
    return next(index for index, each in enumerate(siblings) if each is component)
