"""Values of a document's components as text for people: without tags, named by their subject."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from documents.content.html_scanner import unescaped
from livingdocs_import.admin import readable

_BREAKS = re.compile(r"(?i)<br ?/?>|</(?:p|li|h[1-6]|div|blockquote)>")
_TAGS = re.compile(r"<[^>]*>")
_END = object()
_SUBJECTS = ("href", "service", "html", "url", "title")  # what a value that is an object is named by, in this order


def plain(text: str) -> str:
    """The text without its tags. There are none after the last ">": searching for their ends would be quadratic."""
    text = _BREAKS.sub("\n", text)
    end = text.rfind(">") + 1
    return unescaped(_TAGS.sub("", text[:end]) + text[end:]).strip()


def media_id_of(value: Any) -> str:
    """The media entry that a value shows; "" for none."""
    media_id = value.get("mediaId") if isinstance(value, Mapping) else None
    return media_id if isinstance(media_id, str) else ""


def subject_of(value: Any) -> str:
    """A value that is no text, by what it is about: a link, a service, embedded HTML; otherwise as JSON."""
    if media_id := media_id_of(value):
        return media_id
    if isinstance(value, Mapping):
        names = (value[name] for name in _SUBJECTS if isinstance(value.get(name), str) and value[name])
        return readable.redacted(next(names, "")) or readable.json_lines(value)
    return "" if value is None else readable.json_lines(value)


def components(content: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Each component with its level, 0 for those of the document, in document order."""
    pending = [iter(content)] if isinstance(content, list) else []
    while pending:
        component = next(pending[-1], _END)
        if component is _END:
            pending.pop()
        elif isinstance(component, Mapping):
            yield len(pending) - 1, component
            containers = component.get("containers")
            inner = containers.values() if isinstance(containers, Mapping) else ()
            pending.append(child for children in inner if isinstance(children, list) for child in children)


def name_of(component: Mapping[str, Any]) -> str:
    """The name of a component in its design."""
    return str(component.get("component") or "component")


def values_of(component: Mapping[str, Any]) -> Mapping[str, Any]:
    """The values of its directives."""
    values = component.get("content")
    return values if isinstance(values, Mapping) else {}
