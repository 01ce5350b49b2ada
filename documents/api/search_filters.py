"""Which publications a search asks for, and what of them is shown (spec 3.25)."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from documents.api import filters, responses, visibility
from documents.api.responses import CONTENT, METADATA, REFERENCES, SYSTEMDATA, Shown
from documents.models import Document
from documents.search import filters as expressions
from documents.search import orders
from documents.search.find import Asked, Found, find
from documents.search.properties import keys
from livingdocs_import import errors
from livingdocs_import.api.versions import Feature, Version
from livingdocs_import.db.time_limit import OutOfTime
from livingdocs_import.models import Project
from livingdocs_import.project_config import store
from livingdocs_import.search.word_query import WordQuery
from livingdocs_import.validation.parameters import Parameters

PARAMETERS = (
    "search", "contentTypes", "categories", "languages", "languageGroupId", "filters", "sort", "fields", "limit",
    "offset", *visibility.PARAMETERS,
)  # fmt: skip
LISTS = ("contentTypes", "categories", "languages", "sort", "fields")
DEFAULT_LIMIT, MAX_LIMIT, MAX_OFFSET = 10, 100, 10_000
MAX_LISTED = 100  # of one list
ID = "id"
FIELDS = (SYSTEMDATA, METADATA, CONTENT)
TOO_LONG = "The search takes too long; ask for less, or in the default order"


def parameters(version: Version) -> tuple[str, ...]:
    """The names of the query parameters: cursors are newer (VER-05)."""
    return (*PARAMETERS, "after") if version.has(Feature.CURSORS) else PARAMETERS


def search(project: Project, query: Mapping[str, str]) -> Found:
    """Find what the query asks for; Invalid names everything that is wrong with it, and says when it takes too long."""
    asked = _asked(project, query)
    try:
        return find(project, asked)
    except OutOfTime as error:
        raise errors.Invalid({"message": TOO_LONG}) from error


def rows(project: Project, found: Found, shown: Shown) -> Sequence[Mapping[str, Any]]:
    """What was found, as it is published now: what was unpublished a moment ago is left out (SEA-06)."""
    documents = Document.objects.of(project).published().in_bulk(list(found.document_ids))
    editions = filters.editions(project, [documents[each] for each in found.document_ids if each in documents])
    return responses.found_ids(editions) if ID in shown.fields else responses.documents(editions, shown)


def shown(query: Mapping[str, str]) -> Shown:
    """`fields`, and the conditions of components (SEA-07); `id` overrides the rest."""
    given = Parameters(query)
    fields = given.listed("fields", {*FIELDS, REFERENCES, ID})
    audience = visibility.audience(given, timezone.now())
    given.refuse()
    return Shown(FIELDS if fields is None else fields, audience)


def _asked(project: Project, query: Mapping[str, str]) -> Asked:
    given, now = Parameters(query), timezone.now()
    known = keys(store.readable(project))
    limit, offset = given.number("limit", DEFAULT_LIMIT, most=MAX_LIMIT), given.number("offset", 0, most=MAX_OFFSET)
    if "after" in query and "offset" in query:
        given.problems.add("must NOT be combined with offset", "after")
    lists = {name: given.listed(name, most=MAX_LISTED) for name in ("contentTypes", "categories", "languages")}
    words = given.read("search", lambda text: WordQuery.read(text, "search"))
    group = given.read("filters", lambda text: expressions.read(text, "filters", known, now))
    order = given.read(
        "sort", lambda text: orders.read(text, "sort", known, has_words=words is not None), default=orders.DEFAULT
    )
    after = None
    if order is not None:
        after = given.read("after", lambda text: orders.values_after(text, "after", order))
    given.refuse()
    return Asked(
        words,
        group or expressions.Group(expressions.GroupKind.AND, ()),
        lists["contentTypes"],
        lists["categories"],
        lists["languages"],
        query.get("languageGroupId"),
        order or (),
        limit,
        offset,
        after,
        now,
    )
