"""An object that a process makes when it first needs it, and keeps."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

T = TypeVar("T")


class PerProcess(Generic[T]):
    """Called, it gives the process's object. There is no lock, so that a fork cannot inherit one that is held."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: list[T] = []

    def __call__(self) -> T:
        made = self._made
        if not made:
            made.append(self._make())  # of two threads that do so at once both get the first one's
        return made[0]

    @contextmanager
    def fresh(self) -> Iterator[None]:
        """As in a new process inside this block: an object of its own, and the one before again afterwards."""
        before, self._made = self._made, []
        try:
            yield
        finally:
            self._made = before
