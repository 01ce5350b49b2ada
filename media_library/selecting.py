"""Which entries a list request asks for (spec 3.9)."""

from collections.abc import Mapping

from livingdocs_import import errors
from livingdocs_import.models import Project
from media_library.models import MediaEntry

MOST = 100  # ids in one request


def entries(project: Project, query: Mapping[str, str]) -> list[MediaEntry]:
    """The entries by `ids`, or by `externalId` (alias `externalIds`, comma-separated) with `systemName`.

    In the order of the request, each once; what does not exist is left out (MLL-04, MLL-08). Invalid names the
    parameter that is missing or too much.
    """
    problems = _problems(query)
    if problems:
        raise errors.Invalid(problems)
    if "ids" in query:
        field, wanted = "media_id", _listed(query["ids"])
        found = MediaEntry.objects.of(project).filter(media_id__in=wanted)
    else:
        field = "external_id"
        wanted = [query["externalId"]] if "externalId" in query else _listed(query["externalIds"])
        found = MediaEntry.objects.of(project).filter(system_name=query["systemName"], external_id__in=wanted)
    if len(wanted) > MOST:
        raise errors.Invalid({next(iter(query)): f"must NOT have more than {MOST} items"})
    by_id = {getattr(entry, field): entry for entry in found}
    return [by_id[one] for one in wanted if one in by_id]


def _problems(query: Mapping[str, str]) -> dict[str, str]:
    external = {"externalId", "externalIds"} & query.keys()
    if "ids" in query and (external or "systemName" in query):
        return {"ids": "must NOT be combined with externalId and systemName"}
    if len(external) == 2:
        return {"externalIds": "must NOT be combined with externalId"}
    if external and "systemName" not in query:
        return {"systemName": "Missing required property: systemName"}
    if "systemName" in query and not external:
        return {"externalId": "Missing required property: externalId"}
    if "ids" not in query and not external:
        return {"ids": "Missing required property: ids"}
    return {}


def _listed(value: str) -> list[str]:
    """The comma-separated values, each once, in their order."""
    return list(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))
