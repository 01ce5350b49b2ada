"""The plugins a configuration may name, and how to add one.

A plugin is a function that reads the `config` of a property definition and says how its values behave. To add your
own, write one small module and import it where your project starts (the `apps.py` of your app is a good place: every
process imports it before it reads a configuration):

    from livingdocs_import.validation.json_reader import Node
    from livingdocs_import.validation.value_types import Text
    from livingdocs_import.metadata.registry import Behaviour, Context, plugin

    @plugin("acme-slug", Context.DOCUMENT | Context.MEDIA)
    def slug(options: Node) -> Behaviour:
        return Behaviour(Text(longest=options.whole("maxLength", least=0), newlines=False))

There is no setting and no discovery: `git grep '@plugin'` is the complete list.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Flag, auto
from typing import Any

from livingdocs_import.metadata.references import Finder
from livingdocs_import.validation.json_reader import Node
from livingdocs_import.validation.problems import Problems
from livingdocs_import.validation.value_types import ValueType


class Context(Flag):
    """Where a property may be defined (columns D, M and I of the table in spec 4.4)."""

    DOCUMENT = auto()
    MEDIA = auto()
    INCLUDE = auto()
    USAGE = auto()  # parameters of a usage purpose (spec 4.7)


ANYWHERE = Context.DOCUMENT | Context.MEDIA | Context.INCLUDE


@dataclass(frozen=True, slots=True)
class Period:
    """The validity of an entry: from `start` on, up to but not including `end`. None is open."""

    start: datetime | None = None
    end: datetime | None = None

    def holds(self, now: datetime) -> bool:
        return (self.start is None or self.start <= now) and (self.end is None or now < self.end)


ALWAYS = Period()
NEVER = Period(end=datetime.min.replace(tzinfo=UTC))

# Adds the missing parts of a value: takes the value, the label of the property, and the problems so far.
Completeness = Callable[[Any, str, Problems], None]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How the values of one defined property behave."""

    format: ValueType
    complete: Completeness | None = None  # rules that only apply on publish (spec 4.3, "completeness")
    references: Finder | None = None
    period: Callable[[Any], Period] | None = None  # the value's part in the validity of its entry
    unique_in: str | None = None  # published values must be unique within this scope of a project


@dataclass(frozen=True, slots=True)
class Plugin:
    """One value of `type` in a property definition."""

    name: str
    contexts: Context
    behaviour: Callable[[Node], Behaviour]  # adds problems of the options to the node it gets
    translatable: bool = False  # whether `config.translatable` is allowed


PLUGINS: dict[str, Plugin] = {}

# Removed from the language, and the replacements (spec 4.4, notes).
REMOVED = {
    "li-reference": "li-document-reference",
    "li-reference-list": "li-document-references",
    "li-media-language": "li-metadata-translations",
}
# Removed as well, but values of them may be stored: new configurations may not name them, stored ones are read.
RETIRED = {
    "li-google-vision": "li-google-vision was removed in release-2026-07; nothing took its place",
    "li-print": "li-print was removed in release-2026-07; use a plugin of your own",
}


def register(new: Plugin) -> Plugin:
    """Register a plugin. Raises ValueError if the name is taken."""
    if new.name in PLUGINS:
        raise ValueError(f"There is already a metadata plugin named {new.name}; give yours a prefix of your own")
    PLUGINS[new.name] = new
    return new


def plugin(
    name: str, contexts: Context, *, translatable: bool = False
) -> Callable[[Callable[[Node], Behaviour]], Callable[[Node], Behaviour]]:
    """Register the decorated function as the behaviour of a plugin."""

    def decorate(behaviour: Callable[[Node], Behaviour]) -> Callable[[Node], Behaviour]:
        register(Plugin(name, contexts, behaviour, translatable))
        return behaviour

    return decorate


def simple(contexts: Context, format_: ValueType, *names: str, references: Finder | None = None) -> None:
    """Register plugins that have no options and only differ in their names."""
    behaviour = Behaviour(format_, references=references)
    for name in names:
        register(Plugin(name, contexts, lambda _options: behaviour))
