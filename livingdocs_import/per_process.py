"""An object that each process creates on first use, and keeps."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

T = TypeVar("T")


class PerProcess(Generic[T]):
    """Calling it returns the process's object. It has no lock, as a fork could inherit a held one."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: list[T] = []

    def __call__(self) -> T:
        made = self._made
        if not made:
            made.append(self._make())  # two concurrent threads both get the first one's
        return made[0]

    @contextmanager
    def fresh(self) -> Iterator[None]:
        """Inside this block a new object, as in a new process; the previous one is restored afterwards."""
        before, self._made = self._made, []
        try:
            yield
        finally:
            self._made = before
