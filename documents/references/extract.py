"""Extract the references of a document from its content and metadata, with their places (spec 4.6).

Works on content that was checked and stored. Components that the design no longer has, and values that no longer match
their directive's type, have no references: a design that keeps its version may still be changed.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any, NamedTuple

from documents.content.compiled_design import CompiledDesign
from documents.content.html_scanner import start_tags
from documents.content.media_values import KINDS
from documents.content.walk import walk
from livingdocs_import.metadata import MetadataSchema, Reference, find_references
from livingdocs_import.metadata.references import identifier, pointing
from livingdocs_import.project_config import DirectiveType

_DOCUMENT_ID = "data-li-document-ref"
_EXTERNAL_SYSTEM = "data-li-external-system"
_AT_ONCE = 1_000  # references between two checks of their number
_linked_document = pointing("document")


class ExtractedReference(NamedTuple):
    """One reference of a document. None where a field does not belong to the location."""

    id: str  # of the target; documents' ids are strings here too
    type: str  # document, image, video, audio, file, list, language-group
    location: str
    component_id: str | None = None
    component_name: str | None = None
    directive_name: str | None = None
    service_name: str | None = None
    property_name: str | None = None
    override_id: str | None = None
    override_directive_name: str | None = None
    external_system: str | None = None

    def as_dict(self) -> dict[str, str]:
        """The form in incoming references (REF-04, REF-05)."""
        return {name: value for name, value in zip(_WIRE_NAMES, self, strict=True) if value is not None}


_WIRE_NAMES = (
    "id",
    "type",
    "location",
    "componentId",
    "componentName",
    "directiveName",
    "serviceName",
    "propertyName",
    "overrideId",
    "overrideDirectiveName",
    "externalSystem",
)


class _Place(NamedTuple):
    """The directive of a reference, with the fields in the reference's order."""

    component_id: str
    component_name: str
    directive_name: str


def document_references(
    content: Any,
    design: CompiledDesign,
    metadata: Mapping[str, Any],
    translations: Iterable[Mapping[str, Any]],
    schema: MetadataSchema,
    *,
    most: int | None = None,
) -> tuple[ExtractedReference, ...]:
    """All references of a document: those of its content, then those of its metadata, translations last (REF-06).

    `translations` are `{"locale": "fr", "metadata": {...}}`. Of equal references the first is kept. The search ends
    after `most`.
    """
    in_metadata = (
        metadata_references(schema.references(values))
        for values in (metadata, *(translation.get("metadata") or {} for translation in translations))
    )
    collected: dict[ExtractedReference, None] = {}
    for references in chain([content_references(content, design)], in_metadata):
        while some := dict.fromkeys(islice(references, _AT_ONCE)):
            collected.update(some)
            if most is not None and len(collected) > most:
                return tuple(collected)[: most + 1]
    return tuple(collected)


def content_references(content: Any, design: CompiledDesign) -> Iterator[ExtractedReference]:
    """The references in stored content, component by component in document order (REF-10)."""
    for component in walk(content):
        compiled = design.component_of(component)
        values = component.get("content")
        if compiled is None or not values:
            continue
        types = compiled.types
        for name, value in values.items():
            kind = types.get(name)
            if isinstance(value, str):
                if kind is DirectiveType.EDITABLE and _DOCUMENT_ID in value:
                    yield from _of_text(value, _Place(component["id"], compiled.name, name))
            elif kind is None or not isinstance(value, dict):
                continue
            elif kind in KINDS:
                if media_id := identifier(value.get("mediaId")):
                    yield ExtractedReference(
                        media_id, kind.value, f"{kind}-directive", component["id"], compiled.name, name
                    )
            elif kind is DirectiveType.LINK:
                yield from _of_link(value, _Place(component["id"], compiled.name, name))
            elif kind is DirectiveType.INCLUDE:
                yield from _of_include(value, _Place(component["id"], compiled.name, name), design.include_services)


def metadata_references(references: Iterable[Reference]) -> Iterator[ExtractedReference]:
    """References of metadata properties, as a document stores them."""
    for reference in references:
        yield ExtractedReference(
            reference.id,
            reference.type,
            "metadata",
            property_name=reference.property_name,
            external_system=reference.external_system,
        )


def _of_text(text: str, place: _Place) -> Iterator[ExtractedReference]:
    """The documents referenced by elements of an editable text (REF-19)."""
    for target, system in _inline_links(text):
        yield ExtractedReference(target, "document", "editable-directive", *place, external_system=system)


def _of_link(value: dict[str, Any], place: _Place) -> Iterator[ExtractedReference]:
    for reference in _linked_document(value, ""):
        yield ExtractedReference(
            reference.id, reference.type, "link-directive", *place, external_system=reference.external_system
        )


def _of_include(
    value: dict[str, Any], place: _Place, schemas: Mapping[str, MetadataSchema]
) -> Iterator[ExtractedReference]:
    """The references in the parameters and the overrides of an include (REF-20, REF-21)."""
    service, params, overrides = value.get("service"), value.get("params"), value.get("overrides")
    schema = schemas.get(service) if service else None
    if isinstance(params, dict):
        for reference in schema.references(params) if schema else _of_unknown(params):
            yield ExtractedReference(
                reference.id,
                reference.type,
                "include-directive",
                *place,
                service_name=service,
                property_name=reference.property_name,
                external_system=reference.external_system,
            )
    for override in overrides if isinstance(overrides, list) else ():
        content = override.get("content") if isinstance(override, dict) else None
        for directive, overriding in content.items() if isinstance(content, dict) else ():
            for reference in _of_override(overriding):
                yield ExtractedReference(
                    reference.id,
                    reference.type,
                    "include-directive-override",
                    *place,
                    service_name=service,
                    override_id=override.get("id"),
                    override_directive_name=directive,
                    external_system=reference.external_system,
                )


def _of_unknown(params: Mapping[str, Any]) -> Iterator[Reference]:
    """References in the parameters of an unconfigured service."""
    for name, value in params.items():
        for reference in find_references(value):
            yield reference._replace(property_name=name)


def _of_override(value: Any) -> Iterable[Reference]:
    """An override replaces a directive of an unknown component: a text, or some object."""
    if isinstance(value, str):
        return (Reference("document", target, external_system=system) for target, system in _inline_links(value))
    return find_references(value)


def _inline_links(text: str) -> Iterator[tuple[str, str | None]]:
    """The id in each element that names a document, and the system of the id, None for this one."""
    for _, attributes in start_tags(text) if _DOCUMENT_ID in text else ():
        if target := identifier(attributes.get(_DOCUMENT_ID, "").strip()):
            yield target, identifier(attributes.get(_EXTERNAL_SYSTEM)) or None
