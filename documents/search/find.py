"""Finding publications: a page of ids in an order, how many there are, and where the next page begins.

Up to MAX_TOTAL matches are all fetched, with what they are sorted by, and sorted here: no database has to guess whether
it had better go through the matches or through the order, and what is dear to match, a phrase, is matched once. Of
more than that `total` is MAX_TOTAL: pages of the default order are then read from the index that has it, and relevance
is that of the newest MAX_TOTAL (docs/adr/0028).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import and_, itemgetter, or_
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable, OrderBy

from documents.models import IndexedPublication, IndexedValue
from documents.search.filters import Exists, Expression, Group, GroupKind, Range, Term
from documents.search.indexed import CATEGORY, CONTENT_TYPE, EXISTS, LANGUAGE, LANGUAGE_GROUP
from documents.search.orders import RELEVANCE, Order, cursor
from documents.search.properties import EMBARGO_UNTIL, EMBARGOED, Key, Kind
from livingdocs_import.db.lookups import planned_anew
from livingdocs_import.db.time_limit import time_limit
from livingdocs_import.models import Project
from livingdocs_import.search.lexeme_field import Relevance
from livingdocs_import.search.lexemes import LexemeQuery, term
from livingdocs_import.search.word_query import WordQuery

MAX_TOTAL = 10_000
MAX_LOOKS = 10  # ranges of which is asked how many documents they have, before all is asked together
SECONDS = 5.0  # for all questions to the database together
NOTHING = Q(pk__in=[])
_NOT_NULL = frozenset({"sort_date", "document_id"})
_ALWAYS_THERE = _NOT_NULL | {
    "content_type", "first_publication_date", "last_publication_date", "visible_publication_date", "has_embargo",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be found. All of it must hold; of each list one."""

    words: WordQuery | None
    expressions: Group
    content_types: Sequence[str] | None
    categories: Sequence[str] | None
    languages: Sequence[str] | None
    language_group: str | None
    orders: Sequence[Order]
    limit: int
    offset: int
    after: Sequence[Any] | None  # values of the row before the page, in the order
    now: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """A page. `cursor` is "" when it is empty."""

    total: int
    document_ids: Sequence[int]
    cursor: str


Row = tuple[Any, ...]  # the document's id, then the values of the order


def find(project: Project, asked: Asked, most: int = MAX_TOTAL) -> Found:
    """The page that is asked for; OutOfTime when that takes too long. More than `most` matches are not counted."""
    with time_limit(SECONDS), planned_anew():
        conditions = Conditions(project, asked.now, most).all_of(asked)
        matching = IndexedPublication.objects.filter(conditions, project=project)
        few = _few(matching, asked, most, are_all=not conditions)
        if not asked.limit:
            page: list[Row] = []
        elif few is not None:
            page = _cut(project, asked, few)
        elif any(order.key is RELEVANCE for order in asked.orders):
            page = _cut(project, asked, _stored(matching.order_by("-sort_date", "-pk"), asked, most))
        else:
            page = _walk(project, asked, matching)
    total = most if few is None else len(few)
    return Found(total, [row[0] for row in page], cursor(asked.orders, page[-1][1:]) if page else "")


# --- Few matches: sorted here ----------------------------------------------------------------------------------------


def _few(matching: QuerySet[IndexedPublication], asked: Asked, most: int, *, are_all: bool) -> Sequence[Row] | None:
    """All that match, or None if there are more than `most`. How many a project has, is counted in an index."""
    if are_all and matching.values("pk")[: most + 1].count() > most:
        return None
    rows = _stored(matching, asked, most + 1)
    return rows if len(rows) <= most else None


def _stored(matching: QuerySet[IndexedPublication], asked: Asked, limit: int) -> Sequence[Row]:
    """The ids of some rows, and what the rows themselves have of the values of the order."""
    columns = [order.key.column for order in asked.orders if order.key.column]
    return list(matching.values_list("pk", *columns)[:limit])


