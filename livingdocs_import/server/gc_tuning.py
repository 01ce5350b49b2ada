"""Python's garbage collector, tuned for processes that parse much and leave few cycles."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# Parsed JSON is tens of thousands of containers without cycles. With Python's default threshold of 700 the collector
# traverses them again and again: a third of the workers' time with documents (benchmarks/README.md).
NEW_CONTAINERS = 50_000  # allocations before the youngest generation is collected
COLLECTIONS = 20  # of a generation before the next older one is collected


def relax() -> None:
    """Freeze the objects of start-up and raise the thresholds. Call it when everything is loaded.

    Objects without cycles are freed at once, as before. Cycles stay longer in memory: some megabytes.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_CONTAINERS, COLLECTIONS, COLLECTIONS)


@contextmanager
def relaxed() -> Iterator[None]:
    """The same for a while, such as that of a command."""
    before = gc.get_threshold()
    relax()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
