"""A document of the repository as HTML for a strict Content-Security-Policy: no style attributes, no raw HTML."""

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_NOT_IN_ANCHORS = re.compile(r"[^\w\- ]")


class Document(NamedTuple):
    """Its title, the first heading, and all of it as HTML."""

    title: str
    html: SafeString


def document(path: str, text: str, known: Collection[str]) -> Document:
    """The document at a path; links to documents that are not known become text."""
    tokens = MARKDOWN.parse(text)
    headings = dict(_headings(tokens))
    for heading, words in headings.items():
        tokens[heading].attrSet("id", anchor(words))
    for token in _each(tokens):
        token.attrs.pop("style", None)  # the alignment of a column
        if token.type == "link_open" and not _leads_somewhere(path, str(token.attrGet("href")), known):
            token.attrs.pop("href")
    html = MARKDOWN.renderer.render(tokens, MARKDOWN.options, {})
    return Document(next(iter(headings.values()), path), mark_safe(html))  # noqa: S308 (raw HTML is escaped)


def anchor(heading: str) -> str:
    """The fragment that leads to a heading, as code hosts make it: "A quota is full" is `a-quota-is-full`."""
    return _NOT_IN_ANCHORS.sub("", heading.lower()).replace(" ", "-")


def _headings(tokens: list[Token]) -> Iterator[tuple[int, str]]:
    """The position of each heading, and its words."""
    for position, token in enumerate(tokens):
        if token.type == "heading_open":
            yield position, "".join(part.content for part in tokens[position + 1].children or ())


def _each(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from token.children or ()


def _leads_somewhere(path: str, href: str, known: Collection[str]) -> bool:
    parts = urlsplit(href)
    if parts.scheme or not parts.path:
        return True
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), parts.path)) in known
