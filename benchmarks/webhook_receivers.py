"""The delay of webhooks, beside receivers that hang and beside slow downloads."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from benchmarks import figures, loads
from benchmarks.figures import Figure
from benchmarks.options import Options
from benchmarks.two_projects import Stage, running

LATE_SECONDS = 15.0
ALL_SECONDS = 300.0
STRANGERS = range(1_000, 1_450)  # hosts that hang, and have no history
ANSWERING = range(900, 910)  # hosts that answer
SECOND_TRIES = 300
LOOK_EVERY = 0.5  # seconds; a second attempt is due after four at least
PLANNED = """
    SELECT url, extract(epoch FROM due_at)::float8 FROM livingdocs_import_webhookdelivery
    WHERE state = 'pending' AND attempts = 1 AND NOT claimed
"""


def second_tries(options: Options) -> list[Figure]:
    """300 webhooks accepted at the second attempt, beside slow downloads, then beside 450 receivers that hang."""
    with running(quick=options.quick) as stage, loads.big_jobs_of_a_slow_host(stage):
        time.sleep(5)
        beside_downloads = _second_tries(stage, "beside ten slow jobs")
    with running(quick=options.quick) as stage:
        _notify(stage, "answer", "known", 0, [ANSWERING[0]])
        _arrived(stage, "known", 1)
        count = stage.size(len(STRANGERS))
        for host in STRANGERS[:count]:
            _notify(stage, "hang", "stranger", host, [host])
        while not _received(stage, "stranger"):
            time.sleep(0.05)
        time.sleep(1)
        began = time.time()
        _notify(stage, "answer", "known", 1, [ANSWERING[0]])
        seconds = _arrived(stage, "known", 2) - began
        beside_strangers = _second_tries(stage, f"beside {count} receivers that hang")
    quick = figures.within("webhooks", f"a known receiver's, beside {count} that hang", seconds, LATE_SECONDS)
    return [beside_downloads, quick, beside_strangers]


def _notify(stage: Stage, behaviour: str, name: str, number: int, hosts: list[int] | range) -> None:
    """Run a job of one document with a webhook."""
    hook = stage.origin.url(behaviour, f"{name}-{number}", host=hosts[number % len(hosts)])
    stage.a.import_documents(1, webhook=hook)


def _received(stage: Stage, name: str) -> list[float]:
    return [one.at for one in stage.origin.received() if f"/{name}-" in one.target]


def _arrived(stage: Stage, name: str, number: int) -> float:
    """The time of the last of so many webhooks, in seconds since 1970."""
    until = time.monotonic() + ALL_SECONDS
    while len(found := _received(stage, name)) < number:
        if time.monotonic() > until:
            raise SystemExit(f"{len(found)} of {number} webhooks {name!r} came within {ALL_SECONDS} s")
        time.sleep(0.05)
    return found[-1]


def _second_tries(stage: Stage, beside: str) -> Figure:
    """Post them and compare the time of each second attempt with its due time."""
    count = stage.size(SECOND_TRIES)
    with _planned(stage) as due_at:
        for number in range(count):
            _notify(stage, "stumble", "second", number, ANSWERING)
        _arrived(stage, "second", 2 * count)
    came: dict[str, list[float]] = {}
    for one in stage.origin.received():
        came.setdefault(one.target, []).append(one.at)
    late = [came[urlsplit(url).path][1] - moment for url, moment in due_at.items() if "/second-" in url]
    if len(late) != count:
        raise SystemExit(f"the plans of {len(late)} of {count} second tries were seen")
    return figures.within("webhooks", f"latest of {count} second tries, {beside}", max(late), LATE_SECONDS)


@contextmanager
def _planned(stage: Stage) -> Iterator[dict[str, float]]:
    """The due times of second attempts by URL; complete when the block has ended."""
    due_at: dict[str, float] = {}
    over = threading.Event()

    def look() -> None:
        while not over.wait(LOOK_EVERY):
            due_at.update(stage.service.query(PLANNED))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield due_at
    finally:
        over.set()
        thread.join()
