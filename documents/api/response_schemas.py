"""The shapes of what `responses.py` and `design_responses.py` make (spec 3.10, 3.18, 3.19, 3.22, 3.23, 3.26)."""

from collections.abc import Iterable

from documents.api.responses import REFERENCES, fields_of
from livingdocs_import.api.error_schemas import PROBLEM
from livingdocs_import.api.operations import JSONSchema
from livingdocs_import.api.shapes import (
    BOOLEAN,
    COUNT,
    KEY,
    MOMENT,
    OBJECT,
    TEXT,
    choice,
    closed,
    described,
    listed,
    page,
    results,
)
from livingdocs_import.api.versions import Version
from livingdocs_import.project_config.content_types import DOCUMENT_TYPES
from livingdocs_import.project_config.differences import Action

DOCUMENT_TYPE = choice(*DOCUMENT_TYPES)
METADATA = described(OBJECT, "By the handles that the project's configuration has.")

# --- References ------------------------------------------------------------------------------------------------------

_PLACES = (
    "componentId",
    "componentName",
    "directiveName",
    "serviceName",
    "propertyName",
    "overrideId",
    "overrideDirectiveName",
    "externalSystem",
)
REFERENCE = closed(
    "DocumentReference",
    {
        "id": described(TEXT, "Of what is linked to."),
        "type": described(TEXT, "What it is: `image`, `document` …"),
        "location": described(TEXT, "Where in the document: `metadata`, or the kind of the directive."),
    },
    dict.fromkeys(_PLACES, TEXT),
)
LINKING_DOCUMENT = closed("LinkingDocument", {"id": KEY, "references": listed(REFERENCE)})


def linking_documents(version: Version) -> JSONSchema:
    """A page of the documents that link to something."""
    return page("LinkingDocuments", LINKING_DOCUMENT, version)


# --- Publications ----------------------------------------------------------------------------------------------------

COMPONENTS = {"type": "array", "items": {"$ref": "#/components/schemas/Component"}}
CONDITIONS = closed(
    "ComponentConditions",
    {},
    {"brands": listed(TEXT), "dateTime": closed("ComponentPeriod", {}, {"gte": TEXT, "lt": TEXT})},
)
COMPONENT = closed(
    "Component",
    {
        "id": TEXT,
        "component": described(TEXT, "The name of the component in the design."),
        "identifier": described(TEXT, "The same, or what the design calls it in older programs."),
        "content": described(OBJECT, "The value of each directive by its name."),
    },
    {
        "containers": {"type": "object", "additionalProperties": COMPONENTS},
        "styles": {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}},
        "position": {"const": "fixed"},
        "conditions": CONDITIONS,
        "data": OBJECT,
    },
)
DESIGN_VERSION = closed("DesignVersion", {"name": TEXT, "version": TEXT})
_DATES = ("firstPublicationDate", "significantPublicationDate", "visiblePublicationDate", "lastPublicationDate")
_SYSTEMDATA: dict[str, JSONSchema] = {
    "projectId": KEY,
    "channelId": KEY,
    "documentId": KEY,
    "contentType": TEXT,
    "documentType": DOCUMENT_TYPE,
    "design": DESIGN_VERSION,
}


_PUBLICATION_SYSTEMDATA = closed(
    "PublicationSystemdata", {**_SYSTEMDATA, "publicationId": KEY}, dict.fromkeys(_DATES, MOMENT)
)


def _parts(title: str, systemdata: JSONSchema, names: Iterable[str]) -> JSONSchema:
    known: dict[str, JSONSchema] = {
        "systemdata": systemdata,
        "metadata": METADATA,
        "content": listed(COMPONENT),
        REFERENCES: listed(REFERENCE),
    }
    return closed(title, {}, {name: known[name] for name in names})


def publication(version: Version) -> JSONSchema:
    """What is published of a document: the parts that are asked for."""
    return _parts("Publication", _PUBLICATION_SYSTEMDATA, fields_of(version))


def publications(version: Version) -> JSONSchema:
    """A page of publications."""
    return results("Publications", publication(version), version)


FOUND_ID = closed("FoundId", {"projectId": KEY, "documentId": KEY})


def found_publications(version: Version) -> JSONSchema:
    """A page of publications that were found; with `fields=id` only their ids."""
    parts = ("systemdata", "metadata", "content", REFERENCES)
    found = _parts("FoundPublication", _PUBLICATION_SYSTEMDATA, parts)
    return page("FoundPublications", {"anyOf": [found, FOUND_ID]}, version)


