"""The documented options of metadata plugins: what is a slip away from one of them is refused (CFG-14).

`config` of a property is open: plugins have many options that only concern editors. But `maxLenght` would silently
limit nothing, so a key that is misspelt is refused, and a removed one with what took its place.
"""

from collections.abc import Mapping
from functools import cache

from livingdocs_import.validation.json_reader import Node
from livingdocs_import.validation.messages import UNKNOWN
from livingdocs_import.validation.nearest import NearestNames
from livingdocs_import.validation.problems import Kind

COMMON = ("hideFromForm", "required", "requiredErrorMessage", "index", "translatable")
_LENGTHS = ("minLength", "maxLength", "recommendedMinLength", "recommendedMaxLength", "allowNewlines", "dataProvider")
_DOCUMENTS = ("documentType", "contentType", "published", "prefillAuthor", "min", "max")
OPTIONS: Mapping[str, tuple[str, ...]] = {
    "li-text": _LENGTHS,
    "li-system-text": _LENGTHS,
    "li-integer": ("minValue", "maxValue", "dataProvider"),
    "li-enum": ("dataProvider",),
    "li-string-list": ("dataProvider",),
    "li-numeric-list": ("maxItems",),
    "li-document-reference": _DOCUMENTS,
    "li-document-references": _DOCUMENTS,
    "li-unique-id": ("regex", "regexErrorMessage", "uniquenessScope"),
    "li-tree": ("maxDepth", "allowedTypes", "multilang", "document"),
    "li-image": ("namedCrops",),
    "li-named-crops": ("namedCrops",),
    "li-list-reference": ("defaultCount",),
    "li-task-v2": (
        *("realtimeNotification", "icon", "showInTaskList", "isProofreading", "updateLastProofreadRevision"),
        *("requestDeadline", "linkToDashboard", "setPriority", "assignUsers", "requested", "accepted", "completed"),
        *("urgency", "modes"),
    ),
    "li-issue-management": ("documentCreationFlows",),
    "li-imatrics-nlp-tags": ("ignoredConceptTypes",),
    "li-push-messages": ("paramsSchema", "maxLength", "recommendedMaxLength", "handlerName"),
}
_SINCE_2026_05 = "was removed in release-2026-05; use {} of ui.config"
REMOVED: Mapping[str, Mapping[str, str]] = {
    "li-text": {"useAsTitle": "was removed in release-2023-07; nothing took its place"},
    "li-target-length": {
        "allowAnyNumber": _SINCE_2026_05.format("modes"),
        "unit": _SINCE_2026_05.format("modes"),
        "showExactCountCheckbox": _SINCE_2026_05.format("modes"),
    },
}


def refuse_misspelt(options: Node, plugin: str) -> None:
    """Report each key of `config` that is nearly an option of the plugin, or was one."""
    if options.takes_unknown_keys:
        return
    known, removed = (*COMMON, *OPTIONS.get(plugin, ())), REMOVED.get(plugin, {})
    for key in options.value:
        if key in removed:
            options[key].add_problem(removed[key])
        elif key not in known and (nearest := _nearest(known).nearest(key)) is not None:
            message = f"{UNKNOWN}; did you mean '{nearest}'?"
            options.problems.add(message, *options.path, key, kind=Kind.UNKNOWN_KEY, meant=nearest)


@cache
def _nearest(known: tuple[str, ...]) -> NearestNames:
    return NearestNames(known)
