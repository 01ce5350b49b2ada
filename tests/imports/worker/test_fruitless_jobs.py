"""A job of which nothing can be claimed is not asked again while it is known why."""

import pytest

from imports.worker.fruitless_jobs import MAX_HOSTS, Fruitless

ONE, TWO = 1, 2  # hosts


def known(full: set[int], full_now: set[int]) -> bool:
    """Whether a job that met these full hosts a moment ago is passed over, when those are full now."""
    fruitless = Fruitless()
    fruitless.note(7, full)
    return fruitless.is_known(7, open_jobs=1, full_now=full_now)


@pytest.mark.parametrize(
    ("full", "full_now", "passed_over"),
    [
        ({ONE, TWO}, {ONE, TWO}, True),
        ({ONE}, {ONE, TWO}, True),
        ({ONE, TWO}, {ONE}, False),
        ({ONE}, set(), False),
        (set(), {ONE}, False),
    ],
)
def test_it_is_passed_over_until_one_of_its_full_hosts_has_a_place(
    full: set[int], full_now: set[int], *, passed_over: bool
) -> None:
    assert known(full, full_now) is passed_over


def test_of_very_many_full_hosts_one_soon_has_a_place() -> None:
    many = set(range(MAX_HOSTS + 1))
    assert known(many - {0}, many)
    assert not known(many, many - {0})


def test_it_comes_after_the_others_for_a_while() -> None:
    fruitless = Fruitless()
    fruitless.note(7, set(range(MAX_HOSTS + 1)))
    assert fruitless.was_asked_lately(7, open_jobs=1)
    fruitless.forget(7)
    assert not fruitless.was_asked_lately(7, open_jobs=1)
