"""The content types of a project and the include services of its documents (spec 1.1, 4.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from livingdocs_import.metadata import Context, MetadataSchema
from livingdocs_import.project_config.design import Component, Design
from livingdocs_import.project_config.media_types import HANDLE, MediaType, read_default_media_types
from livingdocs_import.validation.json_reader import Node

NEWS_AGENCY_REPORT = "liNewsAgencyReport"  # reserved: configured by `newsAgency` only

DOCUMENT_TYPES = ("article", "page", "data-record")


@dataclass(frozen=True, slots=True, eq=False)
class ContentType:
    """A class of documents."""

    handle: str
    document_type: str  # article, page, data-record
    components: frozenset[str] | None  # names of the allowed components; None allows all of the design
    metadata: MetadataSchema
    # Where `visiblePublicationDate` comes from, first that is set; () is the default: override, then first publication.
    visible_publication_date_preference: tuple[str, ...]
    display_title_pattern: str | None  # e.g. {{metadata.title}}
    default_media_types: Mapping[str, str]  # base type -> handle; for this content type only
    # Where the `sortDate` of the search comes from: `metadata.date`; None: from the visible publication date.
    sort_date_field: str | None = None
    delivery_handle: str | None = None  # of the delivery that publishing builds; only in the mode `export`
    own_design: Design | None = None  # the only design of its documents; None: they have the project's
    is_published: bool = True  # False: never, and required properties are checked whenever a document is stored


def read_content_types(
    config: Node, components: Mapping[str, Component], media_types: Mapping[str, MediaType]
) -> Mapping[str, ContentType]:
    """By handle, in their order."""
    content_types: dict[str, ContentType] = {}
    for node in config.objects("contentTypes"):
        content_type = _read_content_type(node, components, media_types)
        if content_type is None:
            continue
        if content_type.handle in content_types:
            node["handle"].add_violation(f"there is already a content type '{content_type.handle}'")
        else:
            content_types[content_type.handle] = content_type
    return MappingProxyType(content_types)


def _read_content_type(
    node: Node, components: Mapping[str, Component], media_types: Mapping[str, MediaType]
) -> ContentType | None:
    handle = node.text("handle", required=True, pattern=HANDLE)
    if handle == NEWS_AGENCY_REPORT:
        node["handle"].refuse_new(f"'{NEWS_AGENCY_REPORT}' is reserved: newsAgency brings it along")
    document_type = node.choice("documentType", DOCUMENT_TYPES, required=True)
    metadata = MetadataSchema.read(node, "metadata", Context.DOCUMENT)
    allowed = _read_allowed_components(node, components)
    publish_control = node.section("publishControl")
    preference = publish_control.texts("visiblePublicationDatePreference") or ()
    title_pattern = node.text("displayTitlePattern")
    if title_pattern:
        node["displayTitlePattern"].add_warning("documents keep the title they were sent with")
    defaults = read_default_media_types(node, media_types)
    if defaults:
        node["defaultMediaTypes"].add_warning("those of the project count, in settings.defaultMediaTypes")
    if handle is None or document_type is None:
        return None
    delivery = publish_control["deliveryHandle"].value if publish_control["mode"].value == "export" else None
    return ContentType(
        handle,
        document_type,
        allowed,
        metadata,
        preference,
        title_pattern,
        defaults,
        _sort_date_field(node),
        delivery if isinstance(delivery, str) and delivery else None,
    )


def _sort_date_field(node: Node) -> str | None:
    """`publicationIndex.sortDate.fieldName`, with or without `metadata.` in front."""
    name: object = node["publicationIndex"]["sortDate"]["fieldName"].value
    if not isinstance(name, str) or not name:
        return None
    return name if name.count(".") else f"metadata.{name}"


def _read_allowed_components(node: Node, components: Mapping[str, Component]) -> frozenset[str] | None:
    """`["paragraph"]` or `[{"name": "paragraph"}]`."""
    if "components" not in node:
        return None
    allowed = set()
    for each in node.items("components"):
        where = each
        if isinstance(each.value, str):
            name: str | None = each.value
        elif each.is_object():
            name, where = each.text("name", required=True), each["name"]
        else:
            continue
        if name is not None and name not in components:
            where.add_violation(f"there is no component '{name}'", among=components)
        elif name is not None:
            allowed.add(name)
    return frozenset(allowed)


def read_include_services(settings: Node) -> Mapping[str, MetadataSchema]:
    """`settings.includeServices`: handle -> the parameters of the service. Services may also be hosted elsewhere."""
    by_handle: dict[str, MetadataSchema] = {}
    for node in settings.objects("includeServices"):
        handle = node.text("handle", required=True)
        params = MetadataSchema.read(node, "paramsSchema", Context.INCLUDE)
        if handle in by_handle:
            node["handle"].add_violation(f"there is already an include service '{handle}'")
        elif handle:
            by_handle[handle] = params
    return MappingProxyType(by_handle)
