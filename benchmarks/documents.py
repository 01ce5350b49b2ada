"""Document import: from the POST of batches until all are finished, against parsing, checking, extracting, COPY."""

import json

from benchmarks import corpus, metering, scripts
from benchmarks.comparing import in_turns
from benchmarks.metering import Cost
from benchmarks.options import Options
from benchmarks.rooflines import documents as bare_documents
from benchmarks.system import System, system

PROGRAMS = ("web", "worker", "webhooks", "beat")
BATCHES, IN_A_BATCH = 4, 1_000
GOAL = 0.25


def run(options: Options) -> list[str]:
    """Text lines."""
    with system() as service, service.running(*PROGRAMS):
        service.execute(*bare_documents.TABLES)
        numbers = iter(range(1_000_000))
        with scripts.running("benchmarks.rooflines.documents", service.database.url, processes=2) as processes:

            def bare() -> Cost:
                bodies = [body.decode() for body in batches(f"bare{next(numbers)}")]
                parts = {"scripts": [one.pid for one in processes], "postgresql": service.servers["postgresql"]}
                return metering.measure(parts, lambda: sum(scripts.together(processes, [bodies[::2], bodies[1::2]])))

            name = f"Document import, {BATCHES} batches of {IN_A_BATCH:,} documents of 6 KB"
            return in_turns(
                name,
                service=lambda: import_all(service, batches(f"run{next(numbers)}")),
                roofline=bare,
                runs=options.runs,
                goal=GOAL,
            ).lines()


def batches(name: str) -> list[bytes]:
    """The bodies of the POSTs."""
    return [
        json.dumps({"systemName": "bench", "documents": corpus.documents(f"{name}-{number}", IN_A_BATCH)}).encode()
        for number in range(BATCHES)
    ]


def import_all(service: System, bodies: list[bytes]) -> Cost:
    """Jobs over HTTP, until their status is finished; every document must have been imported."""
    client = service.client

    def work() -> int:
        jobs = [client.post("import/documents", body)["id"] for body in bodies]
        rows = [row for job in jobs for row in client.finish("documents", job)["logs"]]
        bad = [row for row in rows if row["state"] != "imported"]
        if bad or len(rows) != BATCHES * IN_A_BATCH:
            raise SystemExit(f"{len(rows)} documents ended, {len(bad)} of them badly: {bad[:1]}")
        return len(rows)

    return metering.measure(service.parts(), work)
