"""What is wrong with a document and what was taken out of it, each with its path."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from documents.content.budgets import Budget

_MAX_PATH = 300  # characters; keys of the path are the sender's


class Problem(NamedTuple):
    """One thing that is wrong: `content.3.containers.main.0.content.title`, `Invalid type: expected string`."""

    path: str
    message: str

    def as_dict(self) -> dict[str, Any]:
        """As it stands in `error_details.errors` of a failed item."""
        return {"path": self.path, "message": self.message}


class Removal(NamedTuple):
    """What the sanitiser took out of one text: `content.0.content.text`, `("<script>", "<a onclick>")`."""

    path: str
    removed: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """As it stands in the details of an item."""
        return {"path": self.path, "removed": list(self.removed)}


class Findings:
    """Collects the problems and removals of one document while it is walked.

    The walker sets `place` to the path of the component it is at; what is noted is noted relative to it. Only the first
    `limit` problems and removals are kept: a hostile document must not make a report larger than itself. The others
    are counted. What the document may cost is counted in `budget`, by whoever reads its values.
    """

    __slots__ = ("_limit", "_problems", "_removals", "budget", "place", "problem_count", "removal_count")

    def __init__(self, budget: Budget, *, limit: int) -> None:
        self.budget = budget
        self._limit = limit
        self._problems: list[Problem] = []
        self._removals: list[Removal] = []
        self.place = ""
        self.problem_count = 0
        self.removal_count = 0

    def add_problem(self, path: str, message: str) -> None:
        """Note a problem at `path` below the present place; "" is the place itself."""
        self.problem_count += 1
        if self.problem_count <= self._limit:
            self._problems.append(Problem(self._below(path), message))

    def add_removal(self, path: str, removed: tuple[str, ...]) -> None:
        """Note what the sanitiser removed from the text at `path` below the present place."""
        self.removal_count += 1
        if self.removal_count <= self._limit:
            self._removals.append(Removal(self._below(path), removed))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All problems, in document order; beyond the limit one that says how many more there are."""
        more = self.problem_count - len(self._problems)
        return (*self._problems, Problem("content", f"and {more} more problems")) if more else tuple(self._problems)

    @property
    def removals(self) -> tuple[Removal, ...]:
        """All removals, in document order; beyond the limit one that says in how many texts there were more."""
        more = self.removal_count - len(self._removals)
        return (*self._removals, Removal("content", (f"from {more} more texts",))) if more else tuple(self._removals)

    def _below(self, path: str) -> str:
        whole = f"{self.place}.{path}" if path else self.place
        return whole if len(whole) <= _MAX_PATH else f"{whole[:_MAX_PATH]}…"


def as_dicts(notes: Sequence[Problem | Removal]) -> list[dict[str, Any]]:
    """Problems or removals as JSON."""
    return [note.as_dict() for note in notes]
