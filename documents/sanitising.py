"""What an editable text may hold: inline HTML, or no HTML at all; everything else is taken out and named (spec 4.5).

The taking out is nh3's work. Around it stand the rules of the directives (`plainText`, `tagAllowlist`, `tagDenylist`),
the report of what went missing, and a bound on the work one text may cause.
"""

import html
import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple

import nh3

from documents.markup import start_tags

INLINE = frozenset(
    """a abbr acronym b bdi bdo big br cite code data del dfn em font i ins kbd mark nobr q rb rp rt rtc ruby s samp
    small span strike strong sub sup time tt u var wbr""".split()  # noqa: SIM905 as a list it would fill a page
)

# Not only the tags go, but what is between them: it is no text.
_WITHOUT_TEXT = frozenset({"iframe", "math", "noembed", "noframes", "object", "script", "style", "svg", "template"})

# Where one of these is taken out, the words before and after it are not one word.
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
_ATTRIBUTE_PREFIXES = {"aria-", "data-"}  # data-li-document-ref and what editors' own formats add
_SCHEMES = {"ftp", "geo", "http", "https", "mailto", "sms", "tel", "webcal"}

# nh3's time grows with the square of how deep elements are nested, and of how many attributes one has. Within these
# bounds, a text of five thousand tags takes a few milliseconds; an article's longest has a few dozen.
MOST_TAGS = 5_000
MOST_OPEN = 200  # elements within each other
MOST_ATTRIBUTES = 200
_SHORT = 2_000  # characters; too little for many attributes

# These do not nest in themselves: they have no content, or the next one ends them.
_NOT_OPEN = frozenset(
    """area base br col dd dt embed hr img input li link meta option p param source tbody td tfoot th thead tr track
    wbr""".split()  # noqa: SIM905
)

# Most texts have a few of these, without attributes, one after the other. nh3 gives them back as they are, and to know
# that without asking saves a fifth of what the check of an article costs. The characters left out are those that it
# writes in another way: references, brackets, and what the HTML standard drops or replaces.
_SIMPLE = frozenset({"b", "code", "em", "i", "mark", "q", "s", "small", "strong", "sub", "sup", "u"})
_SOME = 100
_SIMPLE_TEXT = r"[^<>&\0\r\xa0\ufeff]*+"

_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*+)")
_TAG_LIKE = re.compile(r"<[a-zA-Z/!?]")
_ROUNDS = 4
_MOST_NAMED = 20  # different things in one report
_LONGEST_NAME = 40  # characters


class Sanitised(NamedTuple):
    """A text as it may be stored, and what had to go: `<p>`, `<a onclick>`, `<!-->` for a comment."""

    text: str
    removed: tuple[str, ...] = ()


class TooMuchMarkup(ValueError):
    """Cleaning this text would take too long."""


Sanitiser = Callable[[str], Sanitised]


def sanitiser(
    *, plain_text: bool = False, allowed: Iterable[str] | None = None, denied: Iterable[str] | None = None
) -> Sanitiser:
    """The function that makes texts storable under an editable directive's options.

    `plain_text` wins over `allowed`, that over `denied` (a directive has one of them). Neither list can let in what is
    not inline HTML. The function is stable: what it returned, it returns unchanged. It raises `TooMuchMarkup`.
    """
    if plain_text:
        return _plain
    if allowed is not None:
        return _inline(INLINE & {tag.lower() for tag in allowed})
    return _inline(INLINE - {tag.lower() for tag in denied or ()})


@lru_cache(maxsize=256)
def _inline(tags: frozenset[str]) -> Sanitiser:
    clean = _cleaner(tags)
    apart = _boundaries(_APART - tags)
    is_clean = _clean_at_sight(tags & _SIMPLE)

    def sanitise(text: str) -> Sanitised:
        if "<" not in text or is_clean(text):
            return Sanitised(text)
        _refuse_too_much(text)
        cleaned = clean(text)
        if cleaned == text:
            return Sanitised(text)
        if apart.search(text):
            cleaned = _squeezed(clean(apart.sub(r" \g<0>", text)))
        cleaned = _settled(cleaned, clean)
        return Sanitised(cleaned, _difference(text, cleaned))

    return sanitise


def _settled(cleaned: str, clean: Callable[[str], str]) -> str:
    """The text once cleaning changes it no more: a parser may build what it would not read again, links within links.

    What is still not the same after some rounds is somebody's attempt at something: of it, only the text stays.
    """
    for _ in range(_ROUNDS):
        again = clean(cleaned)
        if again == cleaned:
            return cleaned
        cleaned = again
    return _text_of(cleaned)


