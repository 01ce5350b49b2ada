"""Request shapes as JSON Schema, compiled once; violations in the words of the contract (spec 2.5)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from livingdocs_import.egress import url
from livingdocs_import.validation import limits
from livingdocs_import.validation.compiled_schema import CompiledSchema
from livingdocs_import.validation.limits import quoted
from livingdocs_import.validation.messages import UNKNOWN, expected, missing, no_match
from livingdocs_import.validation.problems import Path, Problems, Step

# The common form that needs no parser: unambiguous for all of them.
PLAIN_URL = r"https?://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,4}[a-z]{2,20}/[A-Za-z0-9_/.,;:=+%~&?#-]*"
_PLAIN_URL = re.compile(PLAIN_URL)

_WORDS = {
    "maxLength": "must NOT have more than {kind.limit} characters",
    "minLength": "must NOT have fewer than {kind.limit} characters",
    "maxItems": "must NOT have more than {kind.limit} items",
    "minItems": "must NOT have fewer than {kind.limit} items",
    "maximum": "must be <= {kind.limit}",
    "minimum": "must be >= {kind.limit}",
    "pattern": 'must match pattern "{kind.pattern}"',
}


@dataclass(frozen=True)
class StringFormat:
    """What `"format": name` requires of a string, and the error text. Values of other types pass.

    `plain`: a pattern of the common values; the validator then need not call Python.
    """

    fits: Callable[[str], bool]
    message: str
    plain: str = ""


def is_http_url(text: str) -> bool:
    """Whether this is an absolute http(s) URL without credentials or control characters. Does no I/O."""
    if _PLAIN_URL.fullmatch(text):
        return True
    try:
        url.parse(text)
    except url.InvalidURL:
        return False
    return True


FORMATS = {
    "http-url": StringFormat(
        is_http_url, 'must match format "uri" (http or https, without credentials)', plain=f"^{PLAIN_URL}$"
    )
}


class Schema:
    """One compiled request schema; thread-safe and meant to be a module constant."""

    def __init__(self, definition: Mapping[str, Any], formats: Mapping[str, StringFormat] | None = None) -> None:
        self.definition = definition
        self._formats = {**FORMATS, **(formats or {})}
        fits = {name: format_.fits for name, format_ in self._formats.items()}
        plain = {name: format_.plain for name, format_ in self._formats.items() if format_.plain}
        self._compiled = CompiledSchema(definition, fits, plain)

    def check(self, value: Any, problems: Problems, *steps: Step) -> None:
        """Add the problems of the value, which is at these steps below the place of `problems`."""
        if self._compiled.fits(value):
            return
        reported = set()
        for steps_inside, error in self._compiled.violations(value):
            for last_step, message in self._in_our_words(error):
                path = (*steps_inside, *last_step)
                if path not in reported:  # the first violation at each place
                    reported.add(path)
                    problems.add(message, *steps, *path)
            if problems.is_over:
                return

    def problems(self, value: Any) -> Problems:
        """All problems of the value."""
        problems = Problems()
        self.check(value, problems)
        return problems

    def accept(self, value: Any) -> Any:
        """The value itself, or `Invalid` with all problems (ERR-03 to ERR-06, ERR-09)."""
        self.problems(value).refuse()
        return value

    def _in_our_words(self, error: Any) -> list[tuple[Path, str]]:
        """The message for one violation, and the property below its place that it concerns, if any."""
        kind = error.kind
        match kind.name:
            case "required":
                return [((kind.property,), missing(kind.property))]
            case "additionalProperties":
                return [((name,), UNKNOWN) for name in kind.unexpected[: limits.MAX_PROBLEMS]]
            case "falseSchema":
                return [((), UNKNOWN)]
            case "enum":
                return [((), no_match(quoted(orjson.dumps(error.instance).decode())))]
            case "type":
                # mentioning null would not help a client that sent a number
                wanted = [name for name in kind.types if name != "null"] or ["null"]
                return [((), expected(" or ".join(wanted)))]
            case "format":
                return [((), self._formats[kind.format].message)]
            case name:
                return [((), _WORDS[name].format(kind=kind) if name in _WORDS else str(error.message))]
