"""While one batch is posted the next one is read: the same ones in the same order, and no more of them in memory."""

import threading
from collections.abc import Iterator

import pytest

from imports.bulk.read_ahead import read_ahead


def test_the_elements_and_their_order_are_the_same() -> None:
    assert list(read_ahead(iter(range(100)))) == list(range(100))
    assert list(read_ahead(iter([]))) == []


def test_the_next_one_is_made_while_one_is_in_use_and_no_other() -> None:
    made, second = [], threading.Event()

    def elements() -> Iterator[int]:
        for number in range(1, 5):
            made.append(number)
            if number == 2:
                second.set()
            yield number

    found = read_ahead(elements())
    assert next(found) == 1
    assert second.wait(10), "the second was not made while the first one was in use"
    assert next(found) == 2
    found.close()
    assert max(made) <= 3


def test_an_error_comes_after_the_elements_before_it() -> None:
    def elements() -> Iterator[str]:
        yield "row 2"
        yield "row 3"
        raise ValueError("row 4")

    found = read_ahead(elements())
    assert [next(found), next(found)] == ["row 2", "row 3"]
    with pytest.raises(ValueError, match="row 4"):
        next(found)


def test_no_thread_is_left_when_it_ends_early() -> None:
    found = read_ahead(iter(range(100)))
    next(found)
    found.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("read-ahead")]
