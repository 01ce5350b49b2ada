"""Make the next element in a thread of its own, while this one waits for the database or the network."""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def read_ahead(elements: Iterator[T]) -> Generator[T, None, None]:
    """The same elements in the same order, each made while the one before it is in use: one at most is waiting.

    An error comes in its place, after the elements before it. When the iteration ends early, the one that is being made
    is waited for: do not use it with what can wait for ever, such as standard input.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="read-ahead") as reader:
        following = reader.submit(_next, elements)
        while found := following.result():
            following = reader.submit(_next, elements)
            yield found[0]


def _next(elements: Iterator[T]) -> tuple[T] | None:
    for element in elements:
        return (element,)
    return None
