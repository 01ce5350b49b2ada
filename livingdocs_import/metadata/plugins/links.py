"""Plugins whose values hold references: to documents, videos, lists, language groups."""

import re
from dataclasses import dataclass
from typing import Any

from livingdocs_import.metadata import references
from livingdocs_import.metadata.plugins.values import limits
from livingdocs_import.metadata.registry import ANYWHERE, Behaviour, Completeness, Context, plugin, simple
from livingdocs_import.validation.json_reader import Node
from livingdocs_import.validation.limits import MAX_ID
from livingdocs_import.validation.problems import Problems
from livingdocs_import.validation.storable_json import MAX_LEVELS
from livingdocs_import.validation.value_types import (
    ID_TEXT,
    LOCALE,
    Anything,
    Constant,
    Expression,
    Flag,
    Identifier,
    Integer,
    List,
    Record,
    Text,
    ValueType,
)

DOCUMENT, MEDIA, INCLUDE = Context.DOCUMENT, Context.MEDIA, Context.INCLUDE

_LOCALE = re.compile(LOCALE)
LOCALE_TEXT = Text(pattern=Expression(f"^{LOCALE}$"))
TARGET = Record({"id": Identifier(), "externalSystem": Text(MAX_ID)}, required=("id",))


def pointing(kind: str, target: Record = TARGET) -> Record:
    """`{"$ref": kind, "reference": {"id": "1"}}`."""
    return Record({"$ref": Constant(kind), "reference": target}, required=("$ref", "reference"))


def pointing_to_many(target: Record = TARGET, most: int | None = None) -> Record:
    """`{"$ref": "documents", "references": [{"id": "1"}]}`."""
    members: dict[str, ValueType] = {"$ref": Constant("documents"), "references": List(target, most)}
    return Record(members, required=("$ref", "references"))


# --- Documents -------------------------------------------------------------------------------------------------------

simple(ANYWHERE, pointing("document"), "li-document-reference", references=references.pointing("document"))
simple(DOCUMENT, pointing("document"), "li-ticker-host-reference", references=references.pointing("document"))


def document_references(options: Node) -> Behaviour:
    least, most = limits(options, "min", "max")
    return Behaviour(
        pointing_to_many(most=most), complete=at_least(least), references=references.pointing_to_many("document")
    )


def at_least(least: int | None) -> Completeness | None:
    """A rule for the minimum number of references."""
    if not least:
        return None

    def complete(value: Any, _label: str, problems: Problems) -> None:
        targets = value.get("references") if isinstance(value, dict) else None
        if isinstance(targets, list) and len(targets) < least:
            problems.add(f"must NOT have fewer than {least} items", "references")

    return complete


plugin("li-document-references", ANYWHERE)(document_references)
plugin("li-bundled-documents", DOCUMENT)(document_references)

simple(
    DOCUMENT,
    pointing_to_many(Record({"id": Identifier(), "inactive": Flag()}, required=("id",))),
    "li-issue-management",
    references=references.pointing_to_many("document"),
)
simple(
    INCLUDE,
    Record(
        {
            "$ref": Constant("document"),
            "reference": TARGET,
            "curatedList": pointing("document"),
            "algorithm": Record({"displayFilterStates": Anything((list,))}, closed=False),
        },
        required=("$ref",),
    ),
    "li-teaser",
    references=references.teaser,
)

# --- Videos, lists, languages ----------------------------------------------------------------------------------------


@plugin("li-video-reference", ANYWHERE, translatable=True)
def video_reference(_options: Node) -> Behaviour:
    target = Record({"id": ID_TEXT, "posterImageId": ID_TEXT}, required=("id",))
    return Behaviour(pointing("video", target), references=references.pointing("video"))


simple(
    INCLUDE,
    pointing("list", Record({"id": Identifier(), "count": Integer(), "priority": Integer()}, required=("id",))),
    "li-list-reference",
    references=references.pointing("list"),
)
simple(
    DOCUMENT,
    Record({"locale": LOCALE_TEXT, "label": Text(), "groupId": Text(MAX_ID)}, required=("locale",)),
    "li-language",
    references=references.language_group,
)
simple(
    DOCUMENT | MEDIA,
    Record({"locale": LOCALE_TEXT, "label": Text()}, required=("locale",)),
    "li-metadata-translations",
)

# --- Trees -----------------------------------------------------------------------------------------------------------

TREE_TARGET = Record({"id": Identifier(), "externalSystem": Text(MAX_ID), "directiveId": Text()}, required=("id",))
TREE_TYPES = ("group", "document", "link")


@dataclass(frozen=True, slots=True)
class Branch:
    """An array of tree items, each of which may hold such an array again."""

    types: frozenset[str]
    deepest: int | None  # levels of items
    level: int = 1

    def check(self, value: Any, problems: Problems) -> None:
        if self.deepest is not None and self.level > self.deepest:
            problems.add(f"must NOT be nested deeper than {self.deepest} levels")
        else:
            List(self._item()).check(value, problems)

    def normalise(self, value: Any) -> Any:
        return List(self._item()).normalise(value) if self.level <= MAX_LEVELS else value

    def _item(self) -> Record:
        link: dict[str, ValueType] = {"label": Text(), "href": Text(), "reference": TREE_TARGET}
        kind = Text(choices=self.types)
        return Record(
            link
            | {
                "id": Text(),
                "type": kind,
                "translations": ByLocale(Record(link | {"type": kind}, closed=False)),
                "items": Branch(self.types, self.deepest, self.level + 1),
            },
            required=("id", "type"),
        )


@dataclass(frozen=True, slots=True)
class ByLocale:
    """An object with a value of one format for each locale."""

    item: ValueType

    def check(self, value: Any, problems: Problems) -> None:
        if not isinstance(value, dict):
            problems.add("must be object")
            return
        place = problems.place
        place.append("")
        for locale, inner in value.items():
            place[-1] = locale
            if not isinstance(locale, str) or not _LOCALE.fullmatch(locale):
                problems.add(f'must match pattern "^{LOCALE}$"')
            self.item.check(inner, problems)
            if problems.is_over:
                break
        place.pop()

    def normalise(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {locale: self.item.normalise(inner) for locale, inner in value.items()}


@plugin("li-tree", DOCUMENT)
def tree(options: Node) -> Behaviour:
    """Items of type `multilang` are always accepted: trees keep them when the option is switched off again."""
    deepest = options.whole("maxDepth", least=1)
    allowed = options.texts("allowedTypes")
    types = frozenset(TREE_TYPES if allowed is None else allowed)
    if strange := types - {*TREE_TYPES, "multilang"}:
        options["allowedTypes"].add_problem(f"must be out of {', '.join(TREE_TYPES)}; not {', '.join(sorted(strange))}")
    return Behaviour(Branch(types | {"multilang"}, deepest), references=references.tree)
