"""The shape of a question for the status of a job (spec 3.3); batches have theirs in imports/requests/."""

from collections.abc import Mapping

from livingdocs_import.validation.messages import missing, no_match_for
from livingdocs_import.validation.parameters import Parameters

EXPANSIONS = frozenset({"progress", "items"})


def status_query(query: Mapping[str, str]) -> tuple[str, frozenset[str]]:
    """The job's id, and the expansions (`?expand=progress,items`)."""
    given = Parameters(query)
    if "id" not in query:
        given.problems.add(missing("id"), "id")
    expand = frozenset(query.get("expand", "").split(",")) - {""}
    if others := expand - EXPANSIONS:
        given.problems.add(no_match_for(min(others)), "expand")
    given.refuse()
    return query["id"], expand
