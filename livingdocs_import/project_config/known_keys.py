"""The known keys of a configuration's objects, as data: misspelt and removed keys are refused (CFG-14, CFG-15).

A configuration has many parts that only editors read. They are stored as they come, but a key without a meaning is a
mistake: a media type with `metadatas` would silently have no fields. `PLACES` names each closed object by its place;
`[]` stands for each element of an array, or each value of an object that is keyed by name. Other objects are open, and
so is everything below them: `editorSettings`, `integrations`, `config` and `ui` of metadata properties, and the like.
Objects that a reader knows entirely are closed there (`Node.only`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from livingdocs_import.validation.json_reader import Node
from livingdocs_import.validation.problems import Path

# Of parts that this service does not read, so that no other check reports them.
ARRAYS = ("brands", "categories", "deliveries", "externalSystems", "finiteProducts")
OBJECTS = ("designSettings", "editorSettings", "export", "imageCollections", "import", "notifications")


@dataclass(frozen=True)
class Place:
    """The keys of one kind of object; `known` None: any but the removed ones."""

    known: tuple[str, ...] | None = None
    removed: Mapping[str, str] = field(default_factory=dict)  # the replacement of a removed key

    @cached_property
    def all_known(self) -> frozenset[str]:
        return frozenset(self.known or ())


def _removed(release: str, successor: str = "") -> str:
    return f"was removed in release-{release}; " + (f"use {successor}" if successor else "nothing took its place")


_POLICIES = ("imageSourcePolicy", "videoSourcePolicy")
PLACES: Mapping[str, Place] = {
    "": Place(
        (
            *("v", "$baseRevision", "design", "settings", "contentTypes", "mediaTypes", "components"),
            *("imageCollections", "categories", "designSettings", "deliveries", "editorSettings", "externalSystems"),
            *("notifications", "import", "export", "finiteProducts", "brands", "newsAgency", "mediaCenter"),
        )
    ),
    "settings": Place(
        (
            *("handle", "label", "languages", "integrations", "kordiam", "desknet", "includeServices", "webhooks"),
            *("copy", "defaultMediaTypes", "inbox", *_POLICIES, "pushNotifications", "tracking", "lists"),
            *("import", "mediaLibrary"),
        ),
        {"editMode": _removed("2026-07")},
    ),
    "settings.integrations": Place(removed={"googleVision": _removed("2026-07")}),
    "contentTypes[]": Place(
        (
            *("handle", "documentType", "isAuthor", "displayTitlePattern", "info", "editorWrapper"),
            *("defaultComponents", "defaultContent", "defaultMetadata", "metadata", "metadataGroups"),
            *("metadataPreviews", "components", "componentGroups", "allowedMediaTypes", "defaultMediaTypes"),
            *(*_POLICIES, "editor", "documentCreationDisabled", "documentCopyFlows", "documentPrintFlows"),
            *("documentTransformFlows", "documentPreviews", "viewAfterDocumentCreation", "inbox", "deliveries"),
            *("publishControl", "publicationIndex", "routing", "teaserPreview", "teaserComponents", "migrations"),
            *("kordiam", "desknet"),
        ),
        {
            "print": _removed("2026-07", "documentPreviews and documentPrintFlows"),
            "publishType": _removed("2026-07", "publishControl.mode"),
        },
    ),
    "contentTypes[].publishControl": Place(
        (
            *("publishSchedule", "unpublishSchedule", "significantPublicationDate", "visiblePublicationDateOverride"),
            *("resetVisiblePublicationDateOverrideOnSignificantUpdate", "visiblePublicationDatePreference"),
            *("embargo", "mode", "deliveryHandle"),
        )
    ),
    "mediaTypes[]": Place(
        (
            *("handle", "type", "info", "metadata", "asset", "exifExtraction", "hugoExtraction", "comyanExtraction"),
            *("mediaSources", "deletionRoutine", "editor", "hidden"),
        ),
        {"LIFEAT011": _removed("2026-07")},
    ),
    "mediaCenter": Place(
        ("usagePurposes", "licenseProfiles"),
        {"usageLog": "was replaced by mediaCenter.usagePurposes in release-2026-07"},
    ),
    "imageCollections": Place(("mediaTypes", "useDashboard", "pageTitle")),
    "components[]": Place(
        (
            *("name", "label", "description", "iconUrl", "html", "directives", "properties", "allowedParents"),
            "excludeFromTextCount",
        )
    ),
    "components[].directives[]": Place(
        (
            *("name", "type", "plainText", "tagAllowlist", "tagDenylist", "minLength", "maxLength"),
            *("recommendedMinLength", "recommendedMaxLength", "excludeFromTextCount", "placeholder", "optional"),
            *("anchor", "imageRatios", "recommendedRatios", "allowOriginalRatio", "namedCrops", "srcSet"),
            *("backgroundImage", "renderStrategy", "video", "allowedChildren", "defaultComponents", "defaultContent"),
            *("service", "services", "config", "defaultParams", "paramsSchemaExtension", "prefill", "properties"),
            *("label", "default"),
        ),
        {
            "tagWhitelist": _removed("2025-07", "tagAllowlist"),
            "tagBlacklist": _removed("2025-07", "tagDenylist"),
        },
    ),
    "designSettings": Place(
        (
            *("label", "description", "author", "assets", "mediaRendering", "componentProperties", "componentGroups"),
            *("defaultComponents", "fieldExtractor", "namedCrops", "prefilledComponents"),
        )
    ),
    "designSettings.componentProperties[]": Place(("name", "type", "label", "value", "options", "cssProperty")),
    "deliveries[]": Place(
        ("handle", "label", "isPrimary", "icon", "url", "build"),
        {"publishType": _removed("2026-07", "contentTypes[].publishControl.mode")},
    ),
    "categories[]": Place(("id", "label", "path", "parent", "archived", "metadata")),
    "brands[]": Place(("handle", "label", "iconUrl", "isDefault")),
    "finiteProducts[]": Place(("issueContentType", "issueMemberContentTypes")),
}


def refuse_unknown_keys(config: Node) -> None:
    """Report every unknown key of closed objects, and parts of the wrong type."""
    for place, what in PLACES.items():
        for value, path in _objects(config.value, (), tuple(place.split(".")) if place else ()):
            if config.problems.is_over:
                return
            if what.known is None or not value.keys() <= what.all_known:
                _refuse_in(Node(value, path, config), what)
    for key in OBJECTS:
        config.section(key)
    for key in ARRAYS:
        elements = config[key].value
        if not isinstance(elements, list) or not all(isinstance(each, dict) for each in elements):
            for node in config.items(key):
                node.is_object()


def _refuse_in(node: Node, place: Place) -> None:
    for key in sorted(place.removed.keys() & node.value.keys()):
        node[key].add_problem(place.removed[key])
    if place.known is not None:
        node.only(*place.known, passed_over=place.removed, elsewhere=_elsewhere())


def _objects(value: Any, path: Path, steps: tuple[str, ...]) -> Iterator[tuple[dict[str, Any], Path]]:
    """The objects at a place, with their paths; a value of another type is reported by its reader.

    Plain values instead of nodes: most objects have no unknown key, and there may be very many.
    """
    if not steps:
        if isinstance(value, dict):
            yield value, path
        return
    key = steps[0].removesuffix("[]")
    child = value.get(key) if isinstance(value, dict) else None
    if key == steps[0]:
        yield from _objects(child, (*path, key), steps[1:])
    elif isinstance(child, list):
        for index, each in enumerate(child):
            yield from _objects(each, (*path, key, index), steps[1:])
    elif isinstance(child, dict):
        for name, each in child.items():
            yield from _objects(each, (*path, key, name), steps[1:])


@cache
def _elsewhere() -> Mapping[str, str]:
    """Key → the first place that has it: `settings.webhooks`, for a key at the wrong level."""
    found: dict[str, str] = {}
    for name, place in PLACES.items():
        for key in place.known or ():
            found.setdefault(key, f"{name}.{key}" if name else key)
    return found
