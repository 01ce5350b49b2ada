"""Reading the media library: one entry and a list of 25, with a token, against a bare Django view that needs none."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from statistics import median

import psycopg

from benchmarks import corpus, metering
from benchmarks.client import Client, Latency, load
from benchmarks.comparing import in_turns
from benchmarks.metering import Cost
from benchmarks.options import Options
from benchmarks.system import System, system
from devtools.servers import free_port

ENTRIES = 2_000
CONNECTIONS = 8
ONE, LISTS, IN_A_LIST = 1_600, 1_000, 25  # requests in a run
GOAL_ONE, GOAL_LIST = 0.5, 0.6
BARE_TABLE = "CREATE TABLE bare_answers (media_id text PRIMARY KEY, body text NOT NULL)"
WITH_GUNICORN = "gunicorn --config python:config.gunicorn"
WITH_GRANIAN = (
    "granian --interface wsgi --host 127.0.0.1 --port {port} --workers 2 --blocking-threads 8 --log-level warning"
)


def run(options: Options) -> list[str]:
    """Text lines."""
    server = WITH_GRANIAN if options.granian else WITH_GUNICORN
    with system() as service:
        web = f"{server.format(port=service.port)} config.wsgi:application"
        bare_port = free_port()
        bare = f"{server.format(port=bare_port)} benchmarks.rooflines.reading:application"
        if not options.granian:
            bare += f" --bind 127.0.0.1:{bare_port}"
        with service.running("web", web=web):
            ids = fill(service)
            service.start("bare", bare)
            try:
                Client(bare_port, "").wait_until_healthy()
                return compare(service, bare_port, ids, options)
            finally:
                service.stop("bare")


def fill(service: System) -> list[str]:
    """Create entries, and store their responses as text for the bare view; returns their media ids."""
    client = service.client
    found = corpus.entries("read", ENTRIES)
    ids = [
        element["id"]
        for begin in range(0, ENTRIES, 500)
        for element in client.post("import/mediaLibrary", {"mediaLibraryEntries": found[begin : begin + 500]})[
            "mediaLibraryEntries"
        ]
    ]
    with psycopg.connect(service.database.url) as connection, connection.cursor() as cursor:
        cursor.execute(BARE_TABLE)
        with cursor.copy("COPY bare_answers FROM STDIN") as copy:
            for media_id in ids:
                copy.write_row((media_id, client.call("GET", f"/api/v1/mediaLibrary/{media_id}").decode()))
    service.execute("ANALYZE")
    return ids


def compare(service: System, bare_port: int, ids: Sequence[str], options: Options) -> list[str]:
    """Both kinds of request at both programs, in turns."""
    server = "granian" if options.granian else "gunicorn"
    ours = Readers(service, "web", lambda: service.client)
    bare = Readers(service, "bare", lambda: Client(bare_port, ""))
    lines = []
    for name, paths, goal in (
        (f"GET one entry ({server})", single_paths(ids), GOAL_ONE),
        (f"GET {IN_A_LIST} entries ({server})", list_paths(ids), GOAL_LIST),
    ):
        ours.latencies.clear()
        service_reads, bare_reads = partial(ours.read, paths), partial(bare.read, paths)
        lines += in_turns(name, service=service_reads, roofline=bare_reads, runs=options.runs, goal=goal).lines()
        p50 = median(latency.median for latency in ours.latencies)
        p99 = median(latency.p99 for latency in ours.latencies)
        lines += [f"Of the service, {CONNECTIONS} connections: p50 {p50:.1f} ms, p99 {p99:.1f} ms.", ""]
    return lines


def single_paths(ids: Sequence[str]) -> list[str]:
    """A run's requests for one entry."""
    seeded = random.Random(1)
    return [f"/api/v1/mediaLibrary/{seeded.choice(ids)}" for _ in range(ONE)]


def list_paths(ids: Sequence[str]) -> list[str]:
    """A run's requests for lists."""
    seeded = random.Random(2)
    return [f"/api/v1/mediaLibrary?ids={','.join(seeded.sample(ids, IN_A_LIST))}" for _ in range(LISTS)]


@dataclass
class Readers:
    """Connections to one of the two programs, and the durations of its responses."""

    service: System
    program: str
    connect: Callable[[], Client]
    latencies: list[Latency] = field(default_factory=list)

    def read(self, paths: Sequence[str]) -> Cost:
        """GET all of them, over new connections, whose distribution over the processes is random but fixed."""
        clients = [self.connect() for _ in range(CONNECTIONS)]

        def work() -> int:
            self.latencies.append(load(clients, paths))
            return len(paths)

        return metering.measure(self.service.parts(self.program), work)
