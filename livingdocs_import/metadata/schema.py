"""A compiled list of property definitions: checks, normalises and reads metadata objects."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Self

from livingdocs_import.metadata.definitions import Property, read_property
from livingdocs_import.metadata.metadata_errors import name
from livingdocs_import.metadata.references import Reference
from livingdocs_import.metadata.registry import Context, Period
from livingdocs_import.validation.json_reader import InvalidConfig, Node
from livingdocs_import.validation.limits import AND_MORE, MAX_METADATA_PROBLEMS
from livingdocs_import.validation.nearest import NearestNames
from livingdocs_import.validation.problems import Kind, Problem, Problems
from livingdocs_import.validation.storable_json import CONTAINERS, MAX_LEVELS, is_too_deep
from livingdocs_import.validation.value_types import StoredAsSent, Text

MAX_HINTS = 10  # suggestions for misspelt properties, of one object
_ANY = ("",)  # the place of a property whose name is put in later


class MetadataSchema:
    """The metadata properties of one content type, media type or include service.

    Immutable, and cheap to use: the definitions are read once. Values are plain JSON (dict, list, str, ...).
    """

    __slots__ = (
        "_checks",
        "_complete",
        "_linking",
        "_nearest",
        "_normalisers",
        "_periods",
        "_references",
        "_required",
        "_timed",
        "properties",
        "translatable",
        "unique",
    )

    properties: Mapping[str, Property]  # by handle, in the order of the definitions
    translatable: frozenset[str]  # handles
    unique: Mapping[str, str]  # handle -> scope, for values that must be unique in the project when published

    def __init__(self, properties: list[Property]) -> None:
        self.properties = MappingProxyType({each.handle: each for each in properties})
        self.translatable = frozenset(each.handle for each in properties if each.translatable)
        self.unique = MappingProxyType(
            {each.handle: each.behaviour.unique_in for each in properties if each.behaviour.unique_in}
        )
        # For the hot path: no chains of attributes.
        self._normalisers = {
            each.handle: each.behaviour.format.normalise
            for each in properties
            if not isinstance(each.behaviour.format, StoredAsSent)
        }
        self._checks = {each.handle: each.behaviour.format.check for each in properties}
        self._nearest = NearestNames(self.properties)
        self._required = tuple((each.handle, each.required) for each in properties if each.required is not None)
        self._complete = tuple(
            (each.handle, each.label, each.behaviour.complete) for each in properties if each.behaviour.complete
        )
        self._references = tuple(
            (each.handle, each.behaviour.references) for each in properties if each.behaviour.references
        )
        self._linking = frozenset(handle for handle, _ in self._references)
        self._periods = tuple((each.handle, each.behaviour.period) for each in properties if each.behaviour.period)
        self._timed = frozenset(handle for handle, _ in self._periods)

    @classmethod
    def compile(cls, definitions: list[Mapping[str, Any]], context: Context) -> Self:
        """Read property definitions (spec 4.2). Raises InvalidConfig with all problems, pointers e.g. `/metadata/0`."""
        node = Node({"metadata": definitions})
        schema = cls.read(node, "metadata", context)
        if node.problems:
            raise InvalidConfig(node.problems)
        return schema

    @classmethod
    def read(cls, node: Node, key: str, context: Context) -> Self:
        """Read the definitions under a key of a configuration; problems are added there."""
        properties: dict[str, Property] = {}
        for definition in node.objects(key):
            found = read_property(definition, context)
            if found is None:
                continue
            if found.handle in properties:
                definition["handle"].add_violation(f"there is already a property '{found.handle}'")
            else:
                properties[found.handle] = found
        return cls(list(properties.values()))

    # --- Checking ----------------------------------------------------------------------------------------------------

    def check(self, values: Mapping[str, Any], *, completeness: bool, locale: str | None = None) -> list[Problem]:
        """All problems of a metadata object; paths begin with the property. Empty if there are none.

        After MAX_METADATA_PROBLEMS only the first problem of each further configured property is reported, and then
        that there are more. Shape and limits always apply; with `completeness` also `required`, `minLength`, the
        minimum of references and the format of unique ids (spec 4.3). `locale` is only copied into the problems.
        """
        problems: list[Problem] = []
        found = Problems(_ANY, MAX_METADATA_PROBLEMS, locale)  # in one value
        unreported: str | None = None
        checks = self._checks
        for handle, value in values.items():
            check = checks.get(handle)
            if check is None:
                if len(problems) >= MAX_METADATA_PROBLEMS:
                    unreported = handle
                    continue
                hint = self._nearest.hint(handle) if len(problems) < MAX_HINTS else ""
                message = f"The metadata property '{name(handle)}' is not configured{hint}"
                problems.append(Problem((handle,), message, Kind.UNKNOWN_KEY, locale))
            elif value is not None:
                found.place[0] = handle
                if isinstance(value, CONTAINERS) and is_too_deep(value):
                    found.add(f"must NOT be nested deeper than {MAX_LEVELS} levels")
                else:
                    check(value, found)
                if found.count:
                    room = max(1, MAX_METADATA_PROBLEMS - len(problems))
                    problems += found.kept[:room]
                    unreported = handle if found.count > room else unreported
                    found = Problems(_ANY, MAX_METADATA_PROBLEMS, locale)
        if completeness:
            for handle, message in self._required:
                if is_empty(values.get(handle)):
                    problems.append(Problem((handle,), message, Kind.VIOLATION, locale))
            if self._complete:
                problems += self._incomplete(values, locale)
        if unreported is not None:
            problems.append(Problem((unreported,), AND_MORE, Kind.VIOLATION, locale))
        return problems

    def check_translation(self, locale: str, values: Mapping[str, Any], *, completeness: bool) -> list[Problem]:
        """All problems of the metadata of one translation (spec 5.6).

        Each property must be translatable; its value obeys the same rules, except that nothing is required.
        """
        fixed = {
            handle: None
            for handle, value in values.items()
            if value is not None and handle in self.properties and handle not in self.translatable
        }
        problems = [
            Problem((handle,), f"The metadata property '{handle}' is not translatable", Kind.VIOLATION, locale)
            for handle in fixed
        ]
        rest = {handle: value for handle, value in values.items() if handle not in fixed}
        problems += self.check(rest, completeness=False, locale=locale)
        if completeness:
            problems += self._incomplete(rest, locale)
        return problems

    def _incomplete(self, values: Mapping[str, Any], locale: str | None) -> Problems:
        problems = Problems(_ANY, locale=locale)
        for handle, label, complete in self._complete:
            value = values.get(handle)
            if value is not None:
                problems.place[0] = handle
                complete(value, label, problems)
        return problems

    # --- Reading -----------------------------------------------------------------------------------------------------

    def normalise(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values as they are stored: nulls removed, ids in references as strings, 1.0 as 1.

        Never raises; values that `check` would reject stay unchanged.
        """
        normalisers = self._normalisers
        if normalisers.keys().isdisjoint(values) and None not in values.values():
            return dict(values)
        return {
            handle: normalisers[handle](value) if handle in normalisers else value
            for handle, value in values.items()
            if value is not None
        }

    def is_text(self, handle: str) -> bool:
        """Whether a property is configured and accepts free text."""
        found = self.properties.get(handle)
        format_ = found.behaviour.format if found else None
        return isinstance(format_, Text) and format_.choices is None and format_.pattern is None

    def fits(self, handle: str, value: object) -> bool:
        """Whether a value from elsewhere (a file, for example) may be put into a property."""
        return not self.check({handle: value}, completeness=False)

    def known(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """The values of configured properties: reads omit the others."""
        configured = self._checks
        if values.keys() <= configured.keys():
            return values
        return {handle: value for handle, value in values.items() if handle in configured}

    def references(self, values: Mapping[str, Any]) -> tuple[Reference, ...]:
        """The references of the values, in the order of the definitions, each reference of a property once.

        Takes any stored values, also from before a change of the configuration.
        """
        if self._linking.isdisjoint(values):
            return ()
        found: dict[Reference, None] = {}
        for handle, find in self._references:
            value = values.get(handle)
            if value is not None:
                found.update(dict.fromkeys(find(value, handle)))
        return tuple(found)

    # --- Validity of media entries (spec 6.4) ------------------------------------------------------------------------

    def validity(self, values: Mapping[str, Any], now: datetime) -> bool:
        """Whether an entry with these values is valid at a time (an aware datetime).

        Not while `li-invalid` is true, nor outside any `li-datetime-validity`.
        """
        periods = self._valid_periods(values)
        return not periods or all(period.holds(now) for period in periods)

    def next_change(self, values: Mapping[str, Any], now: datetime) -> datetime | None:
        """The next time after `now` at which `validity` changes; None if it never will."""
        periods = self._valid_periods(values)
        if not periods:
            return None
        valid = all(period.holds(now) for period in periods)
        edges = {edge for period in periods for edge in (period.start, period.end) if edge is not None and edge > now}
        return next(
            (edge for edge in sorted(edges) if all(period.holds(edge) for period in periods) is not valid), None
        )

    def is_timeless(self, values: Mapping[str, Any]) -> bool:
        """Whether no value affects validity."""
        return self._timed.isdisjoint(values)

    def _valid_periods(self, values: Mapping[str, Any]) -> list[Period]:
        return [read(values[handle]) for handle, read in self._periods if values.get(handle) is not None]


def is_empty(value: object) -> bool:
    """Whether a required property counts as missing: absent, null, blank text, an empty array or object."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, list | dict) and not value)
