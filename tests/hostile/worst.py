"""The budgets by measurement: for each door the worst input that was found, and what it costs.

    DEBUG=true .venv/bin/python manage.py shell -c "from tests.hostile import worst; worst.main()"

Of each door the inputs of `FOUND` are measured, and some that chance puts together from its pieces, as long as the door
lets in.
"""

import random
from collections.abc import Iterable, Iterator

from tests.hostile.harness import MEGABYTE, Door, Recipe, peak, seconds
from tests.hostile.test_growth import DOORS, FOUND

BY_CHANCE = 40  # inputs for each door
SHORT = 64 * 1024  # characters or bytes: the worst of these is measured as long as the door lets in
MAX_INPUT = 8 * MEGABYTE


def main() -> None:
    """Print the table in Markdown. A megabyte is one of the text that the door's frame puts into its place."""
    print("| Door | Worst input found | CPU s a MB | memory MB a MB |\n|---|---|--:|--:|")
    for door in DOORS:
        known = [recipe for other, recipe in FOUND.values() if other is door]
        print(_row(door, [*known, *_by_chance(door)]), flush=True)


def _by_chance(door: Door) -> Iterator[Recipe]:
    choose = random.Random(door.name)
    nothing = door.pieces[0][:0]
    for _ in range(BY_CHANCE):
        parts = [nothing.join(choose.choices(door.pieces, k=choose.randint(1, 3))) for _ in range(choose.randint(1, 3))]
        yield Recipe.repeating(*parts)


def _row(door: Door, recipes: Iterable[Recipe]) -> str:
    worst = max(recipes, key=lambda recipe: _seconds_per_megabyte(door, recipe, min(door.most, SHORT)))
    given = worst.input(min(door.most, MAX_INPUT))
    memory = peak(door, door.frame(given)) / len(given)
    cost = _seconds_per_megabyte(door, worst, min(door.most, MAX_INPUT))
    shown = " + ".join(f"`{part[:24]!r}`{' n times' if again else ''}" for part, again in worst.parts if part)
    escaped = shown.replace("|", "\\|").replace("\n", " ")
    return f"| {door.name} | {escaped} | {cost:.2f} | {memory:.1f} |"


def _seconds_per_megabyte(door: Door, recipe: Recipe, size: int) -> float:
    given = recipe.input(size)
    return seconds(door, door.frame(given)) * MEGABYTE / len(given)
