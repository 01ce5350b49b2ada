"""Batches of maximum size: the POST of one, polling its status while it runs, and the memory it takes."""

import json
import time
from statistics import median

from benchmarks import corpus, metering, origin
from benchmarks.client import Client, load
from benchmarks.options import Options
from benchmarks.system import System, system

SMALL, MIDDLE, LARGE = 100, 1_000, 10_000
POST_SECONDS = 2.0  # seconds for the POST of the largest batch
MORE_FOR_LARGE = 1.2  # the cost of polling the largest job, in multiples of a small job
MORE_MEMORY = 1.1  # the memory of a worker at the largest batch, in multiples of the middle one
POLLS = 400
CONNECTIONS = 4


def run(options: Options) -> list[str]:
    """Text lines."""
    with (
        origin.serving(corpus.thumbnails()) as archive,
        system(allowed=[archive.address]) as service,
    ):
        with service.running("web"):  # no worker runs: the jobs stay as they are
            lines = posting(service, archive, options) + polling(service, archive, options)
        service.execute("DELETE FROM imports_importitem", "DELETE FROM imports_importjob")
        return lines + memory(service, archive)


def batch(archive: origin.Origin, name: str, number: int) -> bytes:
    """The body of a POST with this many small pictures."""
    items = corpus.image_items(archive.address, name, number, files=corpus.THUMBNAILS)
    return json.dumps({"systemName": "bench", "images": items}).encode()


def posting(service: System, archive: origin.Origin, options: Options) -> list[str]:
    """How long a client waits for the POST of the largest batch."""
    client = service.client
    taken = []
    for number in range(options.runs):
        body = batch(archive, f"post{number}", LARGE)
        began = time.perf_counter()
        client.post("import/images", body)
        taken.append(time.perf_counter() - began)
    verdict = "met" if max(taken) < POST_SECONDS else "MISSED"
    return [
        f"### POST of {LARGE:,} items ({len(body) / 1e6:.1f} MB): {median(taken):.2f} s, slowest {max(taken):.2f} s "
        f"(goal < {POST_SECONDS:.0f} s: {verdict})",
        "",
    ]


def polling(service: System, archive: origin.Origin, options: Options) -> list[str]:
    """The cost of one poll of a running job, by the size of the job."""
    jobs = {
        size: service.client.post("import/images", batch(archive, f"poll{size}", size))["id"] for size in (SMALL, LARGE)
    }
    paths = {size: [f"/api/v1/import/images/status?id={job}"] * POLLS for size, job in jobs.items()}
    clients = [service.client for _ in range(CONNECTIONS)]
    load(clients, paths[SMALL])
    cost: dict[int, list[float]] = {SMALL: [], LARGE: []}
    latency: dict[int, list[float]] = {SMALL: [], LARGE: []}
    for _ in range(options.runs):
        for size in (SMALL, LARGE):

            def work(size: int = size) -> int:
                latency[size].append(load(clients, paths[size]).median)
                return POLLS

            measured = metering.measure(service.parts("web"), work)
            cost[size].append(1000 / measured.per_core_second)
    ratio = median(large / small for small, large in zip(cost[SMALL], cost[LARGE], strict=True))
    verdict = "met" if ratio <= MORE_FOR_LARGE else "MISSED"
    return [
        f"### Status of a running job of {LARGE:,} items: {ratio:.2f} times the CPU of one of {SMALL} "
        f"(goal <= {MORE_FOR_LARGE}: {verdict})",
        "",
        "| items | CPU ms per question | p50 ms |",
        "|--:|--:|--:|",
        *(f"| {size:,} | {median(cost[size]):.2f} | {median(latency[size]):.1f} |" for size in cost),
        "",
    ]


def memory(service: System, archive: origin.Origin) -> list[str]:
    """Peak memory during a batch, for two sizes; each with freshly started programs."""
    peaks: dict[int, dict[str, float]] = {}
    answered: list[float] = []
    for size in (MIDDLE, LARGE):
        with service.running("web", "worker", "webhooks", "beat"):
            parts = {name: [service.programs[name].pid] for name in ("web", "worker")}
            client = service.client
            with metering.peak_memory(parts) as peaks[size]:
                job = client.post("import/images", batch(archive, f"memory{size}", size))["id"]
                answered = _poll_to_the_end(client, job, size)
    growth = {name: peaks[LARGE][name] / peaks[MIDDLE][name] for name in ("web", "worker")}
    verdict = "met" if growth["worker"] <= MORE_MEMORY else "MISSED"
    lines = [f"| {size:,} | {peak['web']:.0f} | {peak['worker']:.0f} |" for size, peak in peaks.items()]
    return [
        f"### Memory of the worker at {LARGE:,} items: {growth['worker']:.2f} times that at {MIDDLE:,} "
        f"(goal <= {MORE_MEMORY}: {verdict})",
        "",
        "| items | web, MB | worker, MB |",
        "|--:|--:|--:|",
        *lines,
        "",
        f"While the {LARGE:,} were being imported a question for their status took {median(answered):.0f} ms "
        f"(slowest {max(answered):.0f} ms).",
        "",
    ]


def _poll_to_the_end(client: Client, job: str, size: int) -> list[float]:
    """Milliseconds of each poll until the job was finished, without the last one."""
    taken: list[float] = []
    while True:
        began = time.perf_counter()
        status = client.get(f"import/images/status?id={job}")
        if status["finished"]:
            assert len(status["images"]) == size
            return taken
        taken.append(1000 * (time.perf_counter() - began))
        time.sleep(0.2)
