"""Find the publication events that a request selects (spec 3.23)."""

from collections.abc import Mapping
from typing import Any

from documents.models import PublicationEvent
from livingdocs_import.models import Project
from livingdocs_import.project_config.content_types import DOCUMENT_TYPES
from livingdocs_import.validation.messages import expected
from livingdocs_import.validation.parameters import Parameters, bounded, whole

PARAMETERS = ("limit", "reverse", "after", "contentTypes", "documentTypes", *bounded("id", "createdAt"))
LISTS = ("contentTypes", "documentTypes")
DEFAULT_LIMIT, MAX_LIMIT = 100, 1_000


def events(project: Project, query: Mapping[str, str]) -> list[PublicationEvent]:
    """The events in the order of their numbers (`reverse`: the last one first), up to the limit."""
    given = Parameters(query)
    limit, backwards = given.number("limit", DEFAULT_LIMIT, most=MAX_LIMIT), given.flag("reverse")
    lookups: dict[str, Any] = given.number_bounds("id", "number") | _after(given)
    lookups |= given.moment_bounds("createdAt", "created_at")
    if (content_types := given.listed("contentTypes")) is not None:
        lookups["content_type__in"] = content_types
    if (document_types := given.listed("documentTypes", DOCUMENT_TYPES)) is not None:
        lookups["document_type__in"] = document_types
    given.refuse()
    rows = PublicationEvent.objects.filter(project=project, **lookups)
    return list(rows.order_by("-number" if backwards else "number")[:limit])


def _after(given: Parameters) -> dict[str, int]:
    """`after`: the id of an event, in every version, and never a cursor (EVT-02)."""
    if (text := given.query.get("after")) is None:
        return {}
    if any(name.startswith("id.") for name in given.query):
        given.problems.add("must NOT be combined with id", "after")
    elif (number := whole(text)) is None:
        given.problems.add(expected("integer"), "after")
    else:
        return {"number__gt": number}
    return {}
