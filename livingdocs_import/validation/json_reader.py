"""Read a configuration node by node and note everything that is wrong with it, each problem with its JSON pointer.

A reader never raises on what it reads: a wrong value is noted and read as if it were absent, so one pass finds all
problems and builds what can be built. The caller checks `Node.problems` and `Node.warnings` before it uses the result.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from livingdocs_import.errors import ImportServiceError

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """One thing that is wrong in a configuration.

    `kind` says which of the two lists of the configuration endpoint it belongs to (spec 3.17): "schema" when the value
    has the wrong shape, "violation" when the shape is right but does not fit the rest of the configuration.
    """

    pointer: str  # JSON pointer (RFC 6901); "" is the whole configuration
    message: str
    kind: Literal["schema", "violation"] = "schema"
    # A key that nobody reads. It is refused on the way in; in what is stored already it does no harm.
    is_unknown_key: bool = False

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: {self.message}"


class InvalidConfig(ImportServiceError):
    """A configuration has problems; all of them are in `problems`, in the order of reading."""

    def __init__(self, problems: Iterable[ConfigProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, self.problems)))


class Node:
    """One place in a configuration: its value, its pointer, and the problems and warnings of the whole reading.

    The readers (`text`, `flag`, ...) give the value under a key of an object. JSON null counts as absent.
    """

    __slots__ = ("pointer", "problems", "value", "warnings")

    def __init__(self, value: Any, pointer: str = "", parent: "Node | None" = None) -> None:
        self.value = value
        self.pointer = pointer
        # All nodes of one reading share these two lists.
        self.problems: list[ConfigProblem] = [] if parent is None else parent.problems
        self.warnings: list[ConfigProblem] = [] if parent is None else parent.warnings

    def wrong(self, message: str) -> None:
        """Note that this value has the wrong shape."""
        self.problems.append(ConfigProblem(self.pointer, message))

    def unfit(self, message: str) -> None:
        """Note that this value does not fit the rest of the configuration."""
        self.problems.append(ConfigProblem(self.pointer, message, "violation"))

    def no_effect(self, message: str) -> None:
        """Note that this value is fine, and that nothing comes of it."""
        self.warnings.append(ConfigProblem(self.pointer, f"has no effect yet: {message}"))

    def __getitem__(self, key: str | int) -> "Node":
        """The node under a key or index; its value is None when there is none."""
        if isinstance(key, int):
            value = self.value[key]
        else:
            value = self.value.get(key) if isinstance(self.value, Mapping) else None
        return Node(value, f"{self.pointer}/{escaped(key)}", self)

    def __contains__(self, key: str) -> bool:
        """Whether the key is there with a value other than null."""
        return isinstance(self.value, Mapping) and self.value.get(key) is not None

    # --- Readers -----------------------------------------------------------------------------------------------------

    def is_object(self) -> bool:
        """Whether this is an object; otherwise that is noted."""
        if isinstance(self.value, Mapping):
            return True
        self.wrong("must be object")
        return False

    def section(self, key: str) -> "Node":
        """An optional object: absent or wrong, the node is there all the same and empty."""
        node = self[key]
        if node.value is None or not node.is_object():
            node.value = NOTHING
        return node

    def items(self, key: str) -> "Iterator[Node]":
        """The elements of an optional array."""
        node = self[key]
        if node.value is None:
            return
        if not isinstance(node.value, list | tuple):
            node.wrong("must be array")
            return
        for index in range(len(node.value)):
            yield node[index]

    def objects(self, key: str) -> "Iterator[Node]":
        """The elements of an optional array of objects; an element that is something else is noted and left out."""
        return (node for node in self.items(key) if node.is_object())

    def entries(self) -> "Iterator[tuple[str, Node]]":
        """The members of this object, with their keys."""
        for key in self.value:
            yield str(key), self[key]

    def only(self, *known: str) -> None:
        """Note every key that is not one of `known`."""
        for key in self.value:
            if key not in known:
                message = f"is not a known property; known are {', '.join(known)}"
                self.problems.append(ConfigProblem(self[key].pointer, message, is_unknown_key=True))

    def required(self, *keys: str) -> None:
        """Note every key that is missing."""
        for key in keys:
            if key not in self:
                self.wrong(f"must have required property '{key}'")

    def text(
        self, key: str, *, required: bool = False, pattern: re.Pattern[str] | None = None, longest: int | None = None
    ) -> str | None:
        """An optional string; `required` ones must be there and not be empty. Lengths count characters."""
        node = self[key]
        if node.value is None:
            if required:
                self.required(key)
            return None
        if not isinstance(node.value, str):
            node.wrong("must be string")
        elif required and not node.value:
            node.wrong("must NOT have fewer than 1 characters")
        elif longest is not None and len(node.value) > longest:
            node.wrong(f"must NOT have more than {longest} characters")
        elif pattern is not None and not pattern.fullmatch(node.value):
            node.wrong(f'must match pattern "^{pattern.pattern}$"')
        else:
            return node.value
        return None

    def choice(self, key: str, allowed: Iterable[str], *, required: bool = False) -> str | None:
        """An optional string out of a fixed list."""
        value = self.text(key, required=required)
        allowed = tuple(allowed)
        if value is None or value in allowed:
            return value
        self[key].wrong(f"must be one of {', '.join(allowed)}")
        return None

    def flag(self, key: str, *, default: bool = False) -> bool:
        """An optional boolean."""
        node = self[key]
        if isinstance(node.value, bool):
            return node.value
        if node.value is not None:
            node.wrong("must be boolean")
        return default

    def whole(self, key: str, *, least: int | None = None) -> int | None:
        """An optional integer; 200.0 is one, true is not."""
        node = self[key]
        value = node.value
        if value is None:
            return None
        if isinstance(value, bool) or not (isinstance(value, int) or (isinstance(value, float) and value.is_integer())):
            node.wrong("must be integer")
        elif least is not None and value < least:
            node.wrong(f"must be >= {least}")
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
                node.wrong("must be string")
        return tuple(values)


def shown(key: object) -> str:
    """A key that came from outside as it may appear in an answer: what no stored text can hold is an escape."""
    return str(key).replace("\x00", "\\x00").encode("utf-8", "backslashreplace").decode()


def escaped(key: object) -> str:
    """A key as one step of a JSON pointer."""
    return shown(key).replace("~", "~0").replace("/", "~1")
