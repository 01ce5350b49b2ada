"""Failures and orphaned files while workers are killed with SIGKILL every few seconds."""

import random
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks import figures
from benchmarks.faults import JOB_SECONDS, failed
from benchmarks.figures import Figure
from benchmarks.options import Options
from benchmarks.two_projects import WORKERS, Stage, running, thumbnail

PICTURES = 800
EVERY = (5.0, 9.0)  # seconds between two kills
ANSWER_SECONDS = 0.5
STUMBLING = 5  # one in this many pictures is served on the second attempt only
HOST = 1


def kills(options: Options) -> list[Figure]:
    """This many runs in sequence, on the same service."""
    with running(quick=options.quick) as stage:
        return [figure for number in range(options.kill_runs) for figure in _run(stage, number)]


def _run(stage: Stage, number: int) -> list[Figure]:
    urls = [
        stage.origin.url(
            "answer" if index % STUMBLING else "stumble", thumbnail(index), seconds=ANSWER_SECONDS, host=HOST
        )
        for index in range(stage.size(PICTURES))
    ]
    began = time.monotonic()
    with killing(stage, random.Random(number)) as killed:
        rows = stage.a.rows("images", stage.a.import_images(urls), within=JOB_SECONDS)
    seconds = time.monotonic() - began
    orphans, stored = _orphans(stage)
    causes = sorted({str(row["error_details"]["cause"]) for row in rows if row["state"] == "failed"})
    note = ", ".join([f"{len(killed)} kills in {seconds:.0f} s", *causes])
    return [
        figures.none_of("kills", f"failed, run {number + 1}", failed(rows), len(urls), note=note),
        figures.none_of("kills", f"orphans after run {number + 1}", orphans, stored),
    ]


@contextmanager
def killing(stage: Stage, seeded: random.Random) -> Iterator[list[str]]:
    """Kill one of the workers now and then, and restart it at once; returns the names of the killed ones."""
    killed: list[str] = []
    over = threading.Event()

    def kill() -> None:
        while not over.wait(seeded.uniform(*EVERY)):
            name = seeded.choice(WORKERS)
            stage.service.kill(name)
            killed.append(name)
            stage.start_worker(name)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()


def _orphans(stage: Stage) -> tuple[int, int]:
    """Files without an owner after all deletions, and the number of files."""
    table = "media_library_discard"
    while stage.service.query(f"SELECT 1 FROM {table} LIMIT 1"):
        stage.service.execute(f"UPDATE {table} SET due_at = now()")  # without a hurry they would be deleted in minutes
        stage.service.manage("sweep")
    said = stage.service.manage("audit_assets")
    found = re.search(r"(\d+) files checked, (\d+) orphaned", said)
    assert found, said
    return int(found[2]), int(found[1])
