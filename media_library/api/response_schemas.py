"""The shapes of what `responses.py` makes: entries, their uses, what was created (spec 3.6, 3.7, 3.9, 3.15)."""

from livingdocs_import.api.error_schemas import PROBLEM
from livingdocs_import.api.operations import JSONSchema
from livingdocs_import.api.shapes import (
    BOOLEAN,
    COUNT,
    KEY,
    MOMENT,
    NUMBER,
    OBJECT,
    TEXT,
    choice,
    closed,
    described,
    listed,
)
from livingdocs_import.api.versions import Feature, Version
from media_library.api.responses import STATUSES, list_key

MEDIA_ID = described(TEXT, "The id of a media library entry.")

# --- Entries ---------------------------------------------------------------------------------------------------------

ASSET = closed(
    "Asset",
    {"url": described(TEXT, "Where the file is: the URL that a client gave, or ours."), "mimeType": TEXT},
    {
        "key": described(TEXT, "Where the file is in the storage."),
        "size": described(NUMBER, "In bytes."),
        "filename": TEXT,
        "width": described({"type": ["number", "null"]}, "In pixels."),
        "height": described({"type": ["number", "null"]}, "In pixels."),
        "duration": described(NUMBER, "Of a video, in seconds."),
    },
)
METADATA = described(OBJECT, "By the handles that the project's configuration has.")
TRANSLATION = closed("EntryTranslation", {"locale": TEXT, "metadata": METADATA}, {"asset": ASSET})
ENTRY = closed(
    "MediaLibraryEntry",
    {
        "id": MEDIA_ID,
        "version": described(COUNT, "Rises by one with each change."),
        "mediaType": described(TEXT, "The handle of one of the project's media types."),
        "asset": ASSET,
        "metadata": METADATA,
        "createdAt": MOMENT,
        "updatedAt": MOMENT,
    },
    {"systemName": TEXT, "externalId": TEXT, "translations": listed(TRANSLATION)},
)
_PATCH_INDEX = {"patchIndex": described({"type": "integer", "minimum": 0}, "Which patch it was.")}
PATCH_FAILED = closed(
    "PatchFailedDetails",
    {"message": TEXT, **_PATCH_INDEX},
    {"name": {"const": "ValidationError"}, "errors": listed(PROBLEM)},
)
USE_NOT_FOUND = closed("UseNotFoundDetails", {"name": {"const": "NotFound"}, "message": TEXT, **_PATCH_INDEX})
PATCHED = closed("PatchedEntry", {"status": {"const": 200}})


def entries(version: Version) -> JSONSchema:
    """A list of entries under the version's key (VER-04)."""
    return closed("MediaLibraryEntries", {list_key(version): listed(ENTRY)})


# --- Created ---------------------------------------------------------------------------------------------------------

CREATED = closed("CreatedEntry", {"ok": {"const": True}, "status": {"const": 200}, "id": MEDIA_ID, "record": ENTRY})
NOT_CREATED = closed(
    "EntryNotCreated",
    {
        "ok": {"const": False},
        "correlation": described(TEXT, "The id of the entry, else its external id, else its place in the request."),
        "status": {"enum": sorted(STATUSES.values())},
        "error": choice(*STATUSES),
        "error_details": closed(
            "EntryErrorDetails",
            {"message": TEXT},
            {"errors": listed(PROBLEM), "mediaId": described(MEDIA_ID, "Of the entry that has the ids already.")},
        ),
    },
)


def created(version: Version) -> JSONSchema:
    """What became of each entry of a request (MLI-01)."""
    return closed("ImportedMediaLibraryEntries", {list_key(version): listed({"oneOf": [CREATED, NOT_CREATED]})})


# --- Keys, uses, links -----------------------------------------------------------------------------------------------

KEYS = closed("EntryKeys", {"results": listed(TEXT)})


def usage_log(version: Version) -> JSONSchema:
    """The uses of an entry."""
    billing = {"billing": described(BOOLEAN, "Whether the use is billed.")} if version.has(Feature.BILLING) else {}
    use = closed(
        "UsageLogEntry",
        {"id": TEXT, "state": choice("pending", "confirmed"), "purpose": TEXT, "reportingDate": MOMENT},
        {"url": TEXT, "params": OBJECT, "documentId": KEY, "publicationId": KEY, "publicationDate": MOMENT, **billing},
    )
    return closed("UsageLog", {"results": listed(use)})


METADATA_REFERENCE = closed(
    "MetadataReference",
    {
        "id": described(TEXT, "Of what is linked to."),
        "type": described(TEXT, "What it is: `image`, `document` …"),
        "location": {"const": "metadata"},
        "propertyName": described(TEXT, "The handle of the property that has the link."),
    },
    {"externalSystem": described(TEXT, "The system whose id it is, if it is not ours.")},
)
LINKING_ENTRY = closed("LinkingEntry", {"id": MEDIA_ID, "references": listed(METADATA_REFERENCE)})
