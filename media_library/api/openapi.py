"""What OpenAPI says of the media library's actions (spec 3.7 to 3.11, 3.15, 3.16)."""

from livingdocs_import.api.common_parameters import IDEMPOTENCY_KEY, PAGE, comma_separated
from livingdocs_import.api.error_schemas import DESCRIPTIONS, DETAILS, PROBLEMS, envelope_schema
from livingdocs_import.api.examples import Examples
from livingdocs_import.api.operations import Answer, Availability, Body, Header, JSONSchema, Operation, Parameter
from livingdocs_import.api.shapes import TEXT, page
from livingdocs_import.api.versions import Feature, Version
from livingdocs_import.api.webhook_requests import event
from media_library.api import response_schemas, schemas
from media_library.delivery.variants import LARGEST_REQUEST
from media_library.selectors import MAX_IDS

TAG, FILES = "Media library", "Files"
EXAMPLES = Examples(__file__)
BEFORE_RESULTS, WITH_RESULTS = Availability(until=Feature.RESULTS), Availability(since=Feature.RESULTS)
BEFORE_CURSORS, WITH_CURSORS = Availability(until=Feature.CURSORS), Availability(since=Feature.CURSORS)

MEDIA_ID = Parameter("media_id", "The id of a media library entry.", place="path", example="asze63i9")
IDS: JSONSchema = {**comma_separated(TEXT), "maxItems": MAX_IDS}

LIST = Operation(
    "getMediaLibraryEntries",
    TAG,
    "Get media library entries",
    "By `ids`, or by `externalId` (or `externalIds`) with `systemName`: in the order of the request, each once. What "
    "does not exist is left out.",
    parameters=(
        Parameter("ids", "The ids of entries.", IDS, example=["asze63i9", "2er11b3i"]),
        Parameter("externalId", "The id of an entry in another system."),
        Parameter("externalIds", "The ids of entries in another system.", IDS),
        Parameter("systemName", "The name of that system."),
    ),
    answers={
        200: Answer(
            "The entries.",
            response_schemas.entries,
            (
                EXAMPLES.get("entries by id", BEFORE_RESULTS),
                EXAMPLES.get("entries by external id", BEFORE_RESULTS),
                EXAMPLES.get("results by id", WITH_RESULTS),
                EXAMPLES.get("results by external id", WITH_RESULTS),
            ),
        )
    },
)
RETRIEVE = Operation(
    "getMediaLibraryEntry",
    TAG,
    "Get a media library entry",
    parameters=(MEDIA_ID,),
    answers={200: Answer("The entry.", response_schemas.ENTRY, (EXAMPLES["entry"],))},
    error_examples={404: (EXAMPLES["patch: not found"],)},
)
PATCH = Operation(
    "patchMediaLibraryEntry",
    TAG,
    "Patch a media library entry",
    "Applies all operations in their order, or none. With `version`, a concurrent change is a conflict; without it the "
    "last change wins.",
    parameters=(MEDIA_ID,),
    body=Body(schemas.described_patch, (EXAMPLES["patch: request"],)),
    answers={
        200: Answer("It is done.", response_schemas.PATCHED, (EXAMPLES["patched"],)),
        400: Answer(
            f"{DESCRIPTIONS[400]} Or a patch cannot be carried out, which is named by its index.",
            envelope_schema(400, {"anyOf": [response_schemas.PATCH_FAILED, PROBLEMS]}, "PatchError"),
            (EXAMPLES["patch: unknown operation"],),
        ),
        404: Answer(
            f"{DESCRIPTIONS[404]} Or a patch is about a use that does not exist.",
            envelope_schema(404, {"anyOf": [DETAILS[404], response_schemas.USE_NOT_FOUND]}, "PatchNotFoundError"),
            (EXAMPLES["patch: not found"],),
        ),
    },
    errors=(409,),
    error_examples={409: (EXAMPLES["patch: conflict"],)},
)
ENTRY_KEYS = Operation(
    "getMediaLibraryEntryKeys",
    TAG,
    "Get all keys of a media library entry",
    "Everything that a cache may hold of it: the current file, former ones, those of translations, and renditions.",
    parameters=(MEDIA_ID,),
    answers={200: Answer("The keys.", response_schemas.KEYS, (EXAMPLES["keys"],))},
)
USAGE_LOG = Operation(
    "getMediaLibraryEntryUsageLog",
    TAG,
    "Get the usage log of a media library entry",
    "What it was used for, the oldest report first.",
    parameters=(MEDIA_ID,),
    answers={200: Answer("The uses.", response_schemas.usage_log, (EXAMPLES["usage log"],))},
)


def linking_entries(version: Version) -> JSONSchema:
    """A page of the entries that link to something."""
    return page("LinkingEntries", response_schemas.LINKING_ENTRY, version)


