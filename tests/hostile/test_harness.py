"""The comparison of n with 4n finds what grows too fast, and nothing else."""

import pytest

from tests.hostile.harness import Door, Recipe, assert_linear

RECIPE = Recipe.repeating("a")


def spend(steps: float) -> None:
    """About a hundredth of a microsecond each."""
    sum(range(int(steps)))


@pytest.mark.parametrize("power", [1.5, 2])
def test_what_grows_faster_than_its_input_is_found(power: float) -> None:
    door = Door("too steep", ("a",), lambda text: spend(0.03 * len(text) ** power))
    with pytest.raises(AssertionError, match="too steep"):
        assert_linear(door, RECIPE)


def test_a_cost_that_sets_in_once_is_no_attack() -> None:
    door = Door("a step", ("a",), lambda text: spend((20 if len(text) > 500_000 else 9) * len(text)))
    assert assert_linear(door, RECIPE) < 2.0
