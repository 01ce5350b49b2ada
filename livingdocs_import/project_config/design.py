"""The design of a project: its components, and the directives a document may fill in them (spec 4.5).

A directive is declared in `directives` or only present as an attribute of the component's html (`doc-editable="text"`);
both count. A `doc-*` attribute without a name names its directive `default`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from html.parser import HTMLParser
from types import MappingProxyType

from livingdocs_import.validation.json_reader import Node


class DirectiveType(StrEnum):
    EDITABLE = "editable"
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    FILE = "file"
    HTML = "html"
    LINK = "link"
    INCLUDE = "include"
    STYLE = "style"
    TOGGLE = "toggle"
    CONTAINER = "container"


@dataclass(frozen=True, slots=True)
class Directive:
    """One slot of a component. Options that do not belong to its type keep their defaults."""

    type: DirectiveType
    name: str
    # editable
    plain_text: bool = False
    tag_allowlist: tuple[str, ...] | None = None
    tag_denylist: tuple[str, ...] | None = None
    min_length: int | None = None  # characters; only counts on publish
    max_length: int | None = None
    # container
    allowed_children: tuple[str, ...] | None = None  # component names; None allows all
    # include
    services: tuple[str, ...] = ()  # empty allows any
    # style
    properties: tuple[str, ...] | None = None  # component properties; None allows all


@dataclass(frozen=True, slots=True, eq=False)
class Component:
    """A building block of documents."""

    name: str
    label: str
    html: str
    directives: Mapping[str, Directive]  # containers included
    allowed_parents: tuple[str, ...] | None = None  # component names; None allows all
    properties: tuple[str, ...] | None = None  # component properties its styles may set; None allows all


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """A named version of a set of components."""

    name: str
    version: str  # semantic version, e.g. 1.0.1
    components: Mapping[str, Component]


def read_components(config: Node) -> Mapping[str, Component]:
    """Read `components` of a configuration, by name and in their order."""
    by_name: dict[str, Component] = {}
    nodes = list(config.objects("components"))
    names = frozenset(name for node in nodes if isinstance(name := node["name"].value, str))
    for node in nodes:
        if node.problems.is_over:
            break
        component = _read_component(node, names)
        if component is None:
            continue
        if component.name in by_name:
            node["name"].add_violation(f"there is already a component '{component.name}'")
        else:
            by_name[component.name] = component
    return MappingProxyType(by_name)


def _read_component(node: Node, components: frozenset[str]) -> Component | None:
    name = node.text("name", required=True)
    label = node["label"].value  # may be one text for each language
    html = node.text("html") or ""
    directives: dict[str, Directive] = {}
    for declared in _declared(node):
        directive = _read_directive(declared, components)
        if directive is None:
            continue
        if directive.name in directives:
            declared.add_violation(f"there is already a directive '{directive.name}'")
        else:
            directives[directive.name] = directive
    for kind, found_name in _in_html(node, html):
        directive = directives.setdefault(found_name, Directive(kind, found_name))
        if directive.type is not kind:
            node["html"].add_violation(
                f"directive '{found_name}' is {directive.type} in one place and {kind} in another"
            )
    parents, properties = _names(node, "allowedParents", among=components), _names(node, "properties")
    if name is None:
        return None
    return Component(
        name, label if isinstance(label, str) else name, html, MappingProxyType(directives), parents, properties
    )


def _declared(node: Node) -> Iterator[Node]:
    """The declared directives: an array, or (as the design endpoint writes them) an object keyed by name."""
    if not isinstance(node["directives"].value, Mapping):
        yield from node.objects("directives")
        return
    for name, directive in node["directives"].entries():
        if directive.is_object():
            directive.value = {"name": name, **directive.value}
            yield directive


def _read_directive(node: Node, components: frozenset[str]) -> Directive | None:
    name = node.text("name", required=True)
    kind = node.choice("type", DirectiveType, required=True)
    allow, deny = _names(node, "tagAllowlist"), _names(node, "tagDenylist")
    plain = node.flag("plainText")
    if (allow is not None) + (deny is not None) + plain > 1:
        node.add_violation("takes only one of plainText, tagAllowlist and tagDenylist")
    shortest, longest = node.whole("minLength", least=0), node.whole("maxLength", least=0)
    if shortest is not None and longest is not None and shortest > longest:
        node["minLength"].add_violation("must not be above maxLength")
    children, properties = _names(node, "allowedChildren", among=components), _names(node, "properties")
    services = _services(node)
    if kind is None or name is None:
        return None
    return Directive(
        type=DirectiveType(kind),
        name=name,
        plain_text=plain,
        tag_allowlist=allow,
        tag_denylist=deny,
        min_length=shortest,
        max_length=longest,
        allowed_children=children,
        services=services,
        properties=properties,
    )


def _services(node: Node) -> tuple[str, ...]:
    several = [service.text("service", required=True) for service in node.objects("services")]
    return tuple(name for name in (node.text("service"), *several) if name)


def _names(node: Node, key: str, *, among: frozenset[str] | None = None) -> tuple[str, ...] | None:
    """An array of names; those that must be components are looked up."""
    names = node.texts(key)
    if among is not None:
        for each in node.items(key) if names else ():
            if isinstance(each.value, str) and each.value not in among:
                each.add_violation(f"there is no component '{each.value}'", among=among)
    return names


# --- Directives in html ----------------------------------------------------------------------------------------------


class _DirectiveFinder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.directives: list[tuple[DirectiveType, str]] = []

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for attribute, name in attrs:
            kind = attribute.removeprefix("doc-")
            if kind != attribute and kind in _TYPES:
                self.directives.append((DirectiveType(kind), name or "default"))


_TYPES = frozenset(DirectiveType)


def _in_html(node: Node, html: str) -> list[tuple[DirectiveType, str]]:
    finder = _DirectiveFinder()
    try:
        finder.feed(html)
        finder.close()
    except AssertionError:  # what older parsers raise on a broken <!...> declaration; newer ones skip it
        node["html"].add_problem("is not HTML")
    return finder.directives
