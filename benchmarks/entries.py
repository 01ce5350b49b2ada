"""Ready-made media library entries: POST import/mediaLibrary against parsing, checking and a COPY."""

import json

from benchmarks import corpus, metering, scripts
from benchmarks.comparing import in_turns
from benchmarks.metering import Cost
from benchmarks.options import Options
from benchmarks.rooflines import entries as bare_entries
from benchmarks.system import system

NUMBER, IN_A_REQUEST = 5_000, 500
GOAL = 0.4


def run(options: Options) -> list[str]:
    """Lines for people."""
    with system() as service, service.running("web"):
        service.execute(bare_entries.TABLE)
        client = service.client
        numbers = iter(range(1_000_000))
        with scripts.running("benchmarks.rooflines.entries", service.database.url) as [script]:

            def ours() -> Cost:
                bodies = requests(f"run{next(numbers)}")

                def work() -> int:
                    created = 0
                    for body in bodies:
                        answer = client.post("import/mediaLibrary", body)
                        created += sum(element["ok"] for element in answer["mediaLibraryEntries"])
                    return created

                cost = metering.measure(service.parts(), work)
                if cost.operations != NUMBER:
                    raise SystemExit(f"{cost.operations} of {NUMBER} entries were created")
                return cost

            def bare() -> Cost:
                bodies = [body.decode() for body in requests(f"bare{next(numbers)}")]
                parts = {"script": [script.pid], "postgresql": service.servers["postgresql"]}
                return metering.measure(parts, lambda: sum(scripts.together([script], [bodies])))

            name = f"Media library entries, {NUMBER:,} in requests of {IN_A_REQUEST}"
            return in_turns(name, service=ours, roofline=bare, runs=options.runs, goal=GOAL).lines()


def requests(name: str) -> list[bytes]:
    """The bodies of the POSTs."""
    found = corpus.entries(name, NUMBER)
    return [
        json.dumps({"mediaLibraryEntries": found[begin : begin + IN_A_REQUEST]}).encode()
        for begin in range(0, NUMBER, IN_A_REQUEST)
    ]
