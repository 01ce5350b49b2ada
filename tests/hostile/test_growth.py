"""Untrusted input costs in proportion to its length, at every entry point, in time and in memory."""

import importlib
import os
import pkgutil
import random
import time

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.hostile import doors
from tests.hostile.harness import MEGABYTE, Door, Recipe, assert_linear, assert_little_memory

# `make fuzz` gives minutes, shared by all doors; otherwise a few inputs are tried, always the same ones.
MINUTES = float(os.environ.get("HOSTILE_MINUTES", "0"))
FEW = 5  # inputs for each door
SHORT = 64 * 1024  # the longest of them
SHORT_FOUND = None if MINUTES else MEGABYTE

MODULES = [importlib.import_module(f"{doors.__name__}.{found.name}") for found in pkgutil.iter_modules(doors.__path__)]
DOORS = [door for module in MODULES for door in module.DOORS]
FOUND = {name: found for module in MODULES for name, found in module.FOUND.items()}


def recipes(door: Door) -> st.SearchStrategy[Recipe]:
    """One to three parts of one to three pieces, at least one of them repeated."""
    nothing = door.pieces[0][:0]
    text = st.lists(st.sampled_from(door.pieces), min_size=1, max_size=3).map(nothing.join)
    parts = st.lists(st.tuples(text, st.booleans()), min_size=1, max_size=3)
    return parts.filter(lambda parts: any(again for _, again in parts)).map(lambda parts: Recipe(tuple(parts)))


def search(door: Door, examples: int, longest: int | None) -> None:
    @settings(max_examples=examples, deadline=None, database=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @seed(random.randrange(1 << 32) if MINUTES else 0)
    @given(recipes(door))
    def attempt(recipe: Recipe) -> None:
        assert_linear(door, recipe, longest)

    attempt()


@pytest.mark.parametrize("name", FOUND)
def test_former_attacks_fail(name: str) -> None:
    assert_linear(*FOUND[name], most=SHORT_FOUND)


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found_takes_little_memory(name: str) -> None:
    assert_little_memory(*FOUND[name], most=SHORT_FOUND)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_what_pieces_make_costs_in_proportion(door: Door) -> None:
    until = time.monotonic() + MINUTES * 60 / len(DOORS)
    search(door, FEW, SHORT)
    while time.monotonic() < until:
        search(door, 100, None)