def _cleaner(tags: frozenset[str]) -> Callable[[str], str]:
    return nh3.Cleaner(
        tags=set(tags),
        clean_content_tags=set(_WITHOUT_TEXT),
        attributes={tag: names for tag, names in _ATTRIBUTES.items() if tag == "*" or tag in tags},
        generic_attribute_prefixes=_ATTRIBUTE_PREFIXES,
        url_schemes=_SCHEMES,
        link_rel=None,  # the sender's own rel stays
    ).clean


def _clean_at_sight(tags: frozenset[str]) -> Callable[[str], re.Match[str] | None]:
    """Whether a text has nothing but some of these elements, none within another."""
    names = "|".join(sorted(tags)) or "(?!)"
    return re.compile(rf"{_SIMPLE_TEXT}(?:<({names})>{_SIMPLE_TEXT}</\1>{_SIMPLE_TEXT}){{0,{_SOME}}}+").fullmatch


def _boundaries(tags: frozenset[str]) -> re.Pattern[str]:
    return re.compile(rf"</?(?:{'|'.join(sorted(tags))})(?![^\s/>])", re.IGNORECASE)


_text_of = _cleaner(frozenset())
_all_apart = _boundaries(_APART)


def _plain(text: str) -> Sanitised:
    """A text without a tag is plain already, "Fish & Chips" as well as "3 < 4"; of one with tags, the text is kept."""
    if "<" not in text or not _TAG_LIKE.search(text):
        return Sanitised(text)
    _refuse_too_much(text)
    escaped = _squeezed(_text_of(_all_apart.sub(r" \g<0>", text)))
    kept = html.unescape(escaped)
    # What reads as a tag once decoded stays encoded: else the next pass would take it for one.
    return Sanitised(escaped if _TAG_LIKE.search(kept) else kept, _difference(text, ""))


def _squeezed(text: str) -> str:
    return re.sub(r" {2,}", " ", text).strip(" ")


def _refuse_too_much(text: str) -> None:
    tags = text.count("<")
    if tags > MOST_TAGS:
        raise TooMuchMarkup(f"must NOT have more than {MOST_TAGS} tags")
    if tags > MOST_OPEN and _is_deep(text):
        raise TooMuchMarkup(f"must NOT have more than {MOST_OPEN} elements within each other")
    if len(text) > _SHORT and any(len(attributes) > MOST_ATTRIBUTES for _, attributes in start_tags(text)):
        raise TooMuchMarkup(f"must NOT have tags with more than {MOST_ATTRIBUTES} attributes")


def _is_deep(text: str) -> bool:
    """Whether too many elements are open at once; an end tag ends only what was begun under its name."""
    still_open: Counter[str] = Counter()
    depth = 0
    for slash, name in _TAG.findall(text):
        name = name.lower()
        if name in _NOT_OPEN:
            continue
        if not slash:
            still_open[name] += 1
            depth += 1
            if depth > MOST_OPEN:
                return True
        elif still_open[name]:
            still_open[name] -= 1
            depth -= 1
    return False


def _difference(before: str, after: str) -> tuple[str, ...]:
    """Which tags, and which attributes of the tags that stayed, are in `before` and not in `after`."""
    tags, attributes = _inventory(before)
    tags_left, attributes_left = _inventory(after)
    gone = [f"<{name}>" for name in tags - tags_left]
    gone += [f"<{tag} {name}>" for tag, name in attributes - attributes_left if tag in tags_left]
    if len(gone) > _MOST_NAMED:
        gone[_MOST_NAMED:] = [f"{len(gone) - _MOST_NAMED} more"]
    return tuple(gone)


def _inventory(fragment: str) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    tags: Counter[str] = Counter()
    attributes: Counter[tuple[str, str]] = Counter()
    for tag, names in start_tags(fragment):
        tag = tag[:_LONGEST_NAME]
        tags[tag] += 1
        attributes.update((tag, name[:_LONGEST_NAME]) for name in names)
    return tags, attributes


def text_length(text: str, *, plain_text: bool = False) -> int:
    """How many characters a reader sees of a sanitised text: tags do not count, `&amp;` is one."""
    if plain_text or ("<" not in text and "&" not in text):
        return len(text)
    return len(html.unescape(_text_of(text) if "<" in text else text))
