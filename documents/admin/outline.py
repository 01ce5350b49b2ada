"""A document's content as lines for people: its components, and the beginnings of their texts."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from livingdocs_import.validation.limits import quoted

MAX_COMPONENTS = 200  # components
MAX_TEXT = 160  # characters of a text
_TAGS = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class Line:
    """One component: its level, name and text."""

    indent: range  # one step for each level
    name: str
    text: str


def outline(content: list[dict[str, Any]]) -> list[Line]:
    """The first MAX_COMPONENTS components and one more, if there are more."""
    return list(islice(_lines(content, 0), MAX_COMPONENTS + 1))


def _lines(content: list[dict[str, Any]], depth: int) -> Iterator[Line]:
    for component in content:
        yield Line(range(depth), component.get("component", ""), _text(component.get("content") or {}))
        for inner in (component.get("containers") or {}).values():
            yield from _lines(inner, depth + 1)


def _text(values: dict[str, Any]) -> str:
    texts = (_said(value) if isinstance(value, str) else _named(value) for value in values.values())
    text = " · ".join(text for text in texts if text)
    return quoted(text, MAX_TEXT)


def _said(text: str) -> str:
    """The text without its tags. There are none after the last ">": searching for their ends would be quadratic."""
    end = text.rfind(">") + 1
    return _TAGS.sub("", text[:end]) + text[end:]


def _named(value: Any) -> str:
    """The subject of a directive's value: an entry, a service, a link."""
    names = ("mediaId", "service", "href")
    return next((str(value[name]) for name in names if isinstance(value, dict) and value.get(name)), "")
