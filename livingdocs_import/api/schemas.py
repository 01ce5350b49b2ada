"""Request shapes as JSON Schema, compiled once; violations in the words of the contract (spec 2.5)."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs
import orjson

from livingdocs_import import errors

UNKNOWN = "Additional properties not allowed"


def is_http_url(value: object) -> bool:
    """Whether this is an absolute http(s) URL without credentials or control characters: decided without any I/O."""
    if not isinstance(value, str):
        return True  # the type is another keyword's business
    if any(character < " " or character == "\x7f" or 0xD800 <= ord(character) <= 0xDFFF for character in value):
        return False
    try:
        parts = urlsplit(value)
        return (
            parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
        )
    except ValueError:
        return False


FORMATS: dict[str, Callable[[Any], bool]] = {"http-url": is_http_url}


class Schema:
    """One compiled request schema; thread-safe and meant to be a module constant."""

    def __init__(
        self, definition: Mapping[str, Any], formats: Mapping[str, Callable[[Any], bool]] | None = None
    ) -> None:
        self.definition = definition
        self._validator = jsonschema_rs.Draft202012Validator(
            dict(definition), formats={**FORMATS, **(formats or {})}, validate_formats=True
        )

    def problems(self, value: Any) -> dict[str, str]:
        """All violations by dotted path; {} when the value fits. The root's own path is `body`."""
        if self._validator.is_valid(value):
            return {}
        found: dict[str, str] = {}
        for error in self._validator.iter_errors(value):
            for path, message in _in_our_words(error):
                found.setdefault(path or "body", message)
        return found

    def accept(self, value: Any) -> Any:
        """The value itself, or `Invalid` with all problems (ERR-03 to ERR-06, ERR-09)."""
        if found := self.problems(value):
            raise errors.Invalid(found)
        return value


def prefixed(problems: Mapping[str, str], prefix: str) -> dict[str, str]:
    """The same problems one level deeper: `key` becomes `<prefix>.key`; the root's own becomes `<prefix>`."""
    return {prefix if path == "body" else f"{prefix}.{path}": message for path, message in problems.items()}


def _in_our_words(error: Any) -> list[tuple[str, str]]:
    path = ".".join(map(str, error.instance_path))
    kind = error.kind
    match kind.name:
        case "required":
            return [(_join(path, kind.property), f"Missing required property: {kind.property}")]
        case "additionalProperties":
            return [(_join(path, name), UNKNOWN) for name in kind.unexpected]
        case "falseSchema":
            return [(path, UNKNOWN)]
        case "enum":
            return [(path, f"No enum match for: {orjson.dumps(error.instance).decode()}")]
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
        case "format" if kind.format == "http-url":
            return [(path, 'must match format "uri" (http or https, without credentials)')]
        case "format":
            return [(path, f'must match format "{kind.format}"')]
        case _:
            return [(path, str(error.message))]


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
