"""The load of project A while project B waits: the rows of the table in neighbours.py."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks import corpus
from benchmarks.two_projects import WORKERS, Stage, healthy, thumbnail, warm_up

A_HOST = 1  # the host of A, if there is only one; B's is 0
MANY_HOSTS = range(100, 200)
IN_AN_HOUR = """
    UPDATE imports_importitem SET attempts = 1, due_at = now() + interval '1 hour'
    WHERE outcome = 'open' AND NOT claimed
"""
ENTRIES = 500  # in a request


@contextmanager
def many_small_jobs_of_a_slow_host(stage: Stage) -> Iterator[None]:
    """100 jobs of ten pictures, a host that answers after two seconds."""
    for _ in range(stage.size(100)):
        stage.a.import_images(healthy(stage.origin, 10, seconds=2, host=A_HOST))
    yield


@contextmanager
def many_small_healthy_jobs(stage: Stage) -> Iterator[None]:
    """1,000 jobs of 20 tiny pictures that are served at once."""
    for _ in range(stage.size(1_000)):
        stage.a.import_images(healthy(stage.origin, 20, host=A_HOST))
    yield


@contextmanager
def big_jobs_of_a_slow_host(stage: Stage) -> Iterator[None]:
    """Ten jobs of 1,000 pictures, one host that answers after two seconds."""
    for _ in range(10):
        stage.a.import_images(healthy(stage.origin, stage.size(1_000), seconds=2, host=A_HOST))
    yield


@contextmanager
def trickling_hosts(stage: Stage) -> Iterator[None]:
    """Ten jobs of 100 pictures, each job's of 100 hosts that send one byte a second."""
    for _ in range(stage.size(10)):
        stage.a.import_images(
            [stage.origin.url("trickle", thumbnail(host), seconds=1, host=host) for host in MANY_HOSTS]
        )
    yield


@contextmanager
def hanging_hosts(stage: Stage) -> Iterator[None]:
    """Ten jobs of 100 pictures, each job's of 100 hosts that send nothing."""
    for _ in range(stage.size(10)):
        stage.a.import_images([stage.origin.url("hang", thumbnail(host), host=host) for host in MANY_HOSTS])
    yield


@contextmanager
def second_tries_in_an_hour(stage: Stage) -> Iterator[None]:
    """40 jobs of 10,000 pictures whose second attempt is due in an hour.

    They are posted while no worker runs, and the effects of their first attempts are written into the rows.
    """
    for name in WORKERS:
        stage.service.stop(name)
    for _ in range(40):
        stage.a.import_images(healthy(stage.origin, stage.size(10_000), host=A_HOST))
    stage.service.execute(IN_AN_HOUR, "VACUUM imports_importitem")  # as autovacuum does before the hour is over
    for name in WORKERS:
        stage.start_worker(name)
    warm_up(stage)
    yield


@contextmanager
def healthy_jobs_of_every_kind(stage: Stage) -> Iterator[None]:
    """Four jobs of 2,500 pictures, four of 1,000 documents, and entries in requests of 500, in sequence."""
    for _ in range(4):
        stage.a.import_images(healthy(stage.origin, stage.size(2_500), host=A_HOST))
        stage.a.import_documents(stage.size(1_000))
    over = threading.Event()
    thread = threading.Thread(target=_post_entries, args=(stage, over))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _post_entries(stage: Stage, over: threading.Event) -> None:
    project, number = stage.a.on_new_connection(), 0
    while not over.is_set():
        project.client.post("import/mediaLibrary", {"mediaLibraryEntries": corpus.entries(f"load{number}", ENTRIES)})
        number += 1
