"""A document's content for reading: its components by name, with their texts and pictures."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from documents.admin.readable_values import components, media_id_of, name_of, plain, subject_of, values_of
from livingdocs_import.validation.limits import quoted

MAX_COMPONENTS = 200  # components
MAX_TEXT = 5_000  # characters of a text
MAX_VALUE = 300  # characters of another value
MAX_LEVEL = 4  # deeper components are indented no further
# Names that designs give to headings and quotations: only their look depends on it.
HEADINGS = frozenset({"title", "headline", "header", "heading"})
QUOTATIONS = frozenset({"quote", "quotation", "pullquote"})


@dataclass(frozen=True)
class Part:
    """The value of one directive. `look`: title, quote, caption, text, picture or value."""

    look: str
    text: str
    media_id: str = ""  # of a picture


@dataclass(frozen=True)
class Block:
    """One component: its level, its name and its parts."""

    level: int
    name: str
    parts: tuple[Part, ...]


def story(content: list[dict[str, Any]]) -> list[Block]:
    """The first MAX_COMPONENTS components and one more, if there are more."""
    shown = islice(components(content), MAX_COMPONENTS + 1)
    return [
        Block(min(level, MAX_LEVEL), name_of(component), tuple(_parts(name_of(component), values_of(component))))
        for level, component in shown
    ]


def media_ids(blocks: list[Block]) -> set[str]:
    """The media entries that are shown."""
    return {part.media_id for block in blocks for part in block.parts if part.media_id}


def _parts(component: str, values: Mapping[str, Any]) -> Iterator[Part]:
    has_media = any(media_id_of(value) for value in values.values())
    for name, value in values.items():
        if media_id := media_id_of(value):
            yield Part("picture", media_id, media_id)
        elif isinstance(value, str):
            if text := plain(value):
                yield Part(_look(component, name, has_media=has_media), quoted(text, MAX_TEXT))
        elif text := subject_of(value):
            yield Part("value", quoted(text, MAX_VALUE))


def _look(component: str, directive: str, *, has_media: bool) -> str:
    if has_media:
        return "caption"
    if component.casefold() in QUOTATIONS:
        return "quote"
    return "title" if directive.casefold() in HEADINGS else "text"
