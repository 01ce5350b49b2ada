"""DRF's hook for pages: limit, offset, in newer versions a cursor; the order is always total (spec 2.8)."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import orjson
from rest_framework.pagination import BasePagination
from rest_framework.request import Request

from livingdocs_import.api.responses import Response
from livingdocs_import.api.versions import Feature
from livingdocs_import.validation.parameters import Parameters

DEFAULT_LIMIT = 100
MAX_LIMIT = 100
MAX_OFFSET = 2**31 - 1
MAX_NUMBER = 2**63 - 1  # they are primary keys


class Listing(Protocol):
    """A list that is read in pages. Its order is total: each row has a number, and the highest comes first."""

    def page(self, *, limit: int, offset: int, before: int | None) -> tuple[list[dict[str, Any]], int | None]:
        """This many rows after the first `offset` of those below the number `before`, and the last one's number."""

    def total(self) -> int:
        """The number of rows."""


class VersionedPagination(BasePagination):
    """The requested page, in the shape of the version: an array, or an object with a cursor."""

    has_cursor: bool  # (VER-05)
    total: int | None = None
    last: int | None

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        """The rows of the page. `queryset` is a Listing. Raises Invalid, keyed by parameter."""
        listing: Listing = queryset
        self.has_cursor = view.version.has(Feature.CURSORS)
        names = ("limit", "offset", "after") if self.has_cursor else ("limit", "offset")
        page = _page(view.query(*names))
        results, self.last = listing.page(limit=page.limit, offset=page.offset, before=page.before)
        if self.has_cursor:
            self.total = listing.total()
        return results

    def get_paginated_response(self, data: Any) -> Response:  # type: ignore[override]
        if not self.has_cursor:
            return Response(data)
        cursor = "" if self.last is None else _encoded(self.last)
        return Response({"total": self.total, "cursor": cursor, "results": data})


class _Page(NamedTuple):
    limit: int
    offset: int
    before: int | None


def _page(query: Mapping[str, str]) -> _Page:
    """The page that is asked for; Invalid names what is wrong (REF-14 to REF-16, VER-06)."""
    given = Parameters(query)
    limit = given.number("limit", DEFAULT_LIMIT, least=1, most=MAX_LIMIT)
    offset = given.number("offset", 0, most=MAX_OFFSET, message="must be an integer >= 0")
    before = _decoded(query["after"]) if "after" in query else None
    if "after" in query and "offset" in query:
        given.problems.add("must NOT be combined with offset", "after")
    elif "after" in query and before is None:
        given.problems.add("is not a cursor that this service has given out", "after")
    given.refuse()
    return _Page(limit, offset, before)


def _encoded(number: int) -> str:
    """An opaque cursor for the row with this number."""
    return base64.urlsafe_b64encode(orjson.dumps({"a": [number]})).decode()


def _decoded(text: str) -> int | None:
    try:
        (number,) = orjson.loads(base64.urlsafe_b64decode(text))["a"]
    except (binascii.Error, ValueError, KeyError, TypeError):
        return None
    return number if type(number) is int and 0 <= number <= MAX_NUMBER else None
