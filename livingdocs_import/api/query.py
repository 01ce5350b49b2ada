"""Query parameters as clients spell them: each once, in UTF-8; lists with commas or element by element."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote_plus, unquote_to_bytes

from livingdocs_import import errors
from livingdocs_import.validation.messages import UNKNOWN

TWICE = "must be given once"
_ELEMENT = re.compile(r"([^\[\]]+)\[(\d{0,4})\]", re.ASCII)


def read_query(
    sent: Iterable[tuple[str, list[Any]]], text: str, *, names: Iterable[str], lists: Iterable[str] = ()
) -> dict[str, str]:
    """The named parameters that were sent. `text` is WSGI's query string.

    `lists` are names of comma-separated ones: `ids[0]=a&ids[1]=b`, as the official SDK spells it, is `ids=a,b`
    (SDK-01), and so is `ids[]=a&ids[]=b`. Unknown, repeated or unstorable parameters are `Invalid`.
    """
    problems: dict[str, str] = {}
    given: dict[str, str] = {}
    elements: dict[str, list[tuple[int, str, list[str]]]] = {}
    garbled = garbled_parameters(text)
    for name, values in sent:
        element = _ELEMENT.fullmatch(name) if name not in names else None
        is_element = element is not None and element[1] in lists
        if name not in names and not is_element:
            problems[name] = UNKNOWN
        elif len(values) > 1 and not name.endswith("[]"):
            problems[name] = TWICE
        elif name in garbled or "\0" in "".join(values):
            problems[name] = "must NOT contain U+0000 or invalid UTF-8"
        elif element is not None:
            elements.setdefault(element[1], []).append((int(element[2] or 10_000), name, values))
        else:
            given[name] = str(values[0])
    for name, found in elements.items():
        problems |= _contradictions(name, found, given)
        given[name] = ",".join(value for _, _, values in sorted(found) for value in values)
    if problems:
        raise errors.Invalid(problems)
    return given


def _contradictions(
    name: str, elements: Iterable[tuple[int, str, list[str]]], given: Mapping[str, str]
) -> dict[str, str]:
    """Ambiguous spellings: a list in both forms, and two elements with one number (`[1]`, `[01]`)."""
    if name in given:
        return {element: f"must NOT be combined with {name}" for _, element, _ in elements}
    times = Counter(number for number, _, _ in elements)
    return {element: TWICE for number, element, _ in elements if times[number] > 1}


def garbled_parameters(query: str) -> set[str]:
    """The names of the parameters that are not UTF-8 in a WSGI query string.

    After decoding they cannot be distinguished from values that contain a replacement character.
    """
    if query.isascii() and "%" not in query:
        return set()
    return {unquote_plus(part.partition("=")[0]) for part in query.split("&") if not _is_utf8(part)}


def _is_utf8(part: str) -> bool:
    try:
        unquote_to_bytes(part.encode("latin-1")).decode()
    except UnicodeDecodeError:
        return False
    return True
