"""The time that a worker needs to find the jobs with claimable items.

A script (see scripts.py) that needs the service's environment. In: anything; out: milliseconds.
"""

import time
from statistics import median

from benchmarks.django_script import serve
from imports.claiming import due_items

TIMES = 20


def look(_: object) -> float:
    """The median over a few queries, each by a new process."""
    taken = []
    for _round in range(TIMES):
        jobs = due_items.OpenJobs()
        began = time.perf_counter()
        jobs.all()
        taken.append(1000 * (time.perf_counter() - began))
    return median(taken)


if __name__ == "__main__":
    serve(look)
