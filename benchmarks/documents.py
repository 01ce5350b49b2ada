"""Document import: from the POST of a batch until the job is finished, against parsing, checking, extracting, COPY."""

import json

from benchmarks import corpus, metering, scripts
from benchmarks.comparing import in_turns
from benchmarks.metering import Cost
from benchmarks.options import Options
from benchmarks.rooflines import documents as bare_documents
from benchmarks.system import System, system

PROGRAMS = ("web", "worker", "courier", "beat")
NUMBER = 1_000
GOAL = 0.25


def run(options: Options) -> list[str]:
    """Lines for people."""
    with system() as service, service.running(*PROGRAMS):
        service.execute(*bare_documents.TABLES)
        numbers = iter(range(1_000_000))
        with scripts.running("benchmarks.rooflines.documents", service.database.url, processes=2) as processes:

            def bare() -> Cost:
                bodies = [batch(f"bare{next(numbers)}", NUMBER // 2).decode() for _ in processes]
                parts = {"scripts": [one.pid for one in processes], "postgresql": service.servers["postgresql"]}
                return metering.measure(parts, lambda: sum(scripts.together(processes, bodies)))

            name = f"Document import, {NUMBER:,} documents of 6 KB in a batch"
            return in_turns(
                name,
                service=lambda: import_batch(service, batch(f"batch{next(numbers)}")),
                roofline=bare,
                runs=options.runs,
                goal=GOAL,
            ).lines()


def batch(name: str, number: int = NUMBER) -> bytes:
    """The body of a POST."""
    return json.dumps({"systemName": "bench", "documents": corpus.documents(name, number)}).encode()


def import_batch(service: System, body: bytes) -> Cost:
    """One job over HTTP, until its status says that it is finished; every document must have been imported."""
    client = service.client

    def work() -> int:
        rows = client.finish("documents", client.post("import/documents", body)["id"])["logs"]
        bad = [row for row in rows if row["state"] != "imported"]
        if bad or len(rows) != NUMBER:
            raise SystemExit(f"{len(rows)} of {NUMBER} documents ended, {len(bad)} of them badly: {bad[:1]}")
        return NUMBER

    return metering.measure(service.parts(), work)
