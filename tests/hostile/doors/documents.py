"""The doors for documents: texts, content, metadata, and what operators are shown of them."""

from itertools import count
from typing import Any

import orjson

from documents.admin.story import story
from documents.content.html_scanner import start_tags
from documents.content.nesting import count as count_nesting
from documents.content.sanitizer import TooMuchMarkup, sanitiser
from documents.revisions import validate
from documents.revisions.parts import Parts
from documents.revisions.validate import Rules
from livingdocs_import.errors import Rejected
from tests.documents.content.living_times import config, design
from tests.hostile.harness import MEGABYTE, Door, Recipe

PER_MEGABYTE = 10.0  # seconds: ten times the budget of a document
MARKUP = (
    "<b>", "</b>", "<b class=1>", "<a href=/>", "<i>", "</i>", "<span>", "</span>", "<p>", "x<p>", "</p>", "<div>",
    "</div>", "<li>", "<dd>", "<ul>", "</ul>", "<h1>", "<table>", "<td>", "<svg>", "<select>", "<script>", "</script>",
    "<!--", "-->",
    "<a title='", '<a title="', ">", "<", "&", "&amp;", "&#1", " ", "x", "=", "/", "é", "\n",
)  # fmt: skip
VALUES = (
    b"[", b"]", b"{}", b"[]", b"1,", b'{"a":', b"}", b'{"$ref":"document","reference":{"id":1}},', b'{"mediaId":"a"},',
    b'"<b>",', b'"a",', b"null,", b'{"a":[[[{}]]]},',
)  # fmt: skip
_article = config.content_types["article"]


def checked(content: Any, metadata: Any = None, translations: Any = ()) -> None:
    numbers = count()
    rules = Rules(config, _article, design, True, lambda: f"doc-{next(numbers)}", {})
    validate.check(Parts("", content, metadata or {}, list(translations), None), rules)


def in_paragraphs(text: str) -> list[dict[str, Any]]:
    """The text in pieces, each below the limit of a text."""
    pieces = (text[start : start + 2_000] for start in range(0, len(text), 2_000))
    return [{"component": "quote", "content": {"text": piece}} for piece in pieces]


def read(body: bytes) -> Any:
    """What it holds; text that is no JSON opens no door."""
    try:
        return orjson.loads(body)
    except ValueError:
        return []


def free(value: Any) -> list[dict[str, Any]]:
    return [{"component": "anything", "content": {"include": {"service": "x", "params": {"a": value}}}}]


def hundred_times(given: Any) -> float:
    """Bytes of memory for JSON: a list or object of two bytes is a hundred in Python."""
    return 100 * len(given)


TEXT = Door("text", MARKUP, sanitiser(), refusals=(TooMuchMarkup,), seconds_per_megabyte=PER_MEGABYTE)
PLAIN = Door(
    "plain text", MARKUP, sanitiser(plain_text=True), refusals=(TooMuchMarkup,), seconds_per_megabyte=PER_MEGABYTE
)
NESTING = Door(
    "nesting", MARKUP, lambda text: count_nesting(text, most_open=200, most_renewed=10_000),
    seconds_per_megabyte=PER_MEGABYTE,
)  # fmt: skip
SCANNER = Door("markup", MARKUP, lambda text: sum(1 for _ in start_tags(text)), seconds_per_megabyte=PER_MEGABYTE)
STORY = Door("story", MARKUP, lambda text: story([{"component": "header", "content": {"title": text}}]))
TEXTS = Door(
    "texts of a document", MARKUP, checked, in_paragraphs, refusals=(Rejected,), seconds_per_megabyte=PER_MEGABYTE,
    most=4 * MEGABYTE, memory=lambda _: 200 * MEGABYTE,
)  # fmt: skip
CONTENT = Door(
    "values of a document", VALUES, lambda body: checked(free(read(body))), lambda body: b"[" + body + b"1]",
    refusals=(Rejected,), seconds_per_megabyte=PER_MEGABYTE, most=8 * MEGABYTE, memory=hundred_times,
)  # fmt: skip
TRANSLATIONS = Door(
    "translations of a document", VALUES, lambda body: checked([], {}, read(body)), lambda body: b"[" + body + b"1]",
    refusals=(Rejected,), seconds_per_megabyte=PER_MEGABYTE, most=8 * MEGABYTE, memory=hundred_times,
)  # fmt: skip

DOORS = [TEXT, PLAIN, NESTING, SCANNER, STORY, TEXTS, CONTENT, TRANSLATIONS]

BOLDS = "".join(f"<b class={number}>" for number in range(199))
FOUND = {
    "H5: formatting elements and blocks": (TEXT, Recipe.repeating("x<p>", head=f"<p>{BOLDS}")),
    "H5: in many texts": (TEXTS, Recipe.repeating("<p><b><b class=1><i><u>x<p>x<p>x<p>x<p>")),
    "M3: what looks like the beginning of a tag": (STORY, Recipe.repeating("< ")),
    "beginnings of breaks before the last one": (STORY, Recipe.repeating("<br ", tail="<br>")),
    "a number that is no character": (STORY, Recipe.repeating("1", head="&#")),
    "M4: links": (TEXTS, Recipe.repeating("<a data-li-document-ref=1>x</a>")),
    "M5: items within items": (TEXT, Recipe.repeating("<li><dd>")),
    "M6: arrays in arrays": (CONTENT, Recipe.repeating(b"[" * 95 + b"]" * 95 + b",")),
    "ends within attributes": (TEXT, Recipe.repeating('<div title="</div>">')),
    "objects in objects": (CONTENT, Recipe.repeating(b'{"a":' * 90 + b"1" + b"}" * 90 + b",")),
    "translations that are empty": (TRANSLATIONS, Recipe.repeating(b"{},")),
}
