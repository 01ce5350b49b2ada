"""The order of what is found: `-sortDate,metadata.rating`, and cursors that go on after a row of it.

The order is always total: the document's id decides last. Rows without a value come last, whichever way it goes.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from documents.search.filters import unknown
from documents.search.properties import EMBARGOED, FIXED, SORT_DATE, SORTED, Key, Kind
from livingdocs_import import errors
from livingdocs_import.validation.nearest import NearestNames
from livingdocs_import.validation.storable_json import MAX_INTEGER
from livingdocs_import.validation.value_types import instant

MAX_ORDERS = 8
RELEVANCE = Key("relevance", Kind.NUMBER)
# Dates are sorted by as they are filtered by; the counts of components and characters are not offered.
_NOT_SORTED = {EMBARGOED, "statistics.characterCount"}
DEFAULT = "-sortDate"
FOREIGN = "is not a cursor that this service has given out"


@dataclass(frozen=True, slots=True)
class Order:
    """A key to sort by."""

    key: Key
    descending: bool

    def __str__(self) -> str:
        return f"-{self.key.name}" if self.descending else self.key.name


TIE = Order(FIXED["documentId"], descending=True)


def read(text: str, name: str, keys: Mapping[str, Key], *, has_words: bool) -> tuple[Order, ...]:
    """From the value of the parameter of this name, the tie at its end. Relevance counts only with words."""
    sortable = {key.name: key for key in keys.values() if _is_sorted(key)}
    sortable |= {SORT_DATE.name: SORT_DATE, RELEVANCE.name: RELEVANCE}
    wanted = [part for each in text.split(",") if (part := each.strip())]
    if len(wanted) > MAX_ORDERS:
        raise errors.Invalid({name: f"must NOT have more than {MAX_ORDERS} items"})
    orders: dict[str, Order] = {}
    for each in wanted:
        handle = each.removeprefix("-")
        if (key := sortable.get(handle)) is None:
            why = "cannot be sorted by" if handle in keys else unknown(handle, sortable, NearestNames(sortable))
            raise errors.Invalid({name: f"'{handle[:100]}' {why}"})
        if key is not RELEVANCE or has_words:
            orders.setdefault(handle, Order(key, each.startswith("-")))
    if not orders:
        orders[SORT_DATE.name] = Order(SORT_DATE, descending=True)
    orders.setdefault(TIE.key.name, TIE)
    return tuple(orders.values())


def _is_sorted(key: Key) -> bool:
    return key.kind in SORTED and key.name not in _NOT_SORTED and not key.name.startswith("statistics.")


# --- Cursors ---------------------------------------------------------------------------------------------------------


def cursor(orders: Sequence[Order], values: Sequence[Any]) -> str:
    """An opaque mark for the row with these values in this order."""
    marks = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(orjson.dumps({"s": _spelled(orders), "a": marks})).decode()


def values_after(text: str, name: str, orders: Sequence[Order]) -> tuple[Any, ...]:
    """The values of a cursor; Invalid for what is none, and for one of another order."""
    try:
        mark = orjson.loads(base64.urlsafe_b64decode(text))
        spelled, marks = mark["s"], mark["a"]
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise errors.Invalid({name: FOREIGN}) from error
    if spelled != _spelled(orders):
        raise errors.Invalid({name: "is a cursor of another sort"})
    if not isinstance(marks, list) or len(marks) != len(orders):
        raise errors.Invalid({name: FOREIGN})
    try:
        return tuple(_value(order.key, each) for order, each in zip(orders, marks, strict=True))
    except ValueError as error:
        raise errors.Invalid({name: FOREIGN}) from error


def _spelled(orders: Sequence[Order]) -> str:
    return ",".join(map(str, orders))


def _value(key: Key, mark: Any) -> Any:
    """ValueError for what no row has."""
    if mark is None:
        if key.kind is Kind.DOCUMENT_ID:
            raise ValueError(mark)
        return None
    match key.kind:
        case Kind.MOMENT if key.column and (moment := instant(mark)) is not None:
            return moment
        case Kind.MOMENT | Kind.NUMBER if not key.column and isinstance(mark, int | float) and mark is not True:
            return float(mark)
        case Kind.DOCUMENT_ID if type(mark) is int and 0 <= mark <= MAX_INTEGER:
            return mark
        case Kind.KEYWORD if isinstance(mark, str) and "\0" not in mark:
            return mark
    raise ValueError(mark)
