"""The documents as they are served and kept: made once in each process, at the first request."""

from functools import lru_cache
from itertools import pairwise
from typing import Any

import orjson
from drf_spectacular.renderers import OpenApiYamlRenderer

from livingdocs_import.api.versions import NAMES
from livingdocs_import.openapi.generator import VersionGenerator
from livingdocs_import.openapi.merge_patch import difference


@lru_cache(maxsize=len(NAMES))
def document(version: str) -> dict[str, Any]:
    """The OpenAPI document of this version. It is shared, and must not be changed."""
    return VersionGenerator(api_version=version).get_schema()


@lru_cache(maxsize=len(NAMES))
def as_json(version: str) -> bytes:
    """The document as compact JSON."""
    return orjson.dumps(document(version))


@lru_cache(maxsize=len(NAMES))
def as_yaml(version: str) -> bytes:
    """The document as YAML."""
    text: bytes = OpenApiYamlRenderer().render(document(version))
    return text


def snapshots() -> dict[str, bytes]:
    """All documents as files, by name, for people to read changes of: the oldest whole, of each other one what differs.

    A difference is a JSON Merge Patch of the preceding version.
    """
    files = {f"{NAMES[0]}.json": _readable(document(NAMES[0]))}
    for before, name in pairwise(NAMES):
        files[f"{name}.patch.json"] = _readable(difference(document(before), document(name)))
    return files


def _readable(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE | orjson.OPT_SORT_KEYS)
