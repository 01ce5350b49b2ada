"""Read the definition of one metadata property from a configuration (spec 4.2)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from livingdocs_import.metadata.options import refuse_misspelt
from livingdocs_import.metadata.registry import PLUGINS, REMOVED, RETIRED, Behaviour, Context, Plugin
from livingdocs_import.validation.json_reader import Node
from livingdocs_import.validation.problems import escaped

HANDLE = re.compile(r"[a-zA-Z][a-zA-Z0-9\-_]{2,49}")  # (spec 2.7)

_PLACES = {
    Context.DOCUMENT: "the metadata of a content type",
    Context.MEDIA: "the metadata of a media type",
    Context.INCLUDE: "the parameters of an include service",
    Context.USAGE: "the parameters of a usage purpose",
}


@dataclass(frozen=True, slots=True, eq=False)
class Property:
    """One defined property."""

    handle: str
    plugin: str
    label: str
    required: str | None  # the error text for a missing value; None if it is optional
    translatable: bool
    behaviour: Behaviour
    indexed: bool = False  # searches may filter and sort by it


def read_property(definition: Node, context: Context) -> Property | None:
    """A closed object: `handle`, `type`, `config`, `ui`, and an `id` that is ignored.

    Unknown options inside `config` are accepted, unless they are misspelt: plugins have many that only concern the
    editor.
    """
    definition.only("id", "handle", "type", "config", "ui")
    # The parameters of include services follow no documented pattern, and short ones like `id` are common.
    handle = definition.text("handle", required=True, pattern=None if context is Context.INCLUDE else HANDLE)
    kind = definition.text("type", required=True)
    options = definition.section("config")
    plugin = _find_plugin(definition, kind, context) if kind else None
    if plugin is None:
        return None
    refuse_misspelt(options, plugin.name)
    behaviour = plugin.behaviour(options)
    name = label_of(definition.section("ui").value) or handle or ""
    message = options.text("requiredErrorMessage") or f"The field '{name}' is required"
    translatable = options.flag("translatable")
    if translatable and not plugin.translatable:
        options["translatable"].add_violation(f"{plugin.name} cannot be translated")
    required = options.flag("required")
    if handle is None:
        return None
    indexed = options["index"].value is True  # anything else has no effect, and is no reason to refuse
    return Property(handle, plugin.name, name, message if required else None, translatable, behaviour, indexed)


def _find_plugin(definition: Node, kind: str, context: Context) -> Plugin | None:
    plugin = PLUGINS.get(kind)
    where = definition["type"]
    if plugin is not None and context in plugin.contexts:
        if kind in RETIRED:
            where.refuse_new(RETIRED[kind])
        return plugin
    if plugin is not None:
        where.add_violation(f"{kind} cannot be used in {_PLACES[context]}")
    elif kind in REMOVED:
        where.add_violation(f"{kind} is no longer supported; use {REMOVED[kind]}")
    else:
        where.add_violation(f"unknown metadata plugin '{escaped(kind)[:100]}'", among=PLUGINS)
    return None


def label_of(section: object) -> str:
    """`label` of a JSON object: a text, or one text for each language (preferably English, else the first); else ""."""
    given = section.get("label") if isinstance(section, Mapping) else None
    if isinstance(given, Mapping):
        given = given.get("en") or next(iter(given.values()), None)
    return given if isinstance(given, str) else ""
