"""What OpenAPI says of the documents' actions (spec 3.10, 3.18, 3.19, 3.22 to 3.26)."""

from documents.api import config_requests, event_filters, filters, response_schemas, search_filters
from documents.api.command_schemas import described_commands
from livingdocs_import.api.common_parameters import FLAG, PAGE, bounds, comma_separated
from livingdocs_import.api.error_schemas import DESCRIPTIONS, PROBLEMS, envelope_schema
from livingdocs_import.api.examples import Examples
from livingdocs_import.api.operations import (
    Answer,
    Availability,
    Body,
    Example,
    Header,
    JSONSchema,
    Operation,
    Parameter,
)
from livingdocs_import.api.shapes import KEY, TEXT, choice, titled
from livingdocs_import.api.versions import Feature
from livingdocs_import.api.webhook_requests import event
from media_library.api import openapi as media_openapi

TAG, DELIVERY, CONFIGURATION = "Documents", "Design and categories", "Configuration"
EXAMPLES = Examples(__file__)
BEFORE_CURSORS, WITH_CURSORS = Availability(until=Feature.CURSORS), Availability(since=Feature.CURSORS)

NUMBER: JSONSchema = {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}
MOMENT: JSONSchema = {"type": "string", "format": "date-time"}
DOCUMENT_ID = Parameter("document_id", "The id of a document.", NUMBER, place="path", example=4021)
CONTENT_TYPES = Parameter("contentTypes", "Handles of content types.", comma_separated(TEXT))
DOCUMENT_TYPES = Parameter("documentTypes", "Kinds of documents.", comma_separated(response_schemas.DOCUMENT_TYPE))
REVERSE = Parameter("reverse", "The other way round.", FLAG)
CONDITIONS = (
    Parameter("ignoreComponentConditions", "Also show the components that are not shown now.", FLAG),
    Parameter(
        "componentConditions",
        "For whom components are shown, as JSON; without it, the components that every reader sees now: "
        '`{"dateTime": "2026-07-14T06:12:09.481Z", "brand": "blue"}`.',
        {"type": "string", "contentMediaType": "application/json"},
    ),
)
FIELDS = tuple(
    Parameter(
        "fields", "The parts that are shown; all, if nothing is said.", comma_separated(choice(*names)), available=when
    )
    for names, when in (
        (("systemdata", "metadata", "content"), Availability(until=Feature.REFERENCES)),
        (("systemdata", "metadata", "content", "references"), Availability(since=Feature.REFERENCES)),
    )
)


def _incoming(operation_id: str, what: str, examples: tuple[Example, ...], parameter: Parameter) -> Operation:
    return Operation(
        operation_id,
        TAG,
        f"Get {what}",
        "Of an id that does not exist the list is empty.",
        parameters=(parameter, *PAGE),
        answers={
            200: Answer("A page of documents, the newest first.", response_schemas.linking_documents, examples),
        },
    )