def draft(version: Version) -> JSONSchema:
    """A document's newest revision."""
    return _parts("Draft", closed("DraftSystemdata", _SYSTEMDATA, dict.fromkeys(_DATES, MOMENT)), fields_of(version))


_EVENT: dict[str, JSONSchema] = {
    "createdAt": MOMENT,
    "projectId": KEY,
    "channelId": KEY,
    "documentId": KEY,
    "documentType": DOCUMENT_TYPE,
    "contentType": TEXT,
    "eventType": choice("publish", "update", "unpublish"),
    "publicationId": KEY,
}
PUBLICATION_EVENT = closed(
    "PublicationEvent", {"id": described(KEY, "Ask for what comes after it with `after`."), **_EVENT}
)
PUBLICATION_EVENT_MESSAGE = closed("PublicationEventMessage", _EVENT)


def publication_events(version: Version) -> JSONSchema:
    """Events in their order."""
    return results("PublicationEvents", PUBLICATION_EVENT, version)


# --- Configuration ---------------------------------------------------------------------------------------------------

CONFIGURATION = {
    "title": "ProjectConfig",
    "description": "The configuration as it is stored, also where it would be refused today.",
    "type": "object",
    "required": ["v", "$baseRevision"],
    "properties": {"v": {"const": 2}, "$baseRevision": described(COUNT, "The number of the revision.")},
}
CHANGE = closed(
    "ConfigPatch",
    {"action": choice(*(str(action) for action in Action)), "pointer": described(TEXT, "Where, as a JSON pointer.")},
    {"value": {}, "valueBefore": {}},
)
FAULT = closed("ConfigFault", {"pointer": described(TEXT, "Where, as a JSON pointer."), "message": TEXT})
SUBMITTED = {
    "oneOf": [
        closed(
            "AcceptedConfig",
            {"ok": {"const": True}, "plan": BOOLEAN, "patches": listed(CHANGE)},
            {
                "revisionNumber": described(COUNT, "The number of the revision, if it is published."),
                "designVersion": described(TEXT, "The new version of the design, if it changes."),
            },
        ),
        closed(
            "RefusedConfig",
            {"ok": {"const": False}, "plan": BOOLEAN},
            {
                "schemaErrors": described(listed(FAULT), "Values of the wrong shape."),
                "violations": described(listed(FAULT), "Values that do not fit others."),
            },
        ),
    ]
}

# --- Designs and categories ------------------------------------------------------------------------------------------

NAMED = {"type": "object", "additionalProperties": OBJECT}  # as configured, by name
DESIGN = closed(
    "Design",
    {
        "name": TEXT,
        "version": TEXT,
        "assets": closed("DesignAssets", {"css": {"type": "array"}}, {"js": {"type": "array"}}),
        "defaultComponents": OBJECT,
        "groups": {"type": "array"},
        "componentProperties": NAMED,
        "metadata": {"type": "array"},
        "components": listed(
            closed(
                "DesignComponent",
                {"name": TEXT, "label": TEXT, "html": TEXT, "directives": NAMED},
                {"iconUrl": TEXT},
            )
        ),
    },
)
_CATEGORY: dict[str, JSONSchema] = {"id": {"type": ["string", "null"]}, "label": {}, "path": {}}
CATEGORY = closed("Category", _CATEGORY, {"parent": {}})
CATEGORY_WITH_METADATA = closed("CategoryWithMetadata", {**_CATEGORY, "metadata": METADATA}, {"parent": {}})


def categories(version: Version) -> JSONSchema:
    """All categories in their order."""
    return results("Categories", CATEGORY, version)


MENUS = {"type": "array", "maxItems": 0}

# --- Commands --------------------------------------------------------------------------------------------------------

LICENSE_PROBLEM = closed(
    "LicenseProblem",
    {
        "mediaId": described(TEXT, "The id of the image."),
        "location": described(TEXT, "Where in the document: `metadata`, or the kind of the directive."),
        "code": choice("profileMissing", "profileUnknown", "purposeNotCovered", "approvalRequired"),
    },
    {"propertyName": TEXT, "componentId": TEXT},
    "What the licence of an image keeps a document from.",
)
COMMAND_FAILED = closed(
    "CommandFailedDetails",
    {"message": TEXT, "commandIndex": described({"type": "integer", "minimum": 0}, "Which command it was.")},
    {"errors": listed({"anyOf": [PROBLEM, LICENSE_PROBLEM]})},
)
