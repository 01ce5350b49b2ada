"""Problems of a value, the collector of them with its caps, and the notations of their paths.

All validators (request schemas, metadata, configurations, document content) add to `Problems`. The notation of a path
is chosen where the problems leave the service: `dotted`, `json_pointer`, `by_path`.

Valid values cost nothing: a validator moves `place` along, and only a problem copies it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from livingdocs_import import errors
from livingdocs_import.validation.limits import (
    AND_MORE,
    MAX_MESSAGE,
    MAX_PATH,
    MAX_PROBLEMS,
    MAX_QUOTE,
    beginning,
    cut,
    quoted,
)

Step: TypeAlias = str | int  # the key of an object, the index of an array
Path: TypeAlias = tuple[Step, ...]


class Kind(StrEnum):
    """The kind of rule that a value breaks."""

    SHAPE = "schema"  # the value itself is wrong; the message continues the path: must be string
    UNKNOWN_KEY = "unknown-key"  # an unknown property
    VIOLATION = "violation"  # the shape is right, but it contradicts something else; the message is a sentence


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem: its path from the root of the validated value, and its message."""

    path: Path
    message: str
    kind: Kind = Kind.SHAPE
    locale: str | None = None  # of the translation that contains it
    meant: str | None = None  # the known name that was probably meant, of an unknown key or value

    def __str__(self) -> str:
        return f"{json_pointer(self.path) or '/'}: {self.message}"


class Problems:
    """Collects the problems of one value. The first `limit` are kept, all are counted.

    `place` is the validator's position. It is a list that the validator changes as it goes: a problem is added at this
    place, or at the `steps` below it.
    """

    __slots__ = ("count", "is_over", "kept", "limit", "locale", "place")

    def __init__(self, place: Iterable[Step] = (), limit: int = MAX_PROBLEMS, locale: str | None = None) -> None:
        self.place: list[Step] = [*place]
        self.limit = limit
        self.locale = locale
        self.kept: list[Problem] = []
        self.count = 0
        self.is_over = False  # more were found than are kept: the search can stop

    def add(self, message: str, *steps: Step, kind: Kind = Kind.SHAPE, meant: str | None = None) -> None:
        """Add a problem at these steps below the place; without steps, at the place itself."""
        self.count += 1
        if self.count <= self.limit:
            self.kept.append(Problem((*self.place, *steps), cut(message, MAX_MESSAGE), kind, self.locale, meant))
        else:
            self.is_over = True

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.kept)

    def __len__(self) -> int:
        return self.count

    def refuse(self) -> None:
        """Raise `Invalid` with all problems, if there are any."""
        if self.count:
            raise errors.Invalid(by_path(self.kept))


# --- Notations -------------------------------------------------------------------------------------------------------


def by_path(problems: Iterable[Problem]) -> dict[str, str]:
    """The first message for each dotted path, for `error_details`; the root's own path is `body`."""
    messages: dict[str, str] = {}
    for problem in problems:
        messages.setdefault(dotted(problem.path) or "body", problem.message)
    return messages


def shortened(errors: Sequence[Mapping[str, Any]], most: int) -> list[dict[str, Any]]:
    """The first of a response's errors and, if there are others, a note that there are."""
    first = [dict(error) for error in errors[:most]]
    return first if len(errors) <= most else [*first, {"message": AND_MORE}]


def dotted(path: Path, *, longest: int = MAX_PATH, longest_step: int = MAX_QUOTE) -> str:
    """`images.3.url`; a path, or a step of it, that is too long is cut."""
    steps = (quoted(str(step), longest_step) for step in path)
    return cut(".".join(steps).replace("\0", "\\u0000"), longest)


def json_pointer(path: Path) -> str:
    """`/contentTypes/3/handle` (RFC 6901), "" for the root; a pointer, or a step of it, that is too long is cut."""
    return cut("".join(f"/{beginning(escaped(step))}" for step in path), MAX_PATH)


def escaped(key: object) -> str:
    """A key as one step of a JSON pointer."""
    return shown(key).replace("~", "~0").replace("/", "~1")


def shown(key: object) -> str:
    """A client's key as it may appear in a response: characters that cannot be stored are escaped."""
    return str(key).replace("\x00", "\\x00").encode("utf-8", "backslashreplace").decode()
