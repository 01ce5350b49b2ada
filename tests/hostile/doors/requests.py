"""The doors for requests: bodies, schemas, addresses, queries, and what operators are shown of them."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import TooManyFieldsSent
from django.http import QueryDict

from imports.api.viewsets import DocumentImportViewSet, ImageImportViewSet
from livingdocs_import import errors, project_config
from livingdocs_import.admin import readable
from livingdocs_import.api.query import read_query
from livingdocs_import.egress.url import redacted_url
from livingdocs_import.project_config.differences import difference
from livingdocs_import.validation.json_schema import is_http_url
from livingdocs_import.validation.json_structure import count_values
from livingdocs_import.validation.strict_json import read_json
from livingdocs_import.validation.value_types import Expression
from media_library.api.schemas import PATCH
from media_library.entries import entry_schemas
from media_library.entries.patch import checked_patch
from tests.api_client import CONFIG
from tests.hostile.harness import MEGABYTE, Door, Recipe

ADDRESS = (
    "/", "//", ":", "@", ".", "..", "a", "A", "1", "-", "%", "%2", "?", "#", "[", "]", "\\", " ", "\n", "é", "xn--",
    "http://", "https://a.example/", ".png", ".jpg?", "0x", "&", "=",
)  # fmt: skip
JSON = (
    b'"', b"\\", b'\\"', b"\\\\", b"\\u0000", b"\\ud800", b"[", b"]", b"{", b"}", b"[]", b"{}", b",", b":", b'"a":',
    b'"a":1,', b"1", b"-1.5e9,", b"e11", b"9" * 19, b"null,", b"true", b" ", b"\n", "é".encode(), b"\xff",
)  # fmt: skip
ITEMS = (
    b"{},", b"[],", b"1,", b'"a",', b'{"a":1},', b'{"url":"', b"//.png?", b'"},', b"\\n", b'{"metadata":{"a":[{}]}},',
    b'{"operation":"archive"},', b'{"operation":"setMetadataProperty"},', b'{"asset":{}},',
)  # fmt: skip
TEXT = ("a", "A", "1", " ", "\n", "://", "a://", "https://", ".", "-", "+", "'", '"', "<", "?", "@", "é", "\x00")


def checks(problems: Callable[[Any], object]) -> Callable[[bytes], object]:
    """A body is read, and what comes out of it is checked."""
    return lambda body: problems(read_json(body))


def inside(before: bytes, after: bytes) -> Callable[[bytes], bytes]:
    return lambda text: before + text + after


def entry(url: str) -> dict[str, Any]:
    asset = {"key": "a.png", "url": url, "size": 1, "filename": "a", "mimeType": "image/png", "width": 1, "height": 1}
    return {"mediaType": "image", "asset": asset}


def as_budgeted(body: bytes) -> float:
    """Bytes of memory: five times the body, and a hundred for each value in it."""
    return 5 * len(body) + 100 * count_values(body)


_media_type = project_config.parse(CONFIG, project_id=1, channel_id=1, design_version="1.0.0").media_types["image"]

BODY = Door("JSON body", JSON, read_json, refusals=(errors.ApiError,), most=16 * MEGABYTE, memory=as_budgeted)
IMAGES = Door(
    "images", ITEMS, checks(ImageImportViewSet.body_schema.problems), inside(b'{"systemName":"a","images":[', b"{}]}"),
    refusals=(errors.ApiError,), most=4 * MEGABYTE, memory=as_budgeted,
)  # fmt: skip
DOCUMENTS = Door(
    "documents", ITEMS, checks(DocumentImportViewSet.body_schema.problems),
    inside(b'{"systemName":"a","documents":[', b"{}]}"),
    refusals=(errors.ApiError,), most=4 * MEGABYTE, memory=as_budgeted,
)  # fmt: skip
PATCHES = Door(
    "patches", ITEMS, checks(lambda body: checked_patch(body, PATCH)), inside(b'{"patches":[', b"{}]}"),
    refusals=(errors.ApiError,), most=4 * MEGABYTE, memory=as_budgeted,
)  # fmt: skip
TRANSLATIONS = Door(
    "translations", ITEMS, checks(entry_schemas.ENTRY["mediaImage"].problems), inside(b'{"translations":[', b"{}]}"),
    refusals=(errors.ApiError,), most=4 * MEGABYTE, memory=as_budgeted,
)  # fmt: skip
ASSET_URL = Door("address of an entry's image", ADDRESS, entry_schemas.ENTRY["mediaImage"].problems, entry)
URL = Door("address", ADDRESS, lambda text: (is_http_url(text), redacted_url(text)))
CONFIGURATION = Door(
    "configuration",
    (*ITEMS, b'{"handle":"a"},', b'{"metadata":[', b"]},", b'{"handel":1},', b'{"components":["a"]},', b'"***",'),
    checks(lambda config: (project_config.check(config), difference({"v": 2, "contentTypes": [{}, {}]}, config))),
    inside(b'{"v":2,"contentTypes":[', b"{}]}"),
    refusals=(errors.ApiError,), memory=as_budgeted,
)  # fmt: skip
QUERY = Door(
    "query",
    (*ADDRESS, "ids=", ",", "%ff", "%00", "a=1&", "&ids[]=a", "&ids[1]="),
    lambda text: read_query(QueryDict(text).lists(), text, names=("ids", "a"), lists=("ids",)),
    refusals=(TooManyFieldsSent, errors.ApiError),
    most=8192,
)
METADATA = Door(
    "metadata",
    TEXT,
    lambda value: _media_type.metadata.check(value, completeness=True),
    lambda text: dict.fromkeys(_media_type.metadata.properties, text),
)
ADMIN_TEXT = Door("text in the admin", TEXT, readable.redacted)
ADMIN_JSON = Door("JSON in the admin", TEXT, readable.json_lines, lambda text: {"a": [text]})
EXPRESSION = Door("configured expression", ("a", "b", " ", "1", "\n"), Expression(r"^(?:(a+)+|\s*(\w+\s?)*)$").matches)

DOORS = [BODY, IMAGES, DOCUMENTS, PATCHES, TRANSLATIONS, CONFIGURATION, ASSET_URL, URL, QUERY, METADATA,
         ADMIN_TEXT, ADMIN_JSON, EXPRESSION]  # fmt: skip

FOUND = {
    "H1: quotation marks behind backslashes": (BODY, Recipe.repeating(b'\\"', head=b'["')),
    "H2: brackets in a string": (BODY, Recipe.repeating(b"[", head=b'["', tail=b'"]')),
    "H3: slashes and endings of pictures": (ASSET_URL, Recipe.repeating("//", ".png?", tail="\n\n")),
    "H4: items that are empty": (IMAGES, Recipe.repeating(b"{},")),
    "H9: letters": (ADMIN_TEXT, Recipe.repeating("a")),
    "arrays in arrays": (BODY, Recipe.repeating(b"[" * 99 + b"]" * 99 + b",", head=b"[", tail=b"1]")),
    "closing brackets in strings": (BODY, Recipe.repeating(b'["]",', tail=b"1")),
    "a tower with many roofs": (BODY, Recipe.repeating(b"[],", head=b"[" * 60, tail=b"1" + b"]" * 60)),
    "an expression that backtracks": (EXPRESSION, Recipe.repeating("a", tail="!")),
    "translations that are empty": (TRANSLATIONS, Recipe.repeating(b"{},")),
    "patches that are empty": (PATCHES, Recipe.repeating(b"{},")),
    "content types that are empty": (CONFIGURATION, Recipe.repeating(b"{},")),
    "metadata properties that are empty": (
        CONFIGURATION,
        Recipe.repeating(b"{},", head=b'{"metadata":[', tail=b"{}]},"),
    ),
    "names nobody knows": (IMAGES, Recipe.repeating(b'{"a":1},')),
}
