"""The error responses as OpenAPI describes them; `error_responses.py` makes them (spec 2.4)."""

from collections.abc import Mapping
from http import HTTPStatus

from livingdocs_import.api.error_texts import PHRASES
from livingdocs_import.api.operations import Answer, Example, Header, JSONSchema
from livingdocs_import.api.shapes import TEXT, closed, described, listed

RETRY_AFTER = Header("Retry-After", "In how many seconds it is worth trying again.", {"type": "integer", "minimum": 0})
_MESSAGE = closed("MessageDetails", {"message": TEXT})
PROBLEM = closed(
    "Problem",
    {"message": TEXT},
    {
        "path": described(TEXT, "Where it is."),
        "metadataProperty": described(TEXT, "The handle of the property that is wrong."),
        "translationLocale": described(TEXT, "The locale of the translation that is wrong."),
    },
    "One thing that is wrong.",
)
_NOTHING = closed("NoDetails", {})
_ACCESS_TOKEN = closed("AccessTokenDetails", {"access_token": TEXT})
_URL = closed("UrlDetails", {"url": described(TEXT, "The path that was asked for, with its query.")})
_NOT_FOUND = closed("NotFoundDetails", {"name": {"const": "NotFound"}, "message": TEXT})
_NUMBER = {"type": "integer"}
_FACTS = ("expectedVersion", "currentVersion", "expectedRevision", "currentRevision")
_CONFLICT = closed("ConflictDetails", {"name": {"const": "Conflict"}, "message": TEXT}, dict.fromkeys(_FACTS, _NUMBER))
PROBLEMS: JSONSchema = {
    "title": "ProblemDetails",
    "description": "A message for each problem by its dotted path; or one that belongs to no path, as `message`.",
    "type": "object",
    "additionalProperties": TEXT,
}


def _either(*schemas: JSONSchema) -> JSONSchema:
    return schemas[0] if len(schemas) == 1 else {"anyOf": list(schemas)}


DETAILS: Mapping[int, JSONSchema] = {
    400: PROBLEMS,
    401: _ACCESS_TOKEN,
    403: _either(_ACCESS_TOKEN, _MESSAGE),
    404: _either(_NOT_FOUND, _URL, _MESSAGE),
    409: _CONFLICT,
    410: _URL,
    412: _NOTHING,
    413: _MESSAGE,
    414: _MESSAGE,
    415: _MESSAGE,
    416: _MESSAGE,
    429: _ACCESS_TOKEN,
    431: _MESSAGE,
}
DESCRIPTIONS: Mapping[int, str] = {
    400: "The request's shape, syntax or content is wrong: all problems at once.",
    401: "The access token is missing, invalid or expired.",
    403: "The token has none of the scopes that would do.",
    404: "There is no such thing in the token's project, or no such path in this version.",
    409: "The request does not fit the present state.",
    410: "This version was supported once.",
    412: "`If-Match` or `If-Unmodified-Since` does not hold.",
    413: "The body is larger than the service takes, or holds too many values.",
    414: "The request line is longer than 8190 bytes.",
    415: "The body is something else than JSON, or is encoded otherwise than with gzip.",
    416: "The range begins behind the end of the file.",
    429: "So many unknown access tokens came from the caller's address that no more are looked at for a while.",
    431: "A header is longer than 8190 bytes, or there are more than 100.",
    500: "The service has failed. The body says no more.",
    503: "A part of the service, the database or the storage, does not answer now. Try again.",
}
HEADERS: Mapping[int, tuple[Header, ...]] = {
    401: (Header("WWW-Authenticate", "`Bearer`."),),
    403: (Header("WWW-Authenticate", "The scopes of which one would do (RFC 6750)."),),
    415: (Header("Accept-Encoding", "The content codings that would be understood (RFC 9110)."),),
    416: (Header("Content-Range", "How long the file is."),),
    429: (RETRY_AFTER,),
    503: (RETRY_AFTER,),
}
TITLES: Mapping[int, str] = {413: "PayloadTooLarge", 429: "TooManyInvalidTokens", 414: "URITooLong"}


def envelope_schema(status: int, details: JSONSchema | None = None, title: str = "") -> JSONSchema:
    """The body of an error with this status (ERR-01, ERR-08); `details` if they are not those of all endpoints."""
    phrase = PHRASES.get(status) or HTTPStatus(status).phrase
    required: dict[str, JSONSchema] = {"status": {"const": status}, "error": {"const": phrase}}
    if status < 500:
        required["error_details"] = DETAILS[status] if details is None else details
    return closed(title or f"{TITLES.get(status) or phrase.title().replace(' ', '')}Error", required)


def error_answer(status: int, examples: tuple[Example, ...] = ()) -> Answer:
    """The answer of any endpoint with this status."""
    return Answer(DESCRIPTIONS[status], envelope_schema(status), examples, HEADERS.get(status, ()))


def quota_answer(examples: tuple[Example, ...]) -> Answer:
    """429 of the endpoints with a quota: the documented array with one object (QUO-02), or the usual envelope."""
    used_up = closed(
        "UsageLimitExceededError",
        {"status": {"const": 429}, "error": {"const": PHRASES[429]}, "error_details": _MESSAGE},
    )
    alone = listed(used_up) | {"title": "UsageLimitExceededErrors", "minItems": 1, "maxItems": 1}
    description = f"The daily quota of the project would be exceeded: an array. {DESCRIPTIONS[429]}"
    return Answer(description, {"oneOf": [alone, envelope_schema(429)]}, examples, HEADERS[429])
