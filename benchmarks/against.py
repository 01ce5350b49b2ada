"""Two versions of the service, run in turns: the cost of an operation in this checkout and in another one.

Both run at the same time, each with servers of its own; one of them idles. Neighbouring runs of both make a pair, so
that other load on the machine affects both.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, count
from math import comb
from pathlib import Path
from statistics import median

from benchmarks import corpus, documents, entries, images, origin, reads
from benchmarks.comparing import row
from benchmarks.corpus import ROOT
from benchmarks.metering import Cost
from benchmarks.options import Options
from benchmarks.system import system

Run = Callable[[], Cost]
CONFIDENCE = 0.95
WARMING_UP = 200  # requests to a new process that do not count


@dataclass(frozen=True)
class Pairs:
    """`here[i]` and `there[i]` ran one after the other."""

    name: str
    here: Sequence[Cost]
    there: Sequence[Cost]

    @property
    def ratios(self) -> list[float]:
        """CPU per operation here, divided by that of the other checkout; sorted."""
        pairs = zip(self.here, self.there, strict=True)
        return sorted(there.per_core_second / here.per_core_second for here, there in pairs)

    def lines(self) -> list[str]:
        """A table in Markdown."""
        ratios, low, high = self.ratios, *bounds(len(self.here))
        return [
            f"### {self.name}: {median(ratios):.3f} times the CPU of the other version",
            "",
            f"{len(ratios)} pairs; the median lies above {ratios[low]:.3f} and below {ratios[high]:.3f}, each by 95 %.",
            "",
            "| | per core-second (lowest - highest) | per second | CPU ms per operation | others' CPU |",
            "|---|--:|--:|---|--:|",
            row("here", self.here),
            row("there", self.there),
            "",
        ]


def bounds(pairs: int) -> tuple[int, int]:
    """Places in the sorted ratios of the one-sided 95 % bounds of the median, without regard to the distribution."""
    tails = accumulate(comb(pairs, place) / 2**pairs for place in range(pairs))
    outside = sum(tail <= 1 - CONFIDENCE for tail in tails)
    place = max(outside - 1, 0)  # fewer than five pairs have no such bound
    return place, pairs - 1 - place


def run(names: Sequence[str], other: Path, options: Options) -> Iterator[str]:
    """Text lines, one table after the other."""
    for name in names:
        with WORKLOADS[name](ROOT, options) as here, WORKLOADS[name](other, options) as there:
            yield from in_pairs(name, here, there, options.runs).lines()


def in_pairs(name: str, here: Run, there: Run, runs: int) -> Pairs:
    """Each pair in the other order, after two runs of each that do not count."""
    for _ in range(2):
        here(), there()
    pairs = []
    for number in range(runs):
        if number % 2:
            second, first = there(), here()
        else:
            first, second = here(), there()
        pairs.append((first, second))
    return Pairs(name, [first for first, _ in pairs], [second for _, second in pairs])


# --- Operations ------------------------------------------------------------------------------------------------------


@contextmanager
def _pictures(folder: Path, files: int, number: int, tree: Path) -> Iterator[Run]:
    with origin.serving(folder) as archive, system(allowed=[archive.address], tree=tree) as service:
        names = count()
        with service.running(*images.PROGRAMS):
            yield lambda: images.import_batch(service, archive, f"batch{next(names)}", number, files=files)


def _photographs(tree: Path, options: Options) -> AbstractContextManager[Run]:
    return _pictures(corpus.photographs(), corpus.PHOTOGRAPHS, options.images, tree)


def _thumbnails(tree: Path, options: Options) -> AbstractContextManager[Run]:
    return _pictures(corpus.thumbnails(), corpus.THUMBNAILS, options.images * 2, tree)


@contextmanager
def _documents(tree: Path, _options: Options) -> Iterator[Run]:
    with system(tree=tree) as service, service.running(*documents.PROGRAMS):
        names = count()
        yield lambda: documents.import_all(service, documents.batches(f"run{next(names)}"))


@contextmanager
def _entries(tree: Path, _options: Options) -> Iterator[Run]:
    with system(tree=tree) as service, service.running("web"):
        names = count()
        yield lambda: entries.create_all(service, f"run{next(names)}")


@contextmanager
def _reads(paths: Callable[[Sequence[str]], list[str]], tree: Path, _options: Options) -> Iterator[Run]:
    with system(tree=tree) as service:
        with service.running("web"):
            chosen = paths(reads.fill(service))
        readers = reads.Readers(service, "web", lambda: service.client)

        def read() -> Cost:
            # Processes of its own for each run: where a process has its memory and how it hashes strings changes its
            # speed for as long as it lives, by more than the difference that is looked for.
            with service.running("web"):
                readers.read(chosen[:WARMING_UP])
                return readers.read(chosen)

        yield read


WORKLOADS = {
    "images": _photographs,
    "thumbnails": _thumbnails,
    "documents": _documents,
    "entries": _entries,
    "one": partial(_reads, reads.single_paths),
    "list": partial(_reads, reads.list_paths),
}
