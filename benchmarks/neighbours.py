"""How long project B waits for its batch beside the work of project A, and the failures when something breaks.

Times are by the clock, from the POST to the finished status; so they are reported beside those on the idle service in
the same run.
"""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

from benchmarks import faults, figures, kills, loads, scripts, webhook_receivers
from benchmarks.figures import Figure
from benchmarks.options import Options
from benchmarks.two_projects import Stage, running

FEW, FEW_SECONDS = 10, 3.0  # goal for a batch of this many items …
TIMES_IDLE = 3.0  # … and for a larger one, in multiples of its time on the idle service
TRIES = 3  # with few items; the slowest counts
CALM_SECONDS = 5.0  # seconds until A's work is well under way

Load = Callable[[Stage], AbstractContextManager[None]]
Batch = tuple[str, int]  # kind and number of items


@dataclass(frozen=True)
class Neighbour:
    """A's load, and the batches that B posts beside it."""

    load: Load
    batches: tuple[Batch, ...] = (("images", FEW),)
    look: bool = False  # also measure how long a worker looks for jobs


NEIGHBOURS = {
    "small-slow": Neighbour(loads.many_small_jobs_of_a_slow_host),
    "small-healthy": Neighbour(loads.many_small_healthy_jobs),
    "big-slow": Neighbour(loads.big_jobs_of_a_slow_host, (("images", FEW), ("documents", FEW), ("images", 1_000))),
    "trickling": Neighbour(loads.trickling_hosts, (("images", FEW), ("documents", FEW))),
    "hanging": Neighbour(loads.hanging_hosts, (("images", FEW), ("images", 500))),
    "waiting": Neighbour(loads.second_tries_in_an_hour, (("images", FEW), ("images", 2_000)), look=True),
    "healthy": Neighbour(loads.healthy_jobs_of_every_kind, (("images", FEW), ("documents", FEW))),
}
FAULTS: Mapping[str, Callable[[Options], list[Figure]]] = {
    "hanging-tenth": faults.hanging_tenth,
    "storage-away": faults.storage_away,
    "dead-links": faults.dead_links,
    "kills": kills.kills,
    "webhooks": webhook_receivers.second_tries,
}
NAMES = (*NEIGHBOURS, *FAULTS)


def run(options: Options) -> Iterator[str]:
    """Text lines, each row as soon as it is measured."""
    if unknown := set(options.scenarios) - set(NAMES):
        raise SystemExit(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    yield from figures.HEAD
    for name in options.scenarios or NAMES:
        print(f"{name} …", file=sys.stderr, flush=True)
        found = measure(name, NEIGHBOURS[name], options) if name in NEIGHBOURS else FAULTS[name](options)
        yield from (figure.line for figure in found)
    yield ""


def measure(name: str, neighbour: Neighbour, options: Options) -> list[Figure]:
    """One row of A's load: each of B's batches on the idle service, then beside it."""
    with running(quick=options.quick) as stage:
        batches = [(kind, number if number <= FEW else stage.size(number)) for kind, number in neighbour.batches]
        idle = {batch: _seconds(stage, batch) for batch in batches}
        looked = _look(stage) if neighbour.look else 0.0
        with neighbour.load(stage):
            time.sleep(CALM_SECONDS)
            found = []
            for batch in batches:
                seconds = _seconds(stage, batch)
                found.append(_judged(name, batch, seconds, idle[batch], stage.open_jobs()))
            if neighbour.look:
                found.append(_judged_look(name, _look(stage), looked))
            return found


def _seconds(stage: Stage, batch: Batch) -> float:
    """The slowest of a few runs of a small batch; a large one is posted once."""
    kind, number = batch
    return max(stage.b.seconds_for(kind, number) for _ in range(TRIES if number <= FEW else 1))


def _judged(name: str, batch: Batch, seconds: float, idle: float, open_jobs: int) -> Figure:
    kind, number = batch
    goal = FEW_SECONDS if number <= FEW else TIMES_IDLE * idle
    note = f"{open_jobs} of A's jobs left" if open_jobs else "A's jobs had ended"
    return figures.within(name, f"{number:,} {kind}", seconds, goal, idle=idle, note=note)


def _look(stage: Stage) -> float:
    """Milliseconds in which a worker finds the jobs with work."""
    with scripts.running("benchmarks.looking", environment=stage.service.environment) as (script,):
        script.begin(None)
        return float(script.end())


def _judged_look(name: str, milliseconds: float, idle: float) -> Figure:
    goal = max(TIMES_IDLE * idle, 5.0)
    return Figure(
        name, "look for jobs", f"{milliseconds:.1f} ms", f"{goal:.1f} ms", milliseconds <= goal, f"{idle:.1f} ms"
    )