def _cut(project: Project, asked: Asked, stored: Sequence[Row]) -> list[Row]:
    """The page of these rows."""
    rows = _with_all_values(project, asked, stored) if stored else []
    for index, order in reversed(list(enumerate(asked.orders, 1))):
        missing = [row for row in rows if row[index] is None]
        rows = [row for row in rows if row[index] is not None]
        rows.sort(key=itemgetter(index), reverse=order.descending)
        rows += missing
    if asked.after is not None:
        after = asked.after
        rows = [row for row in rows if _comes_after(asked.orders, row[1:], after)]
    return rows[asked.offset : asked.offset + asked.limit]


def _with_all_values(project: Project, asked: Asked, stored: Sequence[Row]) -> list[Row]:
    """The rows with each value of the order, those of other tables included."""
    document_ids, *columns = map(list, zip(*stored, strict=True))
    here = iter(columns)
    values = [
        next(here) if order.key.column else map(_elsewhere(project, asked, order.key, document_ids).get, document_ids)
        for order in asked.orders
    ]
    return list(zip(document_ids, *values, strict=True))


def _elsewhere(project: Project, asked: Asked, key: Key, document_ids: Sequence[int]) -> Mapping[int, Any]:
    """The values of a key by the document's id."""
    if key is RELEVANCE:
        rows = IndexedPublication.objects.filter(pk__among=document_ids)
        return dict(rows.values_list("pk", _column(project, asked, key)))
    values = IndexedValue.objects.filter(document__among=document_ids, key=key.name, position=0)
    return dict(values.values_list("document", _value_of(key)))


def _comes_after(orders: Sequence[Order], values: Sequence[Any], after: Sequence[Any]) -> bool:
    for order, value, bound in zip(orders, values, after, strict=True):
        if value != bound:
            if value is None or bound is None:
                return value is None
            return bool(value < bound if order.descending else value > bound)
    return False


# --- Many: read in their order ---------------------------------------------------------------------------------------


def _walk(project: Project, asked: Asked, matching: QuerySet[IndexedPublication]) -> list[Row]:
    """The page, left to the database."""
    columns = {f"by_{index}": _column(project, asked, order.key) for index, order in enumerate(asked.orders)}
    matching = matching.annotate(**columns)
    if asked.after is not None:
        matching = matching.filter(_after(asked.orders, asked.after))
    ordered = matching.order_by(*(_ordered(order, name) for name, order in zip(columns, asked.orders, strict=True)))
    return list(ordered.values_list("pk", *columns)[asked.offset : asked.offset + asked.limit])


def _column(project: Project, asked: Asked, key: Key) -> Combinable:
    if key is RELEVANCE:
        assert asked.words is not None
        return Relevance(asked.words.queries(project.pk))
    if key.column:
        return F(key.column)
    values = IndexedValue.objects.filter(document=OuterRef("pk"), key=key.name, position=0)
    return Subquery(values.values(_value_of(key))[:1])


def _value_of(key: Key) -> str:
    """The column of IndexedValue that has the values of a key."""
    return "text" if key.kind is Kind.KEYWORD else "number"


def _ordered(order: Order, name: str) -> OrderBy | str:
    if order.key.column in _ALWAYS_THERE or order.key is RELEVANCE:
        return f"-{name}" if order.descending else name
    return F(name).desc(nulls_last=True) if order.descending else F(name).asc(nulls_last=True)


def _after(orders: Sequence[Order], values: Sequence[Any]) -> Q:
    """The rows that come after one with these values: further on in one key, and equal in those before it."""
    further, equal = NOTHING, Q()
    for index, (order, value) in enumerate(zip(orders, values, strict=True)):
        name = f"by_{index}"
        if value is not None:
            beyond = Q(**{f"{name}__{'lt' if order.descending else 'gt'}": value})
            further |= equal & (beyond | Q(**{f"{name}__isnull": True}))
        equal &= Q(**{name: value}) if value is not None else Q(**{f"{name}__isnull": True})
    first = orders[0]
    if first.key.column in _NOT_NULL:  # said once more, so that an index finds the place
        return Q(**{f"by_0__{'lte' if first.descending else 'gte'}": values[0]}) & further
    return further


