"""Does something cost more than in proportion to what is sent? The CPU time for n is compared with that for 4n.

A door is one way in: a parser, a check, a reader of bytes. To add one, put it into the `DOORS` of a module in
tests/hostile/doors; an attack that was found goes into `FOUND` there.

    DOORS = [Door("caption", pieces=("a", "://", " "), enter=readable.presentable)]
    FOUND = {"H9": (DOORS[0], Recipe.repeating("a"))}
"""

import contextlib
import gc
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

FIRST = 64  # characters or bytes of the smallest input
STEEPEST = 7  # times: four is in proportion, sixteen is the square
NOTICEABLE = 0.03  # seconds; what is quicker is not measured well enough to be judged
HARMLESS = 0.05  # seconds a megabyte: a fixed cost that sets in somewhere makes no attack
ENOUGH = 0.2  # seconds; nothing is made longer that takes so long already
MEGABYTE = 1 << 20
UNNOTICEABLE_MEMORY = 8 * MEGABYTE  # whatever is sent


def as_it_is(text: Any) -> Any:
    return text


def fifty_times(given: Any) -> float:
    return 50 * len(given)


@dataclass(frozen=True)
class Door:
    """One way in.

    `pieces`: what the grammar of this door knows, all str or all bytes; inputs are put together from them.
    `enter`: reads one input. `refusals` are the errors it may raise; every other one is a fault.
    `frame`: puts the repeated pieces where they belong, for instance into one property of an entry.
    `most`: characters or bytes of the longest input that is tried: what the door lets in, or where it must refuse.
    `seconds_per_megabyte`: ten times what docs/specification/budgets.md says, for machines differ.
    `memory`: bytes that one input may take, which has to be known to the door's author.
    """

    name: str
    pieces: tuple[Any, ...]
    enter: Callable[[Any], object]
    frame: Callable[[Any], Any] = as_it_is
    refusals: tuple[type[Exception], ...] = ()
    most: int = MEGABYTE
    seconds_per_megabyte: float = 2.0
    memory: Callable[[Any], float] = fifty_times

    def try_once(self, given: Any) -> None:
        with contextlib.suppress(self.refusals):
            self.enter(given)


@dataclass(frozen=True)
class Recipe:
    """An input of any length: parts in a row, of which some are repeated until it is long enough."""

    parts: tuple[tuple[Any, bool], ...]

    @classmethod
    def repeating(cls, *repeated: Any, head: Any = None, tail: Any = None) -> "Recipe":
        """The usual case: a head, some parts that are repeated (each for itself), a tail."""
        once = repeated[0][:0]
        return cls(((head or once, False), *((part, True) for part in repeated), (tail or once, False)))

    def input(self, size: int) -> Any:
        """About so many characters or bytes."""
        repeated = sum(again for _, again in self.parts) or 1
        nothing = self.parts[0][0][:0]
        return nothing.join(
            part * max(1, size // repeated // max(1, len(part))) if again else part for part, again in self.parts
        )


def seconds(door: Door, given: Any) -> float:
    """The CPU time of this process for one entry; what the garbage collector does meanwhile is not its fault."""
    gc.disable()
    try:
        started = time.process_time()
        door.try_once(given)
        return time.process_time() - started
    finally:
        gc.enable()


def assert_linear(door: Door, recipe: Recipe, most: int | None = None) -> float:
    """Fail when four times the input takes more than STEEPEST times the CPU. Returns the seconds for a megabyte."""
    size, limit = FIRST, min(door.most, most or door.most)
    before = now = seconds(door, door.frame(recipe.input(size)))
    while size * 4 <= limit and now < ENOUGH:
        size *= 4
        before, now = now, seconds(door, door.frame(recipe.input(size)))
        if now > max(NOTICEABLE, HARMLESS * size / MEGABYTE, STEEPEST * before):
            now = min(now, _quickest(door, recipe, size))
            before, long_before = _quickest(door, recipe, size // 4), _quickest(door, recipe, size // 16)
            # What grows too fast does so over both steps; a cost that sets in once is one step in a straight line.
            assert now <= STEEPEST * before or now <= STEEPEST**2 * long_before, (
                f"{door.name}: {size} of {recipe} take {now:.3f} s of CPU, a quarter of it {before:.3f} s, "
                f"a sixteenth {long_before:.3f} s"
            )
    per_megabyte = now * MEGABYTE / size
    if now > NOTICEABLE:
        assert per_megabyte < door.seconds_per_megabyte, f"{door.name}: {per_megabyte:.1f} s a megabyte for {recipe}"
    return per_megabyte


def _quickest(door: Door, recipe: Recipe, size: int) -> float:
    return min(seconds(door, door.frame(recipe.input(size))) for _ in range(3))


def peak(door: Door, given: Any) -> int:
    """By how many bytes this process would grow at most for one entry: asked in a child of its own (Linux)."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:  # pragma: no cover
        status = 1
        try:
            os.close(reader)
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            door.try_once(given)
            grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
            os.write(writer, str(grown * 1024).encode())
            status = 0
        finally:
            os._exit(status)
    os.close(writer)
    with os.fdopen(reader, "rb") as answer:
        grown = answer.read()
    os.waitpid(child, 0)
    assert grown, f"{door.name}: the child that measured its memory died"
    return int(grown)


def assert_little_memory(door: Door, recipe: Recipe, most: int | None = None) -> int:
    """Fail when an input takes more memory than the door may. Returns the bytes, 0 where they cannot be measured."""
    if sys.platform != "linux":
        return 0
    given = door.frame(recipe.input(min(door.most, most or door.most)))
    taken = peak(door, given)
    allowed = door.memory(given) + UNNOTICEABLE_MEMORY
    assert taken <= allowed, f"{door.name}: {taken} bytes of memory, not {allowed:.0f}, for {recipe}"
    return taken
