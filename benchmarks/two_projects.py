"""The service with two workers of two processes, two projects, and an origin that misbehaves.

Project A puts load on it, or has failures; project B is its neighbour.
"""

import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from benchmarks import corpus, misbehaving_origin
from benchmarks.client import Client
from benchmarks.misbehaving_origin import MisbehavingOrigin
from benchmarks.system import System, system

WORKERS = ("worker1", "worker2")
PROCESSES = 2  # of each worker
LOOPBACK = "127.0.0.0/8"
_runs = itertools.count()  # items of different batches have different ids


@dataclass(frozen=True)
class Project:
    """A client of a project. `name`: the prefix of its items' ids."""

    name: str
    client: Client
    origin: MisbehavingOrigin

    def on_new_connection(self) -> "Project":
        """The same client, for a thread of its own."""
        return Project(self.name, self.client.another(), self.origin)

    def import_images(self, urls: Sequence[str], *, webhook: str = "") -> str:
        """Post a batch; the job's id."""
        run = f"{self.name}{next(_runs)}"
        images = [
            {
                "url": f"{url}?{run}-{index}",
                "id": f"{run}-{index}",
                "fileName": f"Picture {index} of {run}",
                "metadata": {"title": f"Picture {index} of {run}"},
            }
            for index, url in enumerate(urls)
        ]
        return self._post("images", images, webhook)

    def import_documents(self, number: int, *, webhook: str = "") -> str:
        """Post a batch of articles; the job's id."""
        return self._post("documents", corpus.documents(f"{self.name}{next(_runs)}", number), webhook)

    def _post(self, kind: str, items: list[dict[str, Any]], webhook: str) -> str:
        body: dict[str, Any] = {"systemName": "bench", kind: items}
        return str(self.client.post(f"import/{kind}", body | ({"webhook": webhook} if webhook else {}))["id"])

    def rows(self, kind: str, job: str, *, within: float = 600.0) -> list[dict[str, Any]]:
        """The results of the items, once the job is finished."""
        status = self.client.finish(kind, job, pause=0.05, within=within)
        return list(status["logs" if kind == "documents" else kind])

    def seconds_for(self, kind: str, number: int, *, host: int = 0) -> float:
        """From the POST of a healthy batch until its job is finished; every item must have succeeded."""
        began = time.monotonic()
        urls = healthy(self.origin, number, host=host)
        job = self.import_images(urls) if kind == "images" else self.import_documents(number)
        rows = self.rows(kind, job)
        seconds = time.monotonic() - began
        if bad := [row for row in rows if row["state"] == "failed"]:
            raise SystemExit(f"{len(bad)} of {number} {kind} failed: {bad[0]}")
        return seconds

    def progress(self, job: str) -> dict[str, Any]:
        """The counts of a running job of pictures, and what it waits for."""
        return dict(self.client.get(f"import/images/status?id={job}&expand=progress")["progress"])


def healthy(origin: MisbehavingOrigin, number: int, *, seconds: float = 0, host: int = 0) -> list[str]:
    """URLs of small pictures at one healthy host."""
    return [origin.url("answer", thumbnail(index), seconds=seconds, host=host) for index in range(number)]


def thumbnail(index: int) -> str:
    """The name of a picture; there are fifty."""
    return f"{index % corpus.THUMBNAILS:03d}.jpg"


@dataclass
class Stage:
    """The setting of scenarios. `quick`: with a tenth of the sizes."""

    service: System
    origin: MisbehavingOrigin
    a: Project
    b: Project
    quick: bool

    def size(self, number: int) -> int:
        """This size, or a tenth."""
        return max(number // 10, 1) if self.quick else number

    def start_worker(self, name: str) -> None:
        """Start one of the two, as the Procfile does."""
        self.service.start(name, f"{self.service.command('worker')} --concurrency {PROCESSES} -n {name}@%h")

    def open_jobs(self) -> int:
        """The number of unfinished jobs."""
        return int(self.service.query("SELECT count(*) FROM imports_importjob WHERE state = 'started'")[0][0])


@contextmanager
def running(*, quick: bool, environment: Mapping[str, str] | None = None) -> Iterator[Stage]:
    """Everything started and warm; `environment` goes beyond what System sets."""
    with system(allowed=[LOOPBACK]) as service:
        service.environment |= environment or {}
        log = service.data / "received"
        with misbehaving_origin.serving(corpus.thumbnails(), log) as origin, service.running("web", "webhooks", "beat"):
            a = Project("a", Client(service.port, service.make_project("a")), origin)
            b = Project("b", service.client, origin)
            stage = Stage(service, origin, a, b, quick)
            for name in WORKERS:
                stage.start_worker(name)
            try:
                warm_up(stage)
                yield stage
            finally:
                for name in WORKERS:
                    service.kill(name)


def warm_up(stage: Stage) -> None:
    """Let every process do some work of each kind."""
    for _ in range(2):
        stage.b.seconds_for("images", 100)
        stage.b.seconds_for("documents", 100)