DOCUMENTS = {
    "latest_publications": Operation(
        "getLatestPublications",
        TAG,
        "Get the latest publications",
        "A page of published documents, the newest first.",
        parameters=(
            *FIELDS,
            *CONDITIONS,
            Parameter("reverse", "The oldest first.", FLAG),
            Parameter("homepage", "Only homepages, of which there are none.", FLAG),
            CONTENT_TYPES,
            DOCUMENT_TYPES,
            Parameter("id", "The ids of documents.", {**comma_separated(NUMBER), "maxItems": filters.MAX_IDS}),
            Parameter(
                "limit",
                "How many results a page has at most.",
                {"type": "integer", "minimum": 0, "maximum": filters.MAX_LIMIT, "default": filters.MAX_LIMIT},
            ),
            Parameter(
                "offset",
                "How many results come before those of the page.",
                {"type": "integer", "minimum": 0, "maximum": filters.MAX_OFFSET, "default": 0},
            ),
            *bounds("id", "The id of the document", NUMBER),
            *bounds("publishedAt", "The moment of the last publication", MOMENT),
        ),
        answers={200: Answer("Publications.", response_schemas.publications)},
    ),
    "latest_publication": Operation(
        "getLatestPublication",
        TAG,
        "Get the latest publication of a document",
        parameters=(DOCUMENT_ID, *FIELDS, *CONDITIONS),
        answers={200: Answer("The publication.", response_schemas.publication)},
    ),
    "latest_draft": Operation(
        "getLatestDraft",
        TAG,
        "Get the draft of a document",
        "The newest revision, published or not.",
        parameters=(DOCUMENT_ID, *CONDITIONS),
        answers={200: Answer("The draft.", response_schemas.draft)},
    ),
    "commands": Operation(
        "executeDocumentCommands",
        TAG,
        "Edit a document with commands",
        "Carries out all commands in their order, or none. `version`, `preconditions` and `oldValue` guard against "
        "concurrent changes.",
        parameters=(DOCUMENT_ID,),
        body=Body(
            described_commands,
            (
                Example(
                    "edit and publish",
                    {
                        "preconditions": [{"type": "isPublished", "value": True}],
                        "commands": [
                            {"operation": "setTitle", "value": "A cat on a roof", "oldValue": "A cat on a wall"},
                            {"operation": "publish"},
                        ],
                    },
                ),
            ),
        ),
        answers={
            204: Answer("All commands are carried out."),
            400: Answer(
                f"{DESCRIPTIONS[400]} Or a command cannot be carried out, which is named by its index.",
                envelope_schema(400, {"anyOf": [response_schemas.COMMAND_FAILED, PROBLEMS]}, "CommandsError"),
            ),
        },
        errors=(409,),
    ),
    "incoming_document_references": _incoming(
        "getIncomingDocumentReferencesForDocument",
        "the published documents that link to a document",
        (
            EXAMPLES.get("incoming references of a document", BEFORE_CURSORS),
            EXAMPLES.get("page of incoming references of a document", WITH_CURSORS),
        ),
        DOCUMENT_ID,
    ),
    "incoming_draft_references": _incoming(
        "getIncomingDraftReferencesForDocument",
        "the drafts that link to a document",
        (
            EXAMPLES.get("incoming draft references", BEFORE_CURSORS),
            EXAMPLES.get("page of incoming draft references", WITH_CURSORS),
        ),
        DOCUMENT_ID,
    ),
    "incoming_media_references": Operation(
        "getIncomingMediaReferencesForDocument",
        TAG,
        "Get the media library entries that link to a document",
        parameters=(DOCUMENT_ID, *PAGE),
        answers={
            200: Answer(
                "A page of entries, the newest first.",
                media_openapi.linking_entries,
                (
                    EXAMPLES.get("media that link to a document", BEFORE_CURSORS),
                    EXAMPLES.get("page of media that link to a document", WITH_CURSORS),
                ),
            )
        },
    ),
}
LINKED_MEDIA = {
    "incoming_document_references": _incoming(
        "getIncomingDocumentReferencesForMedia",
        "the published documents that link to a media library entry",
        (
            EXAMPLES.get("incoming document references", BEFORE_CURSORS),
            EXAMPLES.get("page of incoming document references", WITH_CURSORS),
        ),
        media_openapi.MEDIA_ID,
    ),
}
_JSON_TEXT: JSONSchema = {"type": "string", "contentMediaType": "application/json"}
_LISTED: JSONSchema = {**comma_separated(TEXT), "maxItems": search_filters.MAX_LISTED}
PUBLICATION_SEARCH = {
    "list": Operation(
        "searchPublications",
        TAG,
        "Search publications",
        "By words, dates and metadata. A publication is found some seconds after it was made.",
        parameters=(
            Parameter("search", "Words, beginnings of words, and phrases in quotation marks."),
            Parameter("contentTypes", "Handles of content types.", _LISTED),
            Parameter("categories", "The ids of categories.", _LISTED),
            Parameter("languages", "Locales.", _LISTED),
            Parameter("languageGroupId", "The id of a group of translations."),
            Parameter(
                "filters", 'Conditions, as JSON: `[{"key": "metadata.rating", "range": {"gte": 3}}]`.', _JSON_TEXT
            ),
            Parameter("sort", "Properties; one with `-` in descending order.", comma_separated(TEXT)),
            Parameter(
                "fields",
                "The parts that are returned; `id` returns ids only.",
                comma_separated(choice("systemdata", "metadata", "content", "references", "id")),
            ),
            Parameter(
                "limit",
                "The maximum number of results.",
                {
                    "type": "integer",
                    "minimum": 0,
                    "maximum": search_filters.MAX_LIMIT,
                    "default": search_filters.DEFAULT_LIMIT,
                },
            ),
            Parameter(
                "offset",
                "How many results come before those of the page. Not together with `after`.",
                {"type": "integer", "minimum": 0, "maximum": search_filters.MAX_OFFSET, "default": 0},
            ),
            PAGE[-1],
            *CONDITIONS,
        ),
        answers={200: Answer("A page of publications.", response_schemas.found_publications)},
    )
}
PUBLICATION_EVENTS = {
    "list": Operation(
        "getPublicationEvents",
        TAG,
        "Get publication events",
        "Publications, repeated publications and unpublications, in the order of their ids. No event ever appears "
        "before one that could be read already. A project has one channel, so it does not matter which is named.",
        parameters=(
            Parameter("channel_handle", "The name of a channel.", place="path", example="web"),
            Parameter(
                "limit",
                "How many events at most.",
                {
                    "type": "integer",
                    "minimum": 0,
                    "maximum": event_filters.MAX_LIMIT,
                    "default": event_filters.DEFAULT_LIMIT,
                },
            ),
            Parameter("reverse", "The last one first.", FLAG),
            Parameter("after", "The id of an event: only later ones. Not together with bounds of `id`.", NUMBER),
            CONTENT_TYPES,
            DOCUMENT_TYPES,
            *bounds("id", "The id of the event", NUMBER),
            *bounds("createdAt", "The moment of the event", MOMENT),
        ),
        answers={200: Answer("Events.", response_schemas.publication_events)},
        route_ids={"channel_handle": "getPublicationEventsOfChannel"},
    )
}
WARNING = Header("Warning", '`299 - "…"`: a problem with a configuration that is accepted.')
PROJECT_CONFIG = {
    "retrieve": Operation(
        "getProjectConfig",
        CONFIGURATION,
        "Get the configuration of the project",
        "Secrets are masked unless the token has the scope `public-api:config:read`.",
        answers={
            200: Answer(
                "The newest revision.",
                response_schemas.CONFIGURATION,
                (EXAMPLES["project configuration"],),
                (WARNING,),
            )
        },
        route_ids={"channelConfig": "getChannelConfig"},
    ),
    "create": Operation(
        "publishProjectConfig",
        CONFIGURATION,
        "Publish a configuration of the project",
        "Checks the configuration and publishes it as the next revision; with `plan` only the changes are returned. A "
        "refused configuration is a 200 with `ok: false`. With `$baseRevision`, a newer revision is a conflict.",
        body=Body(
            titled("ConfigRequest", config_requests.REQUEST.definition),
            (Example("plan", {"plan": True, "channelConfig": {"v": 2, "$baseRevision": 28, "settings": {}}}),),
        ),
        answers={
            200: Answer(
                "The changes, or the faults of the configuration.", response_schemas.SUBMITTED, headers=(WARNING,)
            )
        },
        errors=(409,),
        route_ids={"channelConfig": "publishChannelConfig"},
    ),
}
DESIGNS = {
    "latest": Operation(
        "getDesign",
        DELIVERY,
        "Get the newest version of the design",
        answers={200: Answer("The design.", response_schemas.DESIGN)},
    ),
    "retrieve": Operation(
        "getDesignVersion",
        DELIVERY,
        "Get a version of the design",
        "It never changes.",
        parameters=(Parameter("design_version", "The version.", place="path", example="1.0.1"),),
        answers={200: Answer("The design.", response_schemas.DESIGN)},
    ),
}
CATEGORIES = {
    "list": Operation(
        "getCategories",
        DELIVERY,
        "Get all categories",
        answers={200: Answer("The categories.", response_schemas.categories)},
    ),
    "retrieve": Operation(
        "getCategory",
        DELIVERY,
        "Get a category",
        parameters=(
            Parameter("category_id", "The id of a category.", place="path", example="sports"),
            Parameter("inheritMetadata", "Also what it has from the categories above it.", FLAG),
        ),
        answers={200: Answer("The category.", response_schemas.CATEGORY_WITH_METADATA)},
    ),
}
MENUS = {
    "list": Operation(
        "getMenus",
        DELIVERY,
        "Get all menus",
        "There are none.",
        parameters=(
            Parameter("channel_handle", "The name of a channel.", place="path", example="web"),
            Parameter("handle", "The handle of a menu."),
        ),
        answers={200: Answer("An empty list.", response_schemas.MENUS)},
        route_ids={"channel_handle": "getMenusOfChannel"},
    )
}

# --- Webhooks --------------------------------------------------------------------------------------------------------

_ABOUT = {"documentId": KEY}
_BUILT: dict[str, JSONSchema] = {"publicationId": KEY, "deliveryHandle": TEXT, "reportId": TEXT}
_CHANGES: JSONSchema = {
    "type": "array",
    "items": TEXT,
    "description": "The handles of the properties that have changed.",
}
_PUBLICATION = {"publicationEvent": response_schemas.PUBLICATION_EVENT_MESSAGE}
WEBHOOKS = {
    name: event(name, _ABOUT, when, body)
    for name, when, body in (
        ("document.create", "by the import that creates a document", {}),
        (
            "document.update",
            "with each new revision but the first, and when a deleted document is restored",
            {"metadataPropertyChanges": _CHANGES},
        ),
        ("document.delete", "when a document is put away", {}),
        ("document.publish", "with each publication", _PUBLICATION),
        ("document.unpublish", "when a document is not public any more", _PUBLICATION),
        ("document.build", "with each publication of a content type that is exported", _BUILT),
        ("publication.update", "when a publication shows another date, or another component, to readers", {}),
    )
}
