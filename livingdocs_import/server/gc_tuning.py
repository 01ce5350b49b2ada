"""Python's garbage collector, set for processes that parse much and leave few cycles."""

import gc

# Parsed JSON is containers by the ten thousand, none of them in a cycle: with Python's own 700 the collector looks at
# all of them again and again. With documents a third of the workers' time went there (benchmarks/README.md).
NEW_CONTAINERS = 50_000  # between two looks at the youngest
LOOKS = 20  # at the young ones before one at the next older, and so on


def relax() -> None:
    """Let the collector pass over what the program itself is made of, and come more rarely; call it when all is loaded.

    What is in no cycle is freed at once, as ever. What is in one waits longer: some megabytes.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_CONTAINERS, LOOKS, LOOKS)
