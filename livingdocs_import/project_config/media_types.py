"""The media types of a project, i.e. its classes of media library entries (spec 4.1)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from livingdocs_import.metadata import Context, MetadataSchema, label_of
from livingdocs_import.validation.json_reader import Node

HANDLE = re.compile(r"[a-z][a-zA-Z0-9\-]{2,49}")  # content types and media types (spec 2.7)

# Base type -> the handle one of its media types must have (CFG-01).
BASE_TYPES = MappingProxyType({"mediaImage": "image", "mediaVideo": "video", "mediaFile": "file"})

# The media type of a project that configures none (CFG-02).
DEFAULT_MEDIA_TYPE = {
    "handle": "image",
    "type": "mediaImage",
    "metadata": [{"handle": handle, "type": "li-text"} for handle in ("title", "caption", "source", "description")],
}


class ExifMapping(NamedTuple):
    """A mapping of an embedded field of an image to a metadata property."""

    field: str  # IPTC name or one of its aliases
    metadata_property_name: str


@dataclass(frozen=True, slots=True, eq=False)
class MediaType:
    """A class of media library entries."""

    handle: str
    base_type: str  # mediaImage, mediaVideo, mediaFile
    metadata: MetadataSchema
    asset_translatable: bool  # a translation may have an asset of its own
    exif_mappings: tuple[ExifMapping, ...]
    label: str = ""  # for people; "" if there is none


def read_media_types(config: Node) -> Mapping[str, MediaType]:
    """By handle, in their order; the default one when none are configured."""
    if config["mediaTypes"].value in (None, []):
        config = Node({"mediaTypes": [DEFAULT_MEDIA_TYPE]}, parent=config)
    by_handle: dict[str, MediaType] = {}
    for node in config.objects("mediaTypes"):
        media_type = _read_media_type(node)
        if media_type is None:
            continue
        if media_type.handle in by_handle:
            node["handle"].add_violation(f"there is already a media type '{media_type.handle}'")
        else:
            by_handle[media_type.handle] = media_type
    for base_type in dict.fromkeys(each.base_type for each in by_handle.values()):
        handle = BASE_TYPES[base_type]
        if handle not in by_handle or by_handle[handle].base_type != base_type:
            config["mediaTypes"].add_violation(f"one media type of type {base_type} must have the handle '{handle}'")
    return MappingProxyType(by_handle)


def _read_media_type(node: Node) -> MediaType | None:
    handle = node.text("handle", required=True, pattern=HANDLE)
    base_type = node.choice("type", BASE_TYPES, required=True)
    metadata = MetadataSchema.read(node, "metadata", Context.MEDIA)
    asset = node.section("asset")
    translatable = asset.flag("translatable")
    asset.flag("replaceable")  # whether editors may replace the file; the API always may
    extraction = node.section("exifExtraction")
    mappings = tuple(
        mapping for each in extraction.objects("mappings") if (mapping := _read_exif_mapping(each, metadata))
    )
    if mappings and base_type not in (None, "mediaImage"):
        extraction.add_violation("only images have embedded fields to extract")
    if handle is None or base_type is None:
        return None
    return MediaType(handle, base_type, metadata, translatable, mappings, label_of(node["info"].value))


def _read_exif_mapping(node: Node, metadata: MetadataSchema) -> ExifMapping | None:
    field, name = node.text("field", required=True), node.text("metadataPropertyName", required=True)
    if name is not None and name not in metadata.properties:
        node["metadataPropertyName"].add_violation(f"there is no metadata property '{name}'", among=metadata.properties)
    return ExifMapping(field, name) if field and name else None


def read_default_media_types(node: Node, media_types: Mapping[str, MediaType]) -> Mapping[str, str]:
    """`defaultMediaTypes`: base type -> handle of a configured media type of that base type."""
    section = node.section("defaultMediaTypes")
    section.only(*BASE_TYPES)
    defaults = {}
    for base_type in BASE_TYPES:
        handle = section.text(base_type)
        if handle is None:
            continue
        if handle not in media_types or media_types[handle].base_type != base_type:
            of_type = [each.handle for each in media_types.values() if each.base_type == base_type]
            section[base_type].add_violation(f"there is no media type '{handle}' of type {base_type}", among=of_type)
        else:
            defaults[base_type] = handle
    return MappingProxyType(defaults)
