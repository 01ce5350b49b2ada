"""Chores: what has to be done from time to time, by whichever worker process comes first. Twice does no harm.

An app registers what it has with `@chores.chore("what_it_counts")` in its module `housekeeping.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

Chore = Callable[[], int]  # how many things it has dealt with


@dataclass
class Chores:
    """The chores of all apps. Those that need the storage are apart: not every process has one mounted."""

    _anywhere: dict[str, list[Chore]] = field(default_factory=dict)
    _with_files: dict[str, list[Chore]] = field(default_factory=dict)

    def chore(self, counts: str, *, needs_files: bool = False) -> Callable[[Chore], Chore]:
        """Register a function; what several of them count under one name is added up."""

        def register(chore: Chore) -> Chore:
            (self._with_files if needs_files else self._anywhere).setdefault(counts, []).append(chore)
            return chore

        return register

    def without_files(self) -> dict[str, Chore]:
        """What any worker process can do, by what is counted."""
        return {name: partial(_all, chores) for name, chores in self._anywhere.items()}

    def with_files(self) -> dict[str, Chore]:
        """What needs the storage, by what is counted."""
        return {name: partial(_all, chores) for name, chores in self._with_files.items()}


def _all(chores: list[Chore]) -> int:
    """Each, also when another one fails; the first error is raised in the end."""
    dealt_with, errors = 0, []
    for chore in chores:
        try:
            dealt_with += chore()
        except Exception as error:
            errors.append(error)
    if errors:
        raise errors[0]
    return dealt_with


chores = Chores()
