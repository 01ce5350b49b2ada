"""Whether the parts of a new configuration fit each other, where no reader needs them to (spec 4.10, CFG-18).

What the readers of this package look at themselves (handles of content types, purposes, components, ...) they check
themselves. These rules hold for new revisions only.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from livingdocs_import.project_config.media_types import MediaType
from livingdocs_import.validation.json_reader import Node
from livingdocs_import.validation.problems import Problem

IMAGE_COLLECTION = "liImageCollection"  # the content type that `imageCollections` brings along


def check_consistency(config: Node, media_types: Mapping[str, MediaType]) -> None:
    """Report each value that does not fit the rest of the configuration, unless enough is wrong with it already."""
    if config.problems.is_over:
        return
    editor = _object(config["editorSettings"])
    _check_content_types(config)
    _unique(_objects(config["finiteProducts"]), "issueContentType", "a finite product with the issue content type")
    _unique(_objects(editor["mainNavigationGroups"]), "handle", "a navigation group")
    for dashboard in _objects(editor["dashboards"]):
        _unique(_objects(dashboard["columns"]), "handle", "a column")
        if dashboard["handle"].value == "imageCollections":
            dashboard["handle"].add_violation("'imageCollections' is reserved: imageCollections brings it along")
    for each in _elements(_object(config["imageCollections"])["mediaTypes"]):
        _check_collected(each, media_types)


def _check_content_types(config: Node) -> None:
    deliveries = {each["handle"].value for each in _objects(config["deliveries"]) if _is_text(each["handle"])}
    for content_type in _objects(config["contentTypes"]):
        handle = content_type["handle"]
        if handle.value == IMAGE_COLLECTION:
            handle.add_violation(f"'{IMAGE_COLLECTION}' is reserved: imageCollections brings it along")
        _unique(_objects(content_type["componentGroups"]), "name", "a component group")
        for delivery in _objects(content_type["deliveries"]):
            name = delivery["deliveryName"]
            if _is_text(name) and name.value not in deliveries:
                name.add_violation(f"there is no delivery '{name.value}'", among=sorted(deliveries))


def _check_collected(node: Node, media_types: Mapping[str, MediaType]) -> None:
    handle = node.value
    if isinstance(handle, str) and (handle not in media_types or media_types[handle].base_type != "mediaImage"):
        images = [name for name, each in media_types.items() if each.base_type == "mediaImage"]
        node.add_violation(f"there is no media type '{handle}' of type mediaImage", among=images)


def _unique(nodes: Iterator[Node], key: str, what: str) -> None:
    seen = set()
    for node in nodes:
        value = node[key].value
        if isinstance(value, str) and value in seen:
            node[key].add_violation(f"there is already {what} '{value}'")
        elif isinstance(value, str):
            seen.add(value)


# --- Compared with the revision before -------------------------------------------------------------------------------


def changed_scopes(config: Mapping[str, Any], before: Mapping[str, Any]) -> list[Problem]:
    """`uniquenessScope` of a property must stay: values that are published already are unique within the old one."""
    root = Node(config)
    scopes = {place: node.value for place, node in _scopes(Node(before))}
    for place, node in _scopes(root):
        if scopes.get(place, node.value) != node.value:
            node.add_violation(f"must stay '{scopes[place]}'; a new scope needs a new property")
    return root.problems.kept


def _scopes(config: Node) -> Iterator[tuple[tuple[str, str], Node]]:
    """The scopes by content type and property."""
    for content_type in _objects(config["contentTypes"]):
        for definition in _objects(content_type["metadata"]):
            scope = _object(definition["config"])["uniquenessScope"]
            handles = content_type["handle"].value, definition["handle"].value
            unique = definition["type"].value == "li-unique-id" and _is_text(scope)
            if unique and all(isinstance(each, str) for each in handles):
                yield handles, scope


# --- Parts that may have any shape: what has a wrong one is reported elsewhere, if at all -----------------------------


def _object(node: Node) -> Node:
    if not isinstance(node.value, Mapping):
        node.value = {}
    return node


def _elements(node: Node) -> Iterator[Node]:
    return (node[index] for index in range(len(node.value))) if isinstance(node.value, list) else iter(())


def _objects(node: Node) -> Iterator[Node]:
    return (each for each in _elements(node) if isinstance(each.value, Mapping))


def _is_text(node: Node) -> bool:
    return isinstance(node.value, str)
