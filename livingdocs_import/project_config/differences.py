"""The differences of two configurations, as patches with JSON pointers (spec 3.17).

Objects are compared key by key, elements of arrays by their handle, name or id; any other value is one patch. An array
whose elements have another order, or cannot be distinguished, is one patch as well. A pointer has the position in the
new configuration; in the old one where something is removed.

The answer is bounded: a part that is too far down, or belongs to a configuration with too many differences, is compared
as a whole, and each value stands in at most one patch.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any

from livingdocs_import.project_config.matching import common_key
from livingdocs_import.validation.limits import MAX_DEPTH, MAX_PATH
from livingdocs_import.validation.problems import Path, escaped

MAX_PATCHES = 5_000  # above this number, deeper parts are compared as a whole
LEVELS = (MAX_DEPTH, 4, 2, 1)


class Action(StrEnum):
    """The kind of a change."""

    ADD = "add"
    UPDATE = "update"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Patch:
    """One difference. An addition has no old value, a removal no new one.

    `path_before` is the place in the old configuration, which may have it at another index.
    """

    action: Action
    path: Path
    value: Any = None
    value_before: Any = None
    path_before: Path = ()

    @property
    def pointer(self) -> str:
        """RFC 6901, not shortened: unlike the pointer of a problem it is for applying the change."""
        return "".join(f"/{escaped(step)}" for step in self.path)


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Patch]:
    """The patches that turn one configuration into the other, in the order of the new one."""
    patches: list[Patch] = []
    for levels in LEVELS:
        patches = list(islice(_compare((), (), before, after, levels, MAX_PATH), MAX_PATCHES + 1))
        if len(patches) <= MAX_PATCHES:
            break
    return patches


def _compare(path: Path, old_path: Path, before: Any, after: Any, levels: int, room: int) -> Iterator[Patch]:
    """`room`: the maximum length of the rest of the pointer."""
    deeper = levels > 0 and room > 0
    if deeper and isinstance(before, dict) and isinstance(after, dict):
        yield from _compare_objects(path, old_path, before, after, levels - 1, room)
    elif deeper and isinstance(before, list) and isinstance(after, list):
        yield from _compare_arrays(path, old_path, before, after, levels - 1, room)
    elif not is_same(before, after):
        yield Patch(Action.UPDATE, path, after, before, old_path)


def _compare_objects(
    path: Path, old_path: Path, before: Mapping[str, Any], after: Mapping[str, Any], levels: int, room: int
) -> Iterator[Patch]:
    for key, value in after.items():
        if key in before:
            yield from _compare((*path, key), (*old_path, key), before[key], value, levels, room - len(key))
        else:
            yield Patch(Action.ADD, (*path, key), value)
    for key, value in before.items():
        if key not in after:
            yield Patch(Action.REMOVE, (*path, key), value_before=value, path_before=(*old_path, key))


def _compare_arrays(
    path: Path, old_path: Path, before: list[Any], after: list[Any], levels: int, room: int
) -> Iterator[Patch]:
    key = common_key(before, after)
    old = {} if key is None else {each[key]: each for each in before}
    new = {} if key is None else {each[key]: each for each in after}
    if key is None or [each for each in old if each in new] != [each for each in new if each in old]:
        if not is_same(before, after):
            yield Patch(Action.UPDATE, path, after, before, old_path)
        return
    places = {name: index for index, name in enumerate(old)}
    for index, (name, element) in enumerate(new.items()):
        if name in old:
            yield from _compare((*path, index), (*old_path, places[name]), old[name], element, levels, room)
        else:
            yield Patch(Action.ADD, (*path, index), element)
    for index, (name, element) in enumerate(old.items()):
        if name not in new:
            yield Patch(Action.REMOVE, (*path, index), value_before=element, path_before=(*old_path, index))


def is_same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal, whatever the order of their keys; true is not 1."""
    if isinstance(one, dict):
        return (
            isinstance(other, dict)
            and one.keys() == other.keys()
            and all(is_same(value, other[key]) for key, value in one.items())
        )
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(is_same, one, other))
    return type(one) is type(other) and bool(one == other)
