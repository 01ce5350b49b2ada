"""A version of a design, compiled to identify the components of documents and check their values."""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from documents.content.directives import Check, compile_check
from livingdocs_import.metadata import MetadataSchema
from livingdocs_import.project_config import Component, Design, DirectiveType
from livingdocs_import.validation.nearest import NearestNames

_NONE: Mapping[str, MetadataSchema] = MappingProxyType({})


class Length(NamedTuple):
    """The bounds of an editable text, in characters a reader sees; they apply on publish only (VAL-08)."""

    directive: str
    least: int
    most: int | None
    plain_text: bool


class CompiledComponent:
    """A component of the design, ready to check its instances."""

    __slots__ = (
        "allowed_parents", "checks", "containers", "default_services", "identifier", "lengths", "name", "properties",
        "types",
    )  # fmt: skip

    def __init__(self, component: Component, design_name: str, include_services: Mapping[str, MetadataSchema]) -> None:
        self.name = component.name
        self.identifier = f"{design_name}.{component.name}"
        self.allowed_parents = _some(component.allowed_parents)
        self.properties = _some(component.properties)
        self.types = {name: directive.type for name, directive in component.directives.items()}
        self.checks: dict[str, Check] = {}  # by directive, without containers
        self.containers: dict[str, frozenset[str] | None] = {}  # the components each may hold; None: any
        self.lengths: list[Length] = []
        self.default_services: dict[str, str] = {}  # by include directive, the default service
        for name, directive in component.directives.items():
            if directive.type == DirectiveType.CONTAINER:
                self.containers[name] = _some(directive.allowed_children)
                continue
            self.checks[name] = compile_check(directive, include_services)
            if len(services := set(directive.services)) == 1:
                self.default_services[name] = services.pop()
            least, most = directive.min_length or 0, directive.max_length
            if directive.type == DirectiveType.EDITABLE and (least or most is not None):
                self.lengths.append(Length(name, least, most, directive.plain_text))


class CompiledDesign:
    """One version of a design, compiled. Create it once per version and keep it: it is immutable and thread-safe.

    `include_services` has the parameters of the configured include services; those of others are accepted unchecked.
    """

    __slots__ = ("components", "identifiers", "include_services", "name", "nearest", "version")

    def __init__(self, design: Design, include_services: Mapping[str, MetadataSchema] = _NONE) -> None:
        self.name = design.name
        self.version = design.version
        self.include_services = include_services
        self.components = {
            name: CompiledComponent(component, design.name, include_services)
            for name, component in design.components.items()
        }
        # An identifier is the bare name or `<design>.<name>` (DOC-05, DOC-07).
        self.identifiers = {each.identifier: each for each in self.components.values()} | self.components
        self.nearest = NearestNames(self.components)

    def component_of(self, instance: Mapping[str, Any]) -> CompiledComponent | None:
        """The component of some content; None if the design has none."""
        name, identifier = instance.get("component"), instance.get("identifier")
        if isinstance(name, str):
            return self.components.get(name)
        return self.identifiers.get(identifier) if isinstance(identifier, str) else None


def _some(names: Collection[str] | None) -> frozenset[str] | None:
    """A list of names to look up; an empty one allows none, None allows all."""
    return None if names is None else frozenset(names)
