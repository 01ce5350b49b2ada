"""Plugins of the newsroom: categories, routes, lengths, tasks, searches, and stored values of other systems."""

from livingdocs_import.metadata.registry import Context, simple
from livingdocs_import.validation.value_types import Anything, Flag, Integer, List, Moment, Record, Text, ValueType

DOCUMENT, INCLUDE = Context.DOCUMENT, Context.INCLUDE

simple(DOCUMENT | INCLUDE, Record({"id": Text(), "path": Text()}, required=("id",)), "li-category")
simple(DOCUMENT, Record({"path": Text()}, required=("path",)), "li-routing")
simple(
    DOCUMENT,
    Record({"characters": Integer(least=0), "unit": Text(), "isChecked": Flag()}, required=("characters",)),
    "li-target-length",
    "li-system-target-length",
)

TASK_STATES = ("requested", "accepted", "completed")
TASK_STEP = Record({"date": Moment(), "user": Integer()})
TASK: dict[str, ValueType] = {
    "state": Text(choices=frozenset(TASK_STATES)),
    "deadline": Moment(),
    "priority": Text(choices=frozenset({"high"})),
    "assignees": List(Integer()),
    "mode": Text(),
    "data": Anything(),
    **dict.fromkeys(TASK_STATES, TASK_STEP),
}
simple(DOCUMENT, Record(TASK, required=("state",)), "li-task-v2")

simple(DOCUMENT, Record({"start": Moment(), "end": Moment(), "duration": Text()}), "li-exposure-boost")
simple(DOCUMENT, Record({"js": List(Anything()), "css": List(Anything())}), "li-dependencies")
simple(
    INCLUDE,
    Record(
        {
            "baseFilters": Anything((list,)),
            "displayFilterStates": Anything((list,)),
            "sort": Text(),
            "limit": Integer(least=0),
        }
    ),
    "li-document-search",
)

# Planning, agencies, tagging, print, teams: objects (or arrays) of other systems, stored as they come.
simple(
    DOCUMENT,
    Anything((dict, list)),
    "li-buy-in",
    "li-desknet-global",
    "li-desknet-integration",
    "li-desknet-schedule",
    "li-distribution-dates",
    "li-distribution-planning",
    "li-distribution-schedule",
    "li-document-soft-lock",
    "li-estimated-time-of-completion",
    "li-imatrics-nlp-tags",
    "li-kordiam-global",
    "li-kordiam-integration",
    "li-kordiam-schedule",
    "li-print",
    "li-push-messages",
    "li-push-notifications",
    "li-retresco",
    "li-team",
)
