"""Functions that a configuration names and that this installation does not have: a warning, no problem (USE-11)."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings

from livingdocs_import.validation.problems import Kind, Problem

NOT_REGISTERED = (
    "has no effect yet: USAGE_LOG_FUNCTIONS of this installation has no '{}', so uses of this purpose stay pending"
)


def unregistered(config: Any) -> list[Problem]:
    """The functions of usage purposes (`recordUsageLogEntry`) that are not in USAGE_LOG_FUNCTIONS, by their paths.

    The configuration may be wrong: what is of another shape is passed over.
    """
    return [
        Problem(
            ("mediaCenter", "usagePurposes", index, "recordUsageLogEntry"),
            NOT_REGISTERED.format(name[:100]),
            Kind.VIOLATION,
        )
        for index, name in _named(config)
        if name not in settings.USAGE_LOG_FUNCTIONS
    ]


def _named(config: Any) -> Iterator[tuple[int, str]]:
    center = config.get("mediaCenter") if isinstance(config, Mapping) else None
    purposes = center.get("usagePurposes") if isinstance(center, Mapping) else None
    for index, purpose in enumerate(purposes if isinstance(purposes, list) else ()):
        name = purpose.get("recordUsageLogEntry") if isinstance(purpose, Mapping) else None
        if isinstance(name, str) and name:
            yield index, name
