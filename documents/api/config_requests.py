"""The shape of requests about the project's configuration (spec 3.17)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from livingdocs_import.validation.json_schema import Schema
from livingdocs_import.validation.messages import missing
from livingdocs_import.validation.problems import Problems

# The official command-line client says `channelConfig` for both paths; the other name is ours.
NAMES = ("channelConfig", "projectConfig")
REQUEST = Schema(
    {
        "type": "object",
        "additionalProperties": False,
        "properties": {"plan": {"type": "boolean"}, **{name: {"type": "object"} for name in NAMES}},
    }
)


@dataclass(frozen=True, slots=True)
class ConfigRequest:
    """A configuration, to be published or only planned."""

    config: Mapping[str, Any]
    plan: bool


def config_request(body: Any) -> ConfigRequest:
    """The body of a POST, or `Invalid` with all problems. What is wrong with the configuration is said later."""
    REQUEST.accept(body)
    problems, given = Problems(), [name for name in NAMES if name in body]
    if not given:
        problems.add(missing(NAMES[0]), NAMES[0])
    for name in given[1:]:
        problems.add(f"must NOT be combined with {NAMES[0]}", name)
    problems.refuse()
    return ConfigRequest(body[given[0]], body.get("plan", False))