INCOMING_MEDIA_REFERENCES = Operation(
    "getIncomingMediaReferencesForMedia",
    TAG,
    "Get the entries that link to a media library entry",
    "By their metadata. Of an id that does not exist the list is empty; revoked entries are left out.",
    parameters=(MEDIA_ID, *PAGE),
    answers={
        200: Answer(
            "A page of entries, the newest first.",
            linking_entries,
            (
                EXAMPLES.get("incoming media references", BEFORE_CURSORS),
                EXAMPLES.get("page of incoming media references", WITH_CURSORS),
            ),
        )
    },
)
MEDIA_LIBRARY = {
    "list": LIST,
    "retrieve": RETRIEVE,
    "partial_update": PATCH,
    "keys": ENTRY_KEYS,
    "usage_log": USAGE_LOG,
    "incoming_media_references": INCOMING_MEDIA_REFERENCES,
}

# --- Ready-made entries ----------------------------------------------------------------------------------------------

MEDIA_LIBRARY_IMPORT = {
    "create": Operation(
        "importMediaLibraryEntries",
        "Imports",
        "Import media library entries",
        "Creates entries for files that are in your storage already. Each succeeds or fails independently: the "
        "response has an element for each, in the order of the request, and is a 200 even if none was created.",
        parameters=(IDEMPOTENCY_KEY,),
        body=Body(schemas.described_entries(), (EXAMPLES["created: request"], EXAMPLES["created: curl"])),
        answers={
            200: Answer(
                "What became of each entry.",
                response_schemas.created,
                (
                    EXAMPLES.get("not created", BEFORE_RESULTS),
                    EXAMPLES.get("created results", WITH_RESULTS),
                    EXAMPLES.get("not created results", WITH_RESULTS),
                ),
            )
        },
        errors=(409,),
    )
}

# --- Files -----------------------------------------------------------------------------------------------------------

CACHING = Header("Cache-Control", "For how long, and by whom, the file may be kept. A key never changes its bytes.")
FILE_HEADERS = (
    CACHING,
    Header("ETag", "Of these bytes, to be sent as `If-None-Match` or `If-Range`."),
    Header("Last-Modified", "When they were stored."),
)
BINARY: JSONSchema = {}  # OpenAPI 3.1: no schema describes bytes
ANY_TYPE = ("*/*",)
RANGE = Parameter("Range", "`bytes=0-1023`: a part of the file.", place="header")
FILE_ANSWERS = {
    200: Answer("The file.", BINARY, headers=FILE_HEADERS, media_types=ANY_TYPE),
    206: Answer("The part of the file.", BINARY, headers=FILE_HEADERS, media_types=ANY_TYPE),
    304: Answer("The caller has it already.", headers=FILE_HEADERS),
}
SIZE: JSONSchema = {"type": "integer", "minimum": 1, "maximum": LARGEST_REQUEST}
FILE_ERRORS = (403, 412, 416)
FILE_ERROR_EXAMPLES = {403: (EXAMPLES["image revoked"],), 404: (EXAMPLES["no image"],)}
IMAGES = {
    "retrieve": Operation(
        "getImage",
        FILES,
        "Get a file by the address that entries have",
        "Any entry's file, and renditions of images. No token is needed. Sizes and qualities are raised to the next "
        "step; images are never enlarged.",
        parameters=(
            Parameter("slug", "For people: any text.", place="path", example="truck-in-flood-water"),
            Parameter("id", "The id of the asset."),
            Parameter("w", "The width, in pixels.", SIZE),
            Parameter("h", "The height, in pixels.", SIZE),
            Parameter("fit", "`crop` cuts to the proportion of width and height.", {"enum": ["max", "crop"]}),
            Parameter("q", "The quality.", {"type": "integer", "minimum": 1, "maximum": 100}),
            Parameter(
                "format",
                "`auto` is the best that `Accept` names.",
                {"enum": ["auto", "original", "jpeg", "png", "webp", "avif"]},
            ),
            Parameter("auto", "`format` is the same as `format=auto`."),
            RANGE,
        ),
        answers=FILE_ANSWERS,
        errors=FILE_ERRORS,
        error_examples=FILE_ERROR_EXAMPLES,
        has_entity_tag=False,
    ),
    "serve_image": Operation(
        "serveImage",
        FILES,
        "Serve an image for an image service",
        "The original bytes of an image by its key.",
        parameters=(
            Parameter(
                "key",
                "The key of the asset.",
                place="path",
                example="2025/03/14/c316ace8-0ded-4e41-9388-386a5759c01f.jpeg",
            ),
            RANGE,
        ),
        answers=FILE_ANSWERS,
        errors=FILE_ERRORS,
        error_examples=FILE_ERROR_EXAMPLES,
        has_entity_tag=False,
    ),
}

# --- Webhooks --------------------------------------------------------------------------------------------------------

_EVENTS = {
    "create": "when an entry is created",
    "update": "with every change of an entry, beside the other events",
    "archive": "when an entry is archived",
    "revoke": "when an entry is revoked",
    "active": "when an entry becomes valid, or is unrevoked and valid",
    "invalid": "when an entry becomes invalid",
}
WEBHOOKS = {
    f"mediaLibraryEntry.{name}": event(f"mediaLibraryEntry.{name}", {"mediaId": response_schemas.MEDIA_ID}, when)
    for name, when in _EVENTS.items()
}
