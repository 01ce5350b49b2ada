"""Rules for a single JSON value, and the messages for values that break them (spec 2.5)."""

import json
from collections.abc import Callable
from typing import Any

from livingdocs_import.validation.limits import MAX_ID, beginning
from livingdocs_import.validation.messages import expected, missing, no_match

Rule = Callable[[Any], str | None]  # the message if the value breaks the rule


def not_one_of(value: Any) -> str:
    return no_match(beginning(json.dumps(value, ensure_ascii=False)))


def is_number(value: Any) -> bool:
    """Whether it is a number in JSON, where true is not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def text(value: Any) -> str | None:
    return None if isinstance(value, str) else expected("string")


def filled(value: Any) -> str | None:
    """A string of at least one character."""
    if not isinstance(value, str):
        return expected("string")
    return None if value else "must NOT have fewer than 1 characters"


def an_id(value: Any) -> str | None:
    """A string that identifies something: it is limited, as references repeat it and columns store it."""
    message = filled(value)
    return f"must NOT have more than {MAX_ID} characters" if not message and len(value) > MAX_ID else message


def positive(value: Any) -> str | None:
    if not is_number(value):
        return expected("number")
    return None if value > 0 else "must be > 0"


def not_negative(value: Any) -> str | None:
    if not is_number(value):
        return expected("number")
    return None if value >= 0 else "must be >= 0"


def an_object(value: Any) -> str | None:
    return None if isinstance(value, dict) else expected("object")


def objects(value: Any) -> str | None:
    """An array of objects."""
    if not isinstance(value, list):
        return expected("array")
    return None if all(isinstance(item, dict) for item in value) else "must hold objects only"


def required(name: str, value: Any, rule: Rule) -> str | None:
    """The message for a missing property, or one that breaks a rule."""
    return missing(name) if value is None else rule(value)
