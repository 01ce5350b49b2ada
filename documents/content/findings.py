"""The problems of a document, and the markup removed from its texts."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from documents.content.budgets import Budget
from livingdocs_import.validation.limits import MAX_CONTENT_PATH
from livingdocs_import.validation.problems import Path, Problem, Problems, Step, dotted


class Removal(NamedTuple):
    """What the sanitizer removed from one text: `content.0.content.text`, `("<script>", "<a onclick>")`."""

    path: Path
    removed: tuple[str, ...]


class Findings(Problems):
    """Collects the problems of one document, and removals from its texts, during the walk.

    Removals are capped like problems: a hostile document must not produce a report larger than itself. The checks of
    values count the document's costs in `budget`.
    """

    __slots__ = ("_removals", "budget", "removal_count")

    def __init__(self, budget: Budget, *, limit: int) -> None:
        super().__init__(limit=limit)
        self.budget = budget
        self._removals: list[Removal] = []
        self.removal_count = 0

    def add_removal(self, removed: tuple[str, ...], *steps: Step) -> None:
        """Add the removals from the text at these steps below the present place."""
        self.removal_count += 1
        if self.removal_count <= self.limit:
            self._removals.append(Removal((*self.place, *steps), removed))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All problems, in document order; beyond the limit one with the number of the others."""
        more = self.count - len(self.kept)
        return (*self.kept, Problem(("content",), f"and {more} more problems")) if more else tuple(self.kept)

    @property
    def removals(self) -> tuple[Removal, ...]:
        """All removals, in document order; beyond the limit one with the number of further texts."""
        more = self.removal_count - len(self._removals)
        return (*self._removals, Removal(("content",), (f"from {more} more texts",))) if more else tuple(self._removals)


def problem_error(problem: Problem) -> dict[str, Any]:
    """A problem for `error_details.errors` of a failed item."""
    return {"path": _spelled(problem.path), "message": problem.message}


def removal_details(removals: Iterable[Removal]) -> list[dict[str, Any]]:
    """Removals for the details of an item."""
    return [{"path": _spelled(removal.path), "removed": list(removal.removed)} for removal in removals]


def _spelled(path: Path) -> str:
    """`content.3.containers.main.0.content.title`"""
    return dotted(path, longest=MAX_CONTENT_PATH, longest_step=MAX_CONTENT_PATH + 2)
