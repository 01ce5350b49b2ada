"""Image import: from the POST of a batch until the job is finished, against the same work by hand."""

from benchmarks import corpus, metering, origin, scripts
from benchmarks.comparing import Comparison, in_turns
from benchmarks.metering import Cost
from benchmarks.options import Options
from benchmarks.rooflines import images as bare_images
from benchmarks.system import System, system

PROGRAMS = ("web", "worker", "webhooks", "beat")
GOAL = 0.25


def run(options: Options) -> list[str]:
    """Text lines."""
    with (
        origin.serving(corpus.photographs()) as archive,
        system(allowed=[archive.address]) as service,
        service.running(*PROGRAMS),
    ):
        return compare(service, archive, options).lines()


def compare(service: System, archive: origin.Origin, options: Options) -> Comparison:
    """Batches of photographs through both, in turns."""
    folder = service.data / "bare"
    folder.mkdir()
    numbers = iter(range(1_000_000))
    service.execute(bare_images.TABLE)
    with scripts.running("benchmarks.rooflines.images", service.database.url, str(folder), processes=2) as pair:

        def ours() -> Cost:
            return import_batch(service, archive, f"batch{next(numbers)}", options.images)

        def bare() -> Cost:
            items = corpus.image_items(
                archive.address, f"bare{next(numbers)}", options.images, files=corpus.PHOTOGRAPHS
            )
            parts = {"script": [script.pid for script in pair], "postgresql": service.servers["postgresql"]}
            return metering.measure(
                parts, lambda: sum(scripts.together(pair, [items[::2], items[1::2]])), aside=[archive.pid]
            )

        name = f"Image import, {options.images} photographs of 330 KB in a batch"
        return in_turns(name, service=ours, roofline=bare, runs=options.runs, goal=GOAL)


def import_batch(
    service: System, archive: origin.Origin, name: str, number: int, *, files: int = corpus.PHOTOGRAPHS
) -> Cost:
    """One job over HTTP, until its status is finished; every item must have succeeded."""
    client = service.client
    body = {
        "systemName": "bench",
        "images": corpus.image_items(archive.address, name, number, files=files),
    }

    def work() -> int:
        job = client.post("import/images", body)["id"]
        rows = client.finish("images", job)["images"]
        bad = [row for row in rows if row["status"] != "success"]
        if bad or len(rows) != number:
            raise SystemExit(f"{len(rows)} of {number} items ended, {len(bad)} of them badly: {bad[:1]}")
        return number

    return metering.measure(service.parts(), work, aside=[archive.pid])
