"""Read a configuration node by node; each error in it becomes a problem with its path.

A reader never raises on its input: a wrong value is reported and read as if it were absent, so one pass finds all
problems and builds what can be built. The caller checks `Node.problems` and `Node.warnings` before using the result.
"""

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from livingdocs_import.errors import ImportServiceError
from livingdocs_import.validation.messages import UNKNOWN
from livingdocs_import.validation.nearest import NearestNames
from livingdocs_import.validation.problems import Kind, Path, Problem, Problems

MAX_HINTS = 20  # among the problems of one reading: to find what was meant costs more than to find that it is wrong
NOTHING: Mapping[str, Any] = MappingProxyType({})


class InvalidConfig(ImportServiceError):
    """A configuration has problems; they are in `problems`, in the order of reading."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, self.problems)))


class Node:
    """One place in a configuration: its value, its path, and the problems and warnings of the whole reading.

    The readers (`text`, `flag`, ...) return the value under a key of an object. JSON null counts as absent. Unknown
    keys are problems, unless the root is read with `takes_unknown_keys`.
    """

    __slots__ = ("path", "problems", "takes_unknown_keys", "value", "warnings")

    def __init__(
        self, value: Any, path: Path = (), parent: "Node | None" = None, *, takes_unknown_keys: bool = False
    ) -> None:
        self.value = value
        self.path = path
        # All nodes of one reading share the two collectors.
        self.problems: Problems = Problems() if parent is None else parent.problems
        self.warnings: Problems = Problems() if parent is None else parent.warnings
        self.takes_unknown_keys: bool = takes_unknown_keys if parent is None else parent.takes_unknown_keys

    def add_problem(self, message: str) -> None:
        """Report a value of the wrong shape."""
        self.problems.add(message, *self.path)

    def add_violation(self, message: str, *, among: Iterable[str] = ()) -> None:
        """Report a value that contradicts the rest of the configuration; `among`: the names that it could be."""
        self.problems.add(message, *self.path, kind=Kind.VIOLATION, meant=self.meant(among))

    def meant(self, among: Iterable[str]) -> str | None:
        """The name that was probably meant by the text; None where it is unclear, or enough was looked up already."""
        if self.problems.count >= MAX_HINTS or not isinstance(self.value, str):
            return None
        return _nearest(tuple(among)).nearest(self.value)

    def refuse_new(self, message: str, kind: Kind = Kind.VIOLATION) -> None:
        """Report something that a new revision must not have; stored revisions keep it, unread."""
        if not self.takes_unknown_keys:
            self.problems.add(message, *self.path, kind=kind)

    def add_warning(self, message: str) -> None:
        """Report a valid value without effect."""
        self.warnings.add(f"has no effect yet: {message}", *self.path, kind=Kind.VIOLATION)

    def __getitem__(self, key: str | int) -> "Node":
        """The node under a key or index; its value is None if it does not exist."""
        if isinstance(key, int):
            value = self.value[key]
        else:
            value = self.value.get(key) if isinstance(self.value, dict | Mapping) else None  # nearly always a dict
        return Node(value, (*self.path, key), self)

    def __contains__(self, key: str) -> bool:
        """Whether the key is there with a value other than null."""
        return isinstance(self.value, Mapping) and self.value.get(key) is not None

    # --- Readers -----------------------------------------------------------------------------------------------------

    def is_object(self) -> bool:
        """Whether this is an object; if not, a problem is reported."""
        if isinstance(self.value, Mapping):
            return True
        self.add_problem("must be object")
        return False

    def section(self, key: str) -> "Node":
        """An optional object: if it is absent or wrong, the node exists and is empty."""
        node = self[key]
        if node.value is None or not node.is_object():
            node.value = NOTHING
        return node

    def items(self, key: str) -> "Iterator[Node]":
        """The elements of an optional array; none any more once there are more problems than are kept."""
        node = self[key]
        if node.value is None:
            return
        if not isinstance(node.value, list | tuple):
            node.add_problem("must be array")
            return
        for index in range(len(node.value)):
            if self.problems.is_over:
                return
            yield node[index]

    def objects(self, key: str) -> "Iterator[Node]":
        """The elements of an optional array of objects; others are reported and left out."""
        return (node for node in self.items(key) if node.is_object())

    def entries(self) -> "Iterator[tuple[str, Node]]":
        """The members of this object, with their keys."""
        for key in self.value:
            yield str(key), self[key]

    def only(self, *known: str, passed_over: Container[str] = (), elsewhere: Mapping[str, str] = NOTHING) -> None:
        """Report every key that is not one of `known`; `elsewhere`: keys that belong into another object → where."""
        for key in () if self.takes_unknown_keys else self.value:
            if key not in known and key not in passed_over:
                has_hint = self.problems.count < MAX_HINTS
                hint, meant = _hint(key, known, elsewhere) if has_hint else ("", None)
                self.problems.add(f"{UNKNOWN}{hint}", *self.path, key, kind=Kind.UNKNOWN_KEY, meant=meant)

    def required(self, *keys: str) -> None:
        """Report every key that is missing."""
        for key in keys:
            if key not in self:
                self.add_problem(f"must have required property '{key}'")

    def text(
        self, key: str, *, required: bool = False, pattern: re.Pattern[str] | None = None, longest: int | None = None
    ) -> str | None:
        """An optional string; `required` ones must exist and not be empty. Lengths count characters."""
        node = self[key]
        if node.value is None:
            if required:
                self.required(key)
            return None
        if not isinstance(node.value, str):
            node.add_problem("must be string")
        elif required and not node.value:
            node.add_problem("must NOT have fewer than 1 characters")
        elif longest is not None and len(node.value) > longest:
            node.add_problem(f"must NOT have more than {longest} characters")
        elif pattern is not None and not pattern.fullmatch(node.value):
            node.add_problem(f'must match pattern "^{pattern.pattern}$"')
        else:
            return node.value
        return None

    def choice(self, key: str, allowed: Iterable[str], *, required: bool = False) -> str | None:
        """An optional string from a fixed list."""
        value = self.text(key, required=required)
        allowed = tuple(allowed)
        if value is None or value in allowed:
            return value
        node = self[key]
        node.problems.add(f"must be one of {', '.join(allowed)}", *node.path, meant=node.meant(allowed))
        return None

    def flag(self, key: str, *, default: bool = False) -> bool:
        """An optional boolean."""
        node = self[key]
        if isinstance(node.value, bool):
            return node.value
        if node.value is not None:
            node.add_problem("must be boolean")
        return default

    def whole(self, key: str, *, least: int | None = None) -> int | None:
        """An optional integer; 200.0 is one, true is not."""
        node = self[key]
        value = node.value
        if value is None:
            return None
        if isinstance(value, bool) or not (isinstance(value, int) or (isinstance(value, float) and value.is_integer())):
            node.add_problem("must be integer")
        elif least is not None and value < least:
            node.add_problem(f"must be >= {least}")
        else:
            return int(value)
        return None

    def texts(self, key: str) -> tuple[str, ...] | None:
        """An optional array of strings; None when there is none."""
        if key not in self:
            return None
        values = []
        for node in self.items(key):
            if isinstance(node.value, str):
                values.append(node.value)
            else:
                node.add_problem("must be string")
        return tuple(values)


def _hint(key: str, known: tuple[str, ...], elsewhere: Mapping[str, str]) -> tuple[str, str | None]:
    """What may have been meant by a key that its object does not have: in words, and the key of this object."""
    meant = _nearest(known).nearest(key)
    named = meant or elsewhere.get(key)
    return f"; did you mean '{named}'?" if named else f"; known are {', '.join(known)}", meant


@lru_cache(maxsize=128)
def _nearest(known: tuple[str, ...]) -> NearestNames:
    return NearestNames(known, slips=2)
