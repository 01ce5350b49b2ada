"""Ready-made media library entries: POST import/mediaLibrary against parsing, checking and a COPY."""

import json

from benchmarks import corpus, metering, scripts
from benchmarks.comparing import in_turns
from benchmarks.metering import Cost
from benchmarks.options import Options
from benchmarks.rooflines import entries as bare_entries
from benchmarks.system import System, system

NUMBER, IN_A_REQUEST = 5_000, 500
ROUNDS = 4  # repetitions per run: CPU time is counted in hundredths of a second
GOAL = 0.4


def run(options: Options) -> list[str]:
    """Text lines."""
    with system() as service, service.running("web"):
        service.execute(*bare_entries.TABLES)
        numbers = iter(range(1_000_000))
        with scripts.running("benchmarks.rooflines.entries", service.database.url, processes=2) as processes:

            def bare() -> Cost:
                bodies = [
                    [body.decode() for _ in range(ROUNDS // 2) for body in requests(f"bare{next(numbers)}")]
                    for _ in processes
                ]
                parts = {"scripts": [one.pid for one in processes], "postgresql": service.servers["postgresql"]}
                return metering.measure(parts, lambda: sum(scripts.together(processes, bodies)))

            name = f"Media library entries, {NUMBER:,} in requests of {IN_A_REQUEST}"
            return in_turns(
                name,
                service=lambda: create_all(service, f"run{next(numbers)}"),
                roofline=bare,
                runs=options.runs,
                goal=GOAL,
            ).lines()


def create_all(service: System, name: str) -> Cost:
    """ROUNDS times NUMBER entries over HTTP; all must have been created."""
    client = service.client
    bodies = [body for part in range(ROUNDS) for body in requests(f"{name}-{part}")]

    def work() -> int:
        created = 0
        for body in bodies:
            answer = client.post("import/mediaLibrary", body)
            created += sum(element["ok"] for element in answer["mediaLibraryEntries"])
        return created

    cost = metering.measure(service.parts(), work)
    if cost.operations != ROUNDS * NUMBER:
        raise SystemExit(f"{cost.operations} of {ROUNDS * NUMBER} entries were created")
    return cost


def requests(name: str) -> list[bytes]:
    """The bodies of the POSTs."""
    found = corpus.entries(name, NUMBER)
    return [
        json.dumps({"mediaLibraryEntries": found[begin : begin + IN_A_REQUEST]}).encode()
        for begin in range(0, NUMBER, IN_A_REQUEST)
    ]
