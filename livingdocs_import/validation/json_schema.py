"""Request shapes as JSON Schema, compiled once; violations in the words of the contract (spec 2.5)."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from livingdocs_import import errors
from livingdocs_import.egress import url
from livingdocs_import.validation import limits
from livingdocs_import.validation.compiled_schema import CompiledSchema
from livingdocs_import.validation.limits import quoted

UNKNOWN = "Additional properties not allowed"
# What nearly everybody sends needs no parser: nothing in it can be read in two ways.
PLAIN_URL = r"https?://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,4}[a-z]{2,20}/[A-Za-z0-9_/.,;:=+%~&?#-]*"
_PLAIN_URL = re.compile(PLAIN_URL)


@dataclass(frozen=True)
class Format:
    """What `"format": name` demands of a string, and the words for what does not fit. Other types it lets pass.

    `plain`: a pattern of what fits at sight and nearly everybody sends; the validator then need not ask Python.
    """

    fits: Callable[[str], bool]
    message: str
    plain: str = ""


def is_http_url(text: str) -> bool:
    """Whether this is an absolute http(s) URL without credentials or control characters: decided without any I/O."""
    if _PLAIN_URL.fullmatch(text):
        return True
    try:
        url.parse(text)
    except url.InvalidURL:
        return False
    return True


FORMATS = {
    "http-url": Format(
        is_http_url, 'must match format "uri" (http or https, without credentials)', plain=f"^{PLAIN_URL}$"
    )
}


class Schema:
    """One compiled request schema; thread-safe and meant to be a module constant."""

    def __init__(self, definition: Mapping[str, Any], formats: Mapping[str, Format] | None = None) -> None:
        self.definition = definition
        self._formats = {**FORMATS, **(formats or {})}
        fits = {name: format_.fits for name, format_ in self._formats.items()}
        plain = {name: format_.plain for name, format_ in self._formats.items() if format_.plain}
        self._compiled = CompiledSchema(definition, fits, plain)

    def problems(self, value: Any) -> dict[str, str]:
        """The violations by dotted path, MAX_PROBLEMS at most; {} when the value fits. The root's own is `body`."""
        if self._compiled.fits(value):
            return {}
        problems: dict[str, str] = {}
        for steps, error in self._compiled.violations(value):
            for path, message in self._in_our_words(steps, error):
                problems.setdefault(path or "body", message)
            if len(problems) >= limits.MAX_PROBLEMS:
                break
        return problems

    def accept(self, value: Any) -> Any:
        """The value itself, or `Invalid` with all problems (ERR-03 to ERR-06, ERR-09)."""
        if problems := self.problems(value):
            raise errors.Invalid(problems)
        return value

    def _in_our_words(self, steps: Sequence[str | int], error: Any) -> list[tuple[str, str]]:
        path = ".".join(quoted(str(step)) for step in steps)
        kind = error.kind
        match kind.name:
            case "required":
                return [(_join(path, kind.property), f"Missing required property: {kind.property}")]
            case "additionalProperties":
                return [(_join(path, name), UNKNOWN) for name in kind.unexpected[: limits.MAX_PROBLEMS]]
            case "falseSchema":
                return [(path, UNKNOWN)]
            case "enum":
                return [(path, f"No enum match for: {quoted(orjson.dumps(error.instance).decode())}")]
            case "type":
                # That null would do as well is no help to whoever sent a number.
                wanted = [name for name in kind.types if name != "null"] or ["null"]
                return [(path, f"Invalid type: expected {' or '.join(wanted)}")]
            case "maxLength":
                return [(path, f"must NOT have more than {kind.limit} characters")]
            case "minLength":
                return [(path, f"must NOT have fewer than {kind.limit} characters")]
            case "maxItems":
                return [(path, f"must NOT have more than {kind.limit} items")]
            case "minItems":
                return [(path, f"must NOT have fewer than {kind.limit} items")]
            case "maximum":
                return [(path, f"must be <= {kind.limit}")]
            case "minimum":
                return [(path, f"must be >= {kind.limit}")]
            case "pattern":
                return [(path, f'must match pattern "{kind.pattern}"')]
            case "format":
                return [(path, self._formats[kind.format].message)]
            case _:
                return [(path, str(error.message))]


def prefixed(problems: Mapping[str, str], prefix: str) -> dict[str, str]:
    """The same problems one level deeper: `key` becomes `<prefix>.key`; the root's own becomes `<prefix>`."""
    return {prefix if path == "body" else f"{prefix}.{path}": message for path, message in problems.items()}


def _join(path: str, name: str) -> str:
    return f"{path}.{quoted(name)}" if path else quoted(name)
