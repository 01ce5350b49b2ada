"""Incoming references of an entry: a page of 100, from a million references, for targets of many and of few links."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks import corpus, metering, scripts
from benchmarks.client import Latency, load
from benchmarks.metering import Cost
from benchmarks.options import Options
from benchmarks.scripts import Script
from benchmarks.system import System, system

ENTRIES, EACH = 100_000, 10  # linking entries, and the links of each: the hot target, a warm one or not, cold ones
WARM = 1_000  # links to the warm target
COLD = 50_000  # targets that share the rest
# Milliseconds for a page. The first version knows no totals; in the newest all links are counted.
GOALS = {"v1": 10.0, "2026-09": None}
REQUESTS, CONNECTIONS = 200, 4
TARGETS = {
    "hot (100,000 links)": ["hot"],
    "warm (1,000)": ["warm"],
    "cold (about 18)": [f"cold-{n}" for n in range(50)],
}
# Each entry copies the one that was created through the API, under other names.
FILL = (
    f"""INSERT INTO media_library_mediaentry
    SELECT another.* FROM media_library_mediaentry AS one, generate_series(1, {ENTRIES}) AS n, jsonb_populate_record(
        one, jsonb_build_object('id', one.id + n, 'media_id', 'entry-' || n, 'external_id', 'entry-' || n)
    ) AS another""",
    f"""INSERT INTO media_library_mediareference (project_id, entry_id, target_type, target_id, property_name,
        external_system)
    SELECT entry.project_id, entry.id, 'image',
        CASE WHEN link = 0 THEN 'hot' WHEN link = 1 AND entry.id % {ENTRIES // WARM} = 0 THEN 'warm'
             ELSE 'cold-' || ((entry.id * {EACH} + link) * 7919 % {COLD}) END,
        'link' || link, ''
    FROM media_library_mediaentry AS entry, generate_series(0, {EACH - 1}) AS link""",
    "VACUUM ANALYZE",  # PostgreSQL does it by itself, some time after so many writes
)


def run(options: Options) -> list[str]:
    """Text lines."""
    with system() as service, service.running("web"):
        service.client.post("import/mediaLibrary", {"mediaLibraryEntries": corpus.entries("one", 1)})
        service.execute(*FILL)
        with scripts.running("benchmarks.explaining", environment=service.environment) as [script]:
            return [line for version in GOALS for line in compare(service, script, version, options)]


@dataclass(frozen=True)
class Asked:
    """One target, or several of a kind: milliseconds in the database, and over HTTP."""

    in_database: float
    alone: Latency
    cost: Cost


def compare(service: System, script: Script, version: str, options: Options) -> list[str]:
    """A table of all kinds of targets."""
    found = {name: ask(service, script, _paths(version, targets), options) for name, targets in TARGETS.items()}
    slowest = max(asked.in_database for asked in found.values())
    goal = GOALS[version]
    verdict = "with the total" if goal is None else f"goal <= {goal:.0f} ms: {'met' if slowest <= goal else 'MISSED'}"
    return [
        f"### {ENTRIES * EACH:,} references, a page of 100 ({version}): {slowest:.1f} ms in the database ({verdict})",
        "",
        "| target | in the database, ms | over HTTP, p50 ms | p99 ms | per core-second |",
        "|---|--:|--:|--:|--:|",
        *(
            f"| {name} | {asked.in_database:.2f} | {asked.alone.median:.1f} | {asked.alone.p99:.1f} "
            f"| {asked.cost.per_core_second:,.0f} |"
            for name, asked in found.items()
        ),
        "",
    ]


def _paths(version: str, targets: Sequence[str]) -> list[str]:
    return [f"/api/{version}/mediaLibrary/{target}/incomingMediaReferences?limit=100" for target in targets]


def ask(service: System, script: Script, paths: Sequence[str], options: Options) -> Asked:
    """In the database alone, then over HTTP: one request at a time, then several."""
    taken = [in_the_database(service, script, paths) for _ in range(options.runs + 1)][1:]
    wanted = random.Random(1).choices(paths, k=REQUESTS)
    clients = [service.client for _ in range(CONNECTIONS)]
    load(clients, wanted[:20])
    alone = load([service.client], wanted[:50])

    def work() -> int:
        load(clients, wanted)
        return REQUESTS

    return Asked(median(taken), alone, metering.measure(service.parts("web"), work))


def in_the_database(service: System, script: Script, paths: Sequence[str]) -> float:
    """The median milliseconds of a few of them."""
    requests = [{"path": path, "token": service.token, "table": "mediareference"} for path in paths[:5]]
    return median(scripts.together([script], [request])[0] for request in requests)
