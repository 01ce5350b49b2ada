"""Failures when a part of a host hangs, the storage is down, or links are dead."""

import socket
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import figures, object_storage
from benchmarks.corpus import FOLDER
from benchmarks.figures import Figure
from benchmarks.options import Options
from benchmarks.two_projects import Project, Stage, healthy, running, thumbnail

HOST = 1
JOB_SECONDS = 1_800.0
DEAD_LINK_SECONDS = 70.0
BEGUN_SECONDS = 10.0


def hanging_tenth(options: Options) -> list[Figure]:
    """500 pictures of one host of which every tenth hangs; alone, and with another project's ten of the same host."""
    found = []
    patience = {"IMPORT_HOST_PATIENCE_SECONDS": "90"} if options.quick else {}  # the job stays open this long
    for bystander in (False, True):
        with running(quick=options.quick, environment=patience) as stage:
            began = time.monotonic()
            urls = healthy(stage.origin, stage.size(500), host=HOST)
            urls[::10] = [stage.origin.url("hang", thumbnail(index), host=HOST) for index in range(0, len(urls), 10)]
            job = stage.a.import_images(urls)
            if bystander:
                time.sleep(BEGUN_SECONDS)
                found.append(
                    figures.within(
                        "hanging-tenth", "a bystander's ten", stage.b.seconds_for("images", 10, host=HOST), 3.0
                    )
                )
            rows = stage.a.rows("images", job, within=JOB_SECONDS)
            good = [row for index, row in enumerate(rows) if index % 10]
            found.append(
                figures.none_of(
                    "hanging-tenth",
                    "healthy ones that failed" + (", with a bystander" if bystander else ""),
                    failed(good),
                    len(good),
                    note=f"{time.monotonic() - began:.0f} s",
                )
            )
    return found


def failed(rows: Sequence[dict[str, Any]]) -> int:
    """The number of failed rows of a status."""
    return sum(row["state"] == "failed" for row in rows)


# --- Storage down ----------------------------------------------------------------------------------------------------


def storage_away(options: Options) -> list[Figure]:
    """800 pictures; when a fifth is stored, the storage refuses connections, or hangs, for a minute."""
    found = []
    for what in ("refuses", "hangs"):
        FOLDER.mkdir(parents=True, exist_ok=True)
        with (
            TemporaryDirectory(dir=FOLDER, prefix="objects-") as folder,
            object_storage.serving(Path(folder)) as storage,
            running(quick=options.quick, environment=storage.environment) as stage,
        ):
            leave, come_back = {"refuses": (storage.stop, storage.start), "hangs": (storage.freeze, storage.thaw)}[what]
            found.append(_away_for_a_minute(stage, what, leave, come_back))
    return found


def _away_for_a_minute(stage: Stage, what: str, leave: Callable[[], None], come_back: Callable[[], None]) -> Figure:
    number = stage.size(800)
    job = stage.a.import_images(healthy(stage.origin, number, seconds=0.2, host=HOST))
    while stage.a.progress(job)["done"] < number / 5:
        time.sleep(0.05)
    leave()
    time.sleep(stage.size(60))
    waiting = stage.a.progress(job)
    come_back()
    began = time.monotonic()
    rows = stage.a.rows("images", job, within=JOB_SECONDS)
    note = (
        f"{waiting['done']} done while it was away, waiting for {waiting.get('waitingFor')}; "
        f"finished {time.monotonic() - began:.0f} s after its return"
    )
    return figures.none_of(
        "storage-away", f"failed, storage {what} for {stage.size(60)} s", failed(rows), number, note=note
    )


# --- Dead links ------------------------------------------------------------------------------------------------------


def dead_links(options: Options) -> list[Figure]:
    """Jobs of one dead link in sequence, each kind of dead link in parallel; and one good and one dead."""
    with running(quick=options.quick) as stage, refusing() as refused, refusing() as another, dropping() as dropped:
        silent = stage.origin.url("hang", thumbnail(0), host=HOST)
        kinds = {
            "refused": [refused],
            "silent": [silent],
            "no connection": [dropped],
            "one good, one refused": [healthy(stage.origin, 1)[0], another],
            "one good, one silent": [
                healthy(stage.origin, 1)[0],
                stage.origin.url("hang", thumbnail(0), host=HOST + 1),
            ],
        }
        jobs = 2 if options.quick else 5
        with ThreadPoolExecutor(len(kinds)) as threads:
            projects = [stage.a.on_new_connection() for _ in kinds]
            taken = threads.map(_one_after_the_other, projects, kinds, kinds.values(), [jobs] * len(kinds))
            return [_judged_job(kind, seconds) for kind, seconds in zip(kinds, taken, strict=True)]


def _judged_job(kind: str, taken: Sequence[tuple[float, float]]) -> Figure:
    finished, webhooks = zip(*taken, strict=True)
    each = ", ".join(f"{seconds:.0f}" for seconds in finished)
    note = f"each: {each}; webhooks {max(webhooks):.1f} s later at most"
    return figures.within("dead-links", f"job finished: {kind}", max(finished), DEAD_LINK_SECONDS, note=note)


def _one_after_the_other(project: Project, kind: str, urls: Sequence[str], jobs: int) -> list[tuple[float, float]]:
    """Seconds from each POST until the job was finished, and from then until its webhook arrived.

    Only the dead link may have failed.
    """
    taken = []
    for number in range(jobs):
        began = time.monotonic()
        hook = project.origin.url("answer", f"dead-{kind.replace(' ', '-')}-{number}")
        job = project.import_images(urls, webhook=hook)
        rows = project.rows("images", job, within=JOB_SECONDS)
        if failed(rows) != 1:
            raise SystemExit(f"{kind}: {rows}")
        finished = time.monotonic()
        while not any(hook.endswith(received.target) for received in project.origin.received()):
            time.sleep(0.05)
        taken.append((finished - began, time.monotonic() - finished))
    return taken


@contextmanager
def refusing() -> Iterator[str]:
    """The URL of a host that refuses connections: its port is taken, but does not listen."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.2", 0))
        yield f"http://127.0.0.2:{taken.getsockname()[1]}/picture.jpg"


@contextmanager
def dropping() -> Iterator[str]:
    """The URL of a host that sends nothing back, not even a refusal."""
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.3", 0))
        listener.listen(0)
        for filling in (first, second):  # Linux drops packets when the queue is full
            filling.setblocking(False)
            filling.connect_ex(listener.getsockname())
        yield f"http://127.0.0.3:{listener.getsockname()[1]}/picture.jpg"
