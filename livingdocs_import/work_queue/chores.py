"""Chores: periodic work, done by whichever worker process is first. Running one twice does no harm.

An app registers its chores with `@chores.chore("what_it_counts")` in its module `housekeeping.py`. These modules are
imported by what runs chores (`of_all_apps`): other processes do without them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from django.utils.module_loading import autodiscover_modules

Chore = Callable[[], int]  # returns the number of things done


@dataclass
class Chores:
    """The chores of all apps. Those that need the storage are separate: not every process has one mounted."""

    _anywhere: dict[str, list[Chore]] = field(default_factory=dict)
    _with_files: dict[str, list[Chore]] = field(default_factory=dict)
    _prompt: dict[str, list[Chore]] = field(default_factory=dict)
    _slow: dict[str, list[Chore]] = field(default_factory=dict)

    def chore(
        self, counts: str, *, needs_files: bool = False, prompt: bool = False, slow: bool = False
    ) -> Callable[[Chore], Chore]:
        """Register a function; the results of functions with one name are added up.

        A `prompt` chore runs every few seconds, and ends within two. A `slow` one needs the storage and other servers,
        and delays no other.
        """

        def register(chore: Chore) -> Chore:
            kind = (
                self._slow if slow else self._with_files if needs_files else self._prompt if prompt else self._anywhere
            )
            kind.setdefault(counts, []).append(chore)
            return chore

        return register

    def without_files(self) -> dict[str, Chore]:
        """Run the chores that any worker process can do; returns counts by name."""
        return {name: partial(_all, chores) for name, chores in self._anywhere.items()}

    def with_files(self) -> dict[str, Chore]:
        """Run the chores that need the storage; returns counts by name."""
        return {name: partial(_all, chores) for name, chores in self._with_files.items()}

    def slowly(self) -> dict[str, Chore]:
        """Run the chores that may take minutes; returns counts by name."""
        return {name: partial(_all, chores) for name, chores in self._slow.items()}

    def promptly(self) -> dict[str, Chore]:
        """Run the chores that others wait for; returns counts by name."""
        return {name: partial(_all, chores) for name, chores in self._prompt.items()}


def _all(chores: list[Chore]) -> int:
    """Run each, also after one has failed; the first error is raised in the end."""
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


def of_all_apps() -> Chores:
    """The chores of this process, with all that the apps register."""
    autodiscover_modules("housekeeping")
    return chores