# --- Conditions ------------------------------------------------------------------------------------------------------


class Conditions:
    """What is asked for as conditions on IndexedPublication."""

    def __init__(self, project: Project, now: datetime, most: int) -> None:
        self._project, self._now, self._most = project, now, most
        self._looks = MAX_LOOKS

    def all_of(self, asked: Asked) -> Q:
        queries = asked.words.queries(self._project.pk) if asked.words else []
        for key, values in (
            (CONTENT_TYPE, asked.content_types),
            (CATEGORY, asked.categories),
            (LANGUAGE, asked.languages),
            (LANGUAGE_GROUP, None if asked.language_group is None else [asked.language_group]),
        ):
            if values is not None:
                queries.append(self._has_one(key, values))
        return reduce(and_, map(_matches, queries), self._condition(asked.expressions))

    def _condition(self, expression: Expression) -> Q:
        match expression:
            case Group(kind, members):
                return _group(kind, [self._condition(member) for member in members])
            case Term(key, values):
                return self._term(key, values)
            case Range(key, bounds):
                return self._range(key, bounds)
            case Exists(key, wanted):
                exists = self._exists(key)
                return exists if wanted else ~exists

    def _term(self, key: Key, values: Sequence[tuple[Any, ...]]) -> Q:
        if key.name == EMBARGOED:
            in_force = Q(has_embargo=True) & (Q(embargo_until=None) | Q(embargo_until__gt=self._now))
            return reduce(or_, (in_force if value else ~in_force for (value,) in dict.fromkeys(values)), NOTHING)
        if key.column and key.kind in (Kind.MOMENT, Kind.DOCUMENT_ID):
            return Q(**{f"{key.column}__in": [value for (value,) in values]})
        if key.kind is not Kind.TEXT:
            return _matches(self._has_one(key.name, [value for (value,) in values]))
        # One condition, however many texts: SQLite takes an expression of a thousand levels at most.
        texts = (tuple(term(self._project.pk, key.name, word) for word in text) for text in values)
        return _matches(LexemeQuery(tuple(texts), in_order=False))

    def _has_one(self, key: str, values: Iterable[object]) -> LexemeQuery:
        return LexemeQuery(tuple((term(self._project.pk, key, value),) for value in values))

    def _range(self, key: Key, bounds: Sequence[tuple[str, Any]]) -> Q:
        if key.column:
            limits = Q(**{f"{key.column}__{name}": value for name, value in bounds})
            return limits & Q(has_embargo=True) if key.name == EMBARGO_UNTIL else limits
        numbers = {f"number__{name}": value for name, value in bounds}
        values = IndexedValue.objects.filter(project=self._project, key=key.name, **numbers).order_by()
        documents = values.values_list("document", flat=True)
        if self._looks:
            # PostgreSQL knows how numbers are spread, but not those of one key: it would often read all of them.
            self._looks -= 1
            if len(few := list(documents[: self._most + 1])) <= self._most:
                return Q(pk__among=few)
        return Q(pk__in=documents)

    def _exists(self, key: Key) -> Q:
        if key.name == EMBARGOED:
            return Q(has_embargo=True)
        if key.column:
            return Q(**{f"{key.column}__isnull": False})
        return _matches(self._has_one(EXISTS, [key.name]))


def _matches(query: LexemeQuery) -> Q:
    return Q(lexemes__matches=query) if query.alternatives else NOTHING


def _group(kind: GroupKind, members: Sequence[Q]) -> Q:
    """An empty group of `and` and `not` lets everything pass, one of `or` nothing."""
    if kind is GroupKind.AND:
        return reduce(and_, members, Q())
    any_of_them = reduce(or_, members, NOTHING)
    return ~any_of_them if kind is GroupKind.NOT else any_of_them
