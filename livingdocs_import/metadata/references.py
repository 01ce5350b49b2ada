"""The references of a metadata value: to documents, media entries, lists and language groups (spec 4.4, 4.6).

The readers take any JSON value, also one stored under another configuration, and never raise: a malformed reference is
ignored.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from livingdocs_import.validation.limits import MAX_ID
from livingdocs_import.validation.storable_json import MAX_LEVELS

MAX_KIND = 20  # characters

MEDIA_KINDS = ("image", "video", "audio")  # by the first half of the mime type; anything else is a file


class Reference(NamedTuple):
    """The target of a reference. `type` is `document`, `image`, `video`, `audio`, `file`, `list`, `language-group`.

    A tuple because there are many: every stored document has them for draft and publication.
    """

    type: str
    id: str
    property_name: str = ""  # "" if the value belongs to no property
    external_system: str | None = None  # the id belongs to another system


Finder = Callable[[Any, str], Iterator[Reference]]  # takes the value and the name of its property


def identifier(value: object) -> str:
    """An id as it is stored: ids are strings, documents' too; "" if the value is not an id."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < 2**63 else ""
    return value if isinstance(value, str) and len(value) <= MAX_ID else ""


def _target(kind: str, target: object, name: str) -> Iterator[Reference]:
    """`{"id": "1", "externalSystem": "archive"}`, and the poster image of a reference to a video."""
    if not isinstance(target, dict):
        return
    if found := identifier(target.get("id")):
        yield Reference(kind, found, name, identifier(target.get("externalSystem")) or None)
    if poster := identifier(target.get("posterImageId")):
        yield Reference("image", poster, name)


def pointing(kind: str) -> Finder:
    """Finder for `{"$ref": kind, "reference": {...}}`."""

    def find(value: Any, name: str) -> Iterator[Reference]:
        if isinstance(value, dict):
            yield from _target(kind, value.get("reference"), name)

    return find


def pointing_to_many(kind: str) -> Finder:
    """Finder for `{"$ref": "documents", "references": [{...}]}`: one reference for each element."""

    def find(value: Any, name: str) -> Iterator[Reference]:
        targets = value.get("references") if isinstance(value, dict) else None
        for target in targets if isinstance(targets, list) else ():
            yield from _target(kind, target, name)

    return find


def medium(kind: str) -> Finder:
    """Finder for an image (or other asset) value; one without `mediaId` refers to nothing in the library."""

    def find(value: Any, name: str) -> Iterator[Reference]:
        if isinstance(value, dict) and (found := identifier(value.get("mediaId"))):
            yield Reference(kind, found, name)

    return find


def language_group(value: Any, name: str) -> Iterator[Reference]:
    """Finder for `{"locale": "de", "groupId": "4e5rt7"}`."""
    if isinstance(value, dict) and (found := identifier(value.get("groupId"))):
        yield Reference("language-group", found, name)


def teaser(value: Any, name: str) -> Iterator[Reference]:
    """Finder for a teaser: the document it shows and the document that lists its candidates."""
    if isinstance(value, dict):
        yield from _target("document", value.get("reference"), name)
        yield from pointing("document")(value.get("curatedList"), name)


def tree(value: Any, name: str) -> Iterator[Reference]:
    """Finder for a tree: the documents of its items and of their translations, in the order of the tree."""
    for node in _objects(value):
        if node.get("type") == "document":
            yield from _target("document", node.get("reference"), name)


def find_references(value: Any) -> tuple[Reference, ...]:
    """References in a value of unknown plugin: every object with `$ref`, and every object with `mediaId`.

    The kind of a medium is read from its `mimeType`, by default image. Each reference is reported once, in the order of
    the value.
    """
    found: dict[Reference, None] = {}
    for node in _objects(value):
        kind = node.get("$ref")
        if isinstance(kind, str) and 0 < len(kind) <= MAX_KIND:
            found.update(dict.fromkeys(pointing(kind)(node, "")))
            found.update(dict.fromkeys(pointing_to_many(kind.removesuffix("s"))(node, "")))
        if identifier(node.get("mediaId")):
            found.update(dict.fromkeys(medium(_media_kind(node.get("mimeType")))(node, "")))
    return tuple(found)


def _media_kind(mime_type: object) -> str:
    if not isinstance(mime_type, str):
        return "image"
    kind = mime_type.partition("/")[0]
    return kind if kind in MEDIA_KINDS else "file"


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a value, outer before inner, down to MAX_LEVELS levels below the first."""
    pending: list[Iterator[Any]] = [iter((value,))]
    while pending:
        for inner in pending[-1]:
            if isinstance(inner, dict):
                yield inner
                children: Iterator[Any] = iter(inner.values())
            elif isinstance(inner, list):
                children = iter(inner)
            else:
                continue
            if len(pending) <= MAX_LEVELS:
                pending.append(children)
                break
        else:
            pending.pop()
