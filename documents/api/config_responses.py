"""What goes out about the project's configuration, in the contract's shape (spec 3.17).

The official command-line client prints faults only of an answer with 200, and says that nothing has changed where
`patches` is missing; so the answer to a publication repeats them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import re2

from documents.config_consequences import said_of_removed
from livingdocs_import.project_config.publishing import Outcome
from livingdocs_import.project_config.shown import patch_members
from livingdocs_import.validation.problems import Kind, Problem, json_pointer

MAX_WARNINGS = 10  # headers of one answer
_NOT_IN_FILE_NAMES = re2.compile(r"[^\pL\pN]+")


def outcome(outcome: Outcome, *, plan: bool, secrets: bool) -> dict[str, Any]:
    """What a configuration was found to be (CFG-07 to CFG-11)."""
    if outcome.problems:
        return {"ok": False, "plan": plan, **_faults(outcome.problems)}
    body: dict[str, Any] = {
        "ok": True,
        "plan": plan,
        "patches": [patch_members(each, secrets=secrets) for each in outcome.patches],
    }
    if not plan:
        body["revisionNumber"] = outcome.revision
    if outcome.design_version:
        body["designVersion"] = outcome.design_version
    return body


def _faults(problems: Iterable[Problem]) -> dict[str, list[dict[str, str]]]:
    faults: dict[str, list[dict[str, str]]] = {"schemaErrors": [], "violations": []}
    for problem in problems:
        kind = "violations" if problem.kind is Kind.VIOLATION else "schemaErrors"
        faults[kind].append({"pointer": json_pointer(problem.path), "message": problem.message})
    return {kind: found for kind, found in faults.items() if found}


# --- Warnings --------------------------------------------------------------------------------------------------------


def warnings(outcome: Outcome, content_types_in_use: Iterable[str]) -> list[str]:
    """What the command-line client should print although the configuration is fine."""
    if outcome.problems:
        return []
    return [*map(said_of_removed, content_types_in_use), *(str(each) for each in outcome.warnings)][:MAX_WARNINGS]


def clashes(config: Mapping[str, Any]) -> list[str]:
    """The command-line client downloads a file for each element, and some would have the same name."""
    return [*_clashes(config)][:MAX_WARNINGS]


def _clashes(config: Mapping[str, Any]) -> Iterator[str]:
    for key, elements in config.items():
        names = defaultdict(list)
        for element in elements if isinstance(elements, list) else ():
            name = _name(element)
            if name is not None:
                names[_NOT_IN_FILE_NAMES.sub("", name).casefold()].append(name)
        for same in names.values():
            if len(same) > 1:
                yield f"{key}: '{same[0]}' and '{same[1]}' have the same file name when they are downloaded"


def _name(element: Any) -> str | None:
    if not isinstance(element, Mapping):
        return None
    return next((str(element[key]) for key in ("handle", "id", "name") if element.get(key)), None)
