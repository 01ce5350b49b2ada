"""Sanitise editable texts to inline HTML, or to plain text; everything else is removed and reported (spec 4.5).

nh3 removes what is not allowed. This module adds the rules of the directives (`plainText`, `tagAllowlist`,
`tagDenylist`), the report of removals, and a bound on the work of one text: it grows with the square of the nesting
depth and of the number of attributes of a tag, and with the elements that a parser reopens (`nesting.py`).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple, Protocol

import nh3

from documents.content import nesting
from documents.content.html_scanner import start_tags, unescaped
from documents.content.limits import (
    GROWTH_FREE,
    MAX_ATTRIBUTES,
    MAX_ATTRIBUTES_IN_ALL,
    MAX_GROWTH,
    MAX_OPEN,
    MAX_RENEWED,
    MAX_TAGS,
)

INLINE = frozenset(
    """a abbr acronym b bdi bdo big br cite code data del dfn em font i ins kbd mark nobr q rb rp rt rtc ruby s samp
    small span strike strong sub sup time tt u var wbr""".split()  # noqa: SIM905 as a list it would fill a page
)

# Removed including their content, which is not text.
_WITHOUT_TEXT = frozenset({"iframe", "math", "noembed", "noframes", "object", "script", "style", "svg", "template"})

# When one of these is removed, the words before and after it stay separate.
_APART = frozenset(
    """address article aside blockquote br caption center dd details dialog dir div dl dt fieldset figcaption figure
    footer form h1 h2 h3 h4 h5 h6 header hgroup hr legend li main menu nav ol option p pre search section summary table
    tbody td tfoot th thead tr ul""".split()  # noqa: SIM905
)

_ATTRIBUTES = {
    "*": {"class", "dir", "lang", "role", "title", "translate"},
    "a": {"download", "href", "hreflang", "rel", "target", "type"},
    "data": {"value"},
    "del": {"cite", "datetime"},
    "font": {"color"},
    "ins": {"cite", "datetime"},
    "q": {"cite"},
    "time": {"datetime"},
}
_ATTRIBUTE_PREFIXES = {"aria-", "data-"}  # data-li-document-ref and attributes of editors' own formats
_SCHEMES = {"ftp", "geo", "http", "https", "mailto", "sms", "tel", "webcal"}

# Most texts have a few of these in sequence, without attributes, which nh3 returns unchanged. Skipping it saves a fifth
# of an article's check. The excluded characters are those that it rewrites: references, brackets, and what the HTML
# standard drops or replaces.
_SIMPLE = frozenset({"b", "code", "em", "i", "mark", "q", "s", "small", "strong", "sub", "sup", "u"})
_SOME = 100
_SIMPLE_TEXT = r"[^<>&\0\r\xa0\ufeff]*+"

_BEGINNING = re.compile(r"<([a-zA-Z][^\s/>]*+)")
_NAME = re.compile(r"</?([a-zA-Z][^\s/>]*+)")
_TAG_LIKE = re.compile(r"<[a-zA-Z/!?]")
_CLEANED_TAG = re.compile(r"<[^<>]*+>")  # nh3 writes "<" and ">" for nothing else
_FEW = 16  # tags: too few for much work
_SHORT = 2_000  # characters: too few for many attributes
_MAX_NAMED = 20  # different removals in one report
_MAX_NAME = 40  # characters


class Sanitised(NamedTuple):
    """A sanitised text, and the removals: `<p>`, `<a onclick>`, `<!-->` for a comment."""

    text: str
    removed: tuple[str, ...] = ()


class TooMuchMarkup(ValueError):
    """Cleaning this text would take too long."""


class Sanitiser(Protocol):
    """Makes a text storable. `spend` gets the amount of markup: tags, and elements that are reopened."""

    def __call__(self, text: str, spend: Callable[[int], None] = ...) -> Sanitised: ...


def _unmetered(markup: int) -> None:
    """The default of `spend`: nothing is counted."""


def sanitiser(
    *, plain_text: bool = False, allowed: Iterable[str] | None = None, denied: Iterable[str] | None = None
) -> Sanitiser:
    """The function that sanitises texts under an editable directive's options.

    `plain_text` takes precedence over `allowed`, that over `denied` (a directive has one of them). Neither list can
    allow anything but inline HTML. The function is idempotent. It raises `TooMuchMarkup`.
    """
    if plain_text:
        return _plain
    if allowed is not None:
        return _inline(INLINE & {tag.lower() for tag in allowed})
    return _inline(INLINE - {tag.lower() for tag in denied or ()})


@lru_cache(maxsize=256)
def _inline(tags: frozenset[str]) -> Sanitiser:
    clean = _cleaner(tags)
    apart = _APART - tags
    boundary = boundaries(apart)
    is_clean = clean_at_sight(tags & _SIMPLE)

    def sanitise(text: str, spend: Callable[[int], None] = _unmetered) -> Sanitised:
        if "<" not in text or is_clean(text):
            return Sanitised(text)
        found = _weighed(text, spend)
        if not apart.isdisjoint(map(str.lower, _NAME.findall(text))):
            cleaned = _squeezed(clean(boundary.sub(r" \g<0>", text)))
        else:
            cleaned = clean(text)
            if cleaned == text:
                return Sanitised(text)
        if clean(cleaned) != cleaned:
            # A parser may build a tree that it would not read again (links within links): keep the text only.
            cleaned = _squeezed(_CLEANED_TAG.sub("", cleaned))
        _refuse_growth(text, cleaned)
        return Sanitised(cleaned, _difference(text if found is None else found, cleaned))

    return sanitise


def _cleaner(tags: frozenset[str]) -> Callable[[str], str]:
    return nh3.Cleaner(
        tags=set(tags),
        clean_content_tags=set(_WITHOUT_TEXT),
        attributes={tag: names for tag, names in _ATTRIBUTES.items() if tag == "*" or tag in tags},
        generic_attribute_prefixes=_ATTRIBUTE_PREFIXES,
        url_schemes=_SCHEMES,
        link_rel=None,  # keep the original rel
    ).clean


def clean_at_sight(tags: frozenset[str]) -> Callable[[str], re.Match[str] | None]:
    """Whether a text contains only some of these elements, not nested."""
    names = "|".join(sorted(tags)) or "(?!)"
    return re.compile(rf"{_SIMPLE_TEXT}(?:<({names})>{_SIMPLE_TEXT}</\1>{_SIMPLE_TEXT}){{0,{_SOME}}}+").fullmatch


def boundaries(tags: frozenset[str]) -> re.Pattern[str]:
    return re.compile(rf"</?(?:{'|'.join(sorted(tags))})(?![^\s/>])", re.IGNORECASE)


_text_of = _cleaner(frozenset())
_all_apart = boundaries(_APART)


def _plain(text: str, spend: Callable[[int], None] = _unmetered) -> Sanitised:
    """A text without tags is plain already, "Fish & Chips" as well as "3 < 4"; otherwise the tags are removed."""
    if "<" not in text or not _TAG_LIKE.search(text):
        return Sanitised(text)
    found = _weighed(text, spend)
    escaped = _squeezed(_text_of(_all_apart.sub(r" \g<0>", text)))
    kept = unescaped(escaped)
    # Text that would decode to a tag stays encoded: otherwise the next pass would take it for one.
    kept = escaped if _TAG_LIKE.search(kept) else kept
    _refuse_growth(text, kept)
    return Sanitised(kept, _difference(text if found is None else found, ""))


def _squeezed(text: str) -> str:
    return re.sub(r" {2,}", " ", text).strip(" ")


# --- Bounds ----------------------------------------------------------------------------------------------------------

_Tags = list[tuple[str, Mapping[str, str]]]


def _weighed(text: str, spend: Callable[[int], None]) -> _Tags | None:
    """Refuse too much markup and report the amount to `spend`; returns the start tags, if it had to read them."""
    tags = text.count("<")
    if tags > MAX_TAGS:
        raise TooMuchMarkup(f"must NOT have more than {MAX_TAGS} tags")
    spend(tags + (_renewed(text) if tags > _FEW else 0))
    return _read(text) if len(text) > _SHORT else None


def _renewed(text: str) -> int:
    """The number of elements a parser would have to reopen, at most."""
    begun = [name.lower() for name in _BEGINNING.findall(text)]
    if len(begun) <= MAX_OPEN and nesting.FORMATTING.isdisjoint(begun):
        return 0
    found = nesting.count(text, most_open=MAX_OPEN, most_renewed=MAX_RENEWED)
    if found.open > MAX_OPEN:
        raise TooMuchMarkup(f"must NOT have more than {MAX_OPEN} elements within each other")
    if found.renewed > MAX_RENEWED:
        raise TooMuchMarkup(f"must NOT have formatting elements that are interrupted more than {MAX_RENEWED} times")
    return found.renewed


def _read(text: str) -> _Tags:
    """The start tags; raises for too many attributes."""
    found: _Tags = []
    attributes = 0
    for name, present in start_tags(text):
        if len(present) > MAX_ATTRIBUTES:
            raise TooMuchMarkup(f"must NOT have tags with more than {MAX_ATTRIBUTES} attributes")
        attributes += len(present)
        if attributes > MAX_ATTRIBUTES_IN_ALL:
            raise TooMuchMarkup(f"must NOT have more than {MAX_ATTRIBUTES_IN_ALL} attributes")
        found.append((name, present))
    return found


def _refuse_growth(before: str, after: str) -> None:
    if len(after) > MAX_GROWTH * len(before) + GROWTH_FREE:
        raise TooMuchMarkup(f"must NOT grow to more than {MAX_GROWTH} times its length when it is sanitised")


# --- Removals --------------------------------------------------------------------------------------------------------


def _difference(before: str | _Tags, after: str) -> tuple[str, ...]:
    """The tags, and attributes of remaining tags, that are in `before` and not in `after`."""
    tags, attributes = _inventory(start_tags(before) if isinstance(before, str) else before)
    tags_left, attributes_left = _inventory(start_tags(after))
    gone = [f"<{name}>" for name in tags - tags_left]
    gone += [f"<{tag} {name}>" for tag, name in attributes - attributes_left if tag in tags_left]
    if len(gone) > _MAX_NAMED:
        gone[_MAX_NAMED:] = [f"{len(gone) - _MAX_NAMED} more"]
    return tuple(gone)


def _inventory(found: Iterable[tuple[str, Mapping[str, str]]]) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    tags: Counter[str] = Counter()
    attributes: Counter[tuple[str, str]] = Counter()
    for tag, names in found:
        tag = tag[:_MAX_NAME]
        tags[tag] += 1
        for name in names:
            attributes[tag, name[:_MAX_NAME]] += 1
    return tags, attributes


def text_length(text: str, *, plain_text: bool = False) -> int:
    """The number of characters a reader sees of a sanitised text: tags do not count, `&amp;` is one."""
    if plain_text or ("<" not in text and "&" not in text):
        return len(text)
    return len(unescaped(_text_of(text) if "<" in text else text))
