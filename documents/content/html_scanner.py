"""Read the start tags of an HTML fragment and their attributes in one pass.

For inspection, not for sanitizing: it follows the HTML standard closely enough to list a fragment's markup, in time
proportional to its length for any input. The sanitizer decides what may stay.
"""

import html
import re
from collections.abc import Iterator

COMMENT = "!--"  # the name under which comments, doctypes and processing instructions are reported

# Elements whose content is text for the parser: a "<b>" in a script is not a tag.
_TEXT_ONLY = frozenset({"iframe", "noembed", "noframes", "noscript", "script", "style", "textarea", "title", "xmp"})

_MAX_ATTRIBUTES = 1_000  # of one tag; others are ignored
_ENDLESS = re.compile(r"&#[0-9]{20,}+;?+")  # no character has such a number

_OPENING = re.compile(r"<(?:(?P<comment>!--)|(?P<other>[!?])|(?P<name>[a-zA-Z][^\s/>]*+))")
_ATTRIBUTE = re.compile(
    r"""[\s/]*+ (?: (?P<end>>)
                  | (?P<name>[^\s/>][^\s/>=]*+) (?: \s*+ = \s*+ (?: "(?P<double>[^"]*)" | '(?P<single>[^']*)'
                                                                  | (?P<bare>[^\s>"'][^\s>]*+) )? )? )""",
    re.VERBOSE,
)


def start_tags(fragment: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Every start tag as (lower-case name, attributes), in document order; comments as (`COMMENT`, {}).

    Attribute names are lower-case, values decoded; of a repeated attribute the first counts, of endless ones the first
    thousand. A tag that is cut off by the end of the fragment is reported too.
    """
    position = 0
    while opening := _OPENING.search(fragment, position):
        position = opening.end()
        name = opening["name"]
        if name is None:
            yield COMMENT, {}
            position = _after(fragment, "-->" if opening["comment"] else ">", position)
            continue
        name = name.lower()
        attributes: dict[str, str] = {}
        while found := _ATTRIBUTE.match(fragment, position):
            position = found.end()
            if found["end"]:
                break
            if len(attributes) < _MAX_ATTRIBUTES:
                value = found["double"] or found["single"] or found["bare"] or ""
                attributes.setdefault(found["name"].lower(), unescaped(value) if "&" in value else value)
        else:
            position = len(fragment)
        yield name, attributes
        if name in _TEXT_ONLY:
            closing = re.compile(rf"</{name}", re.IGNORECASE).search(fragment, position)
            position = closing.end() if closing else len(fragment)


def unescaped(text: str) -> str:
    """A text with its character references decoded; numbers too long for Python to parse are not characters."""
    try:
        return html.unescape(text)
    except ValueError:
        return html.unescape(_ENDLESS.sub("\ufffd", text))


def _after(fragment: str, mark: str, position: int) -> int:
    found = fragment.find(mark, position)
    return len(fragment) if found < 0 else found + len(mark)
