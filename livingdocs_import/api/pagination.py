"""Pages: limit, offset, and from 2026-01 on a cursor; the order is always total (spec 2.8)."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from livingdocs_import import errors
from livingdocs_import.api.versions import Version
from livingdocs_import.api.views import ProjectView

DEFAULT_LIMIT = 100
MAX_LIMIT = 100
MAX_OFFSET = 2**31 - 1
MAX_SORT_VALUE = 2**63 - 1  # they are primary keys


@dataclass(frozen=True)
class Page:
    """What part of a list is asked for. `after`: the sort values of the last row of the page before, or None."""

    limit: int
    offset: int
    after: tuple[int, ...] | None


def page(view: ProjectView, *, sort_values: int = 1) -> Page:
    """The page that the request asks for; Invalid names the parameter (REF-14 to REF-16, VER-06).

    `sort_values`: by how many numbers the list is ordered, and so how many its cursors hold.
    """
    names = ("limit", "offset", "after") if has_cursor(view.version) else ("limit", "offset")
    query = view.query(*names)
    problems = {}
    limit = _number(query.get("limit", str(DEFAULT_LIMIT)))
    if limit is None or not 0 < limit <= MAX_LIMIT:
        problems["limit"] = f"must be an integer from 1 to {MAX_LIMIT}"
    offset = _number(query.get("offset", "0"))
    if offset is None or offset > MAX_OFFSET:
        problems["offset"] = "must be an integer >= 0"
    after = None
    if "after" in query:
        after = _decoded(query["after"], sort_values)
        if "offset" in query:
            problems["after"] = "must NOT be combined with offset"
        elif after is None:
            problems["after"] = "is not a cursor that this service has given out"
    if problems:
        raise errors.Invalid(problems)
    return Page(limit or DEFAULT_LIMIT, offset or 0, after)


def has_cursor(version: Version) -> bool:
    """From 2026-01 on lists come as `{total, cursor, results}` (VER-05)."""
    return version >= "2026-01"


def cursor(*sort_values: int) -> str:
    """An opaque mark for the row with these sort values."""
    return base64.urlsafe_b64encode(orjson.dumps({"a": sort_values})).decode()


def answer(view: ProjectView, results: Sequence[Any], *, total: int | None, last: tuple[int, ...] | None) -> Any:
    """The list in the version's shape; `last` are the sort values of the last result, None when there is none."""
    if not has_cursor(view.version):
        return results
    return {"total": total, "cursor": cursor(*last) if last else "", "results": results}


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def _decoded(text: str, length: int) -> tuple[int, ...] | None:
    try:
        values = orjson.loads(base64.urlsafe_b64decode(text))["a"]
    except (binascii.Error, ValueError, KeyError, TypeError):
        return None
    if not isinstance(values, list) or len(values) != length:
        return None
    fit = all(type(value) is int and 0 <= value <= MAX_SORT_VALUE for value in values)
    return tuple(values) if fit else None
