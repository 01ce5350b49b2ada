"""News agencies: `newsAgency` of a configuration, and the content type of its reports (spec 4.9).

Earlier releases stored it unread: problems are reported for new revisions, and ignored in stored ones.
"""

from collections.abc import Mapping
from types import MappingProxyType

from livingdocs_import.metadata import MetadataSchema
from livingdocs_import.metadata.definitions import Property
from livingdocs_import.metadata.registry import PLUGINS, Behaviour
from livingdocs_import.project_config.content_types import NEWS_AGENCY_REPORT, ContentType
from livingdocs_import.project_config.design import Component, Design, Directive, DirectiveType
from livingdocs_import.validation.json_reader import Node
from livingdocs_import.validation.value_types import Integer, List, Text

REPLACED_IN_SCREENS = {"displayFilterOptionsSource": "sources", "displayFilterOptionsCategory": "categories"}


def _component(
    name: str, *, plain_text: bool = False, children: tuple[str, ...] = (), parents: tuple[str, ...] | None = None
) -> Component:
    """One text or, with children, one container."""
    if children:
        directive = Directive(DirectiveType.CONTAINER, "items", allowed_children=children)
    else:
        directive = Directive(DirectiveType.EDITABLE, "text", plain_text=plain_text)
    html = f'<{name} doc-{directive.type}="{directive.name}"></{name}>'
    return Component(name, name, html, MappingProxyType({directive.name: directive}), parents)


DESIGN = Design(
    name=NEWS_AGENCY_REPORT,
    version="1.0.0",
    components=MappingProxyType(
        {
            "h2": _component("h2", plain_text=True),
            "p": _component("p"),
            "ol": _component("ol", children=("li",)),
            "ul": _component("ul", children=("li",)),
            "li": _component("li", parents=("ol", "ul")),
        }
    ),
)


def _property(handle: str, plugin: str, behaviour: Behaviour | None = None, *, required: bool = False) -> Property:
    behaviour = behaviour or PLUGINS[plugin].behaviour(Node({}))
    message = f"The field '{handle}' is required" if required else None
    return Property(handle, plugin, handle, message, translatable=False, behaviour=behaviour)


METADATA = MetadataSchema(
    [
        _property("title", "li-text", required=True),
        _property("lead", "li-text", required=True),
        _property("source", "li-text", required=True),
        _property("category", "li-text", required=True),
        _property("note", "li-text"),
        _property("location", "li-text"),
        _property("keywords", "li-string-list", Behaviour(List(Text()))),
        _property("priority", "li-system-priority", Behaviour(Integer(1, 6)), required=True),
        _property("datetime", "li-datetime", required=True),
        _property("autoPublish", "li-system-boolean"),
        _property("embargo", "li-datetime"),
        _property("language", "li-language"),
    ]
)

REPORT = ContentType(
    NEWS_AGENCY_REPORT,
    document_type="article",
    components=None,
    metadata=METADATA,
    visible_publication_date_preference=(),
    display_title_pattern=None,
    default_media_types=MappingProxyType({}),
    own_design=DESIGN,
    is_published=False,
)


def with_reports(config: Node, content_types: Mapping[str, ContentType]) -> Mapping[str, ContentType]:
    """The content types and, if `newsAgency` is configured, that of reports; its problems are reported.

    A content type of that name that was configured before it was reserved stays.
    """
    reader = Node(config.value) if config.takes_unknown_keys else config
    agency = reader["newsAgency"]
    if agency.value is None or not agency.is_object():
        return content_types
    _read(agency)
    return MappingProxyType({NEWS_AGENCY_REPORT: REPORT, **content_types})


def _read(agency: Node) -> None:
    agency.only("functionHandle", "screens", "sources", "categories", "notifications")
    if agency.text("functionHandle", required=True):
        agency["functionHandle"].add_warning("no function can be registered, so no articles are made of reports")
    for screen in agency.objects("screens"):
        for key, successor in REPLACED_IN_SCREENS.items():
            if key in screen:
                screen[key].add_problem(f"was replaced by newsAgency.{successor}")
        screen.only("handle", "pageTitle", "search", "baseFilters", *REPLACED_IN_SCREENS)
        screen.text("handle", required=True)
    for key in ("sources", "categories"):
        for option in agency.objects(key):
            option.only("label", "value")
            option.required("label", "value")
            _read_label(option)
            option.text("value")
    for notification in agency.objects("notifications"):
        notification.only("handle", "label", "category")
        notification.text("handle", required=True)
        _read_label(notification)
        if not isinstance(notification["category"].value, str):
            notification.texts("category")


def _read_label(node: Node) -> None:
    """A text, or one text for each language."""
    if not isinstance(node["label"].value, str | Mapping | None):
        node["label"].add_problem("must be string or object")
