"""A program that searches the media library: [project, text, times] in, [found, p50, p99] in milliseconds out."""

import time
from statistics import quantiles
from typing import Any

from benchmarks.django_script import serve
from media_library.search.find import find


def work(request: Any) -> list[float]:
    project_id, text, times = request
    found, taken = 0, []
    for _ in range(times):
        began = time.perf_counter()
        found = len(find([project_id], text, "search").entry_ids)
        taken.append(1000 * (time.perf_counter() - began))
    cuts = quantiles(taken, n=100)
    return [found, cuts[49], cuts[98]]


if __name__ == "__main__":
    serve(work)
