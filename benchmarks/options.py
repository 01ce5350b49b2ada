"""The options of the command line."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """Sizes are in operations per run."""

    runs: int = 3
    images: int = 600
    granian: bool = False  # reads through granian instead of gunicorn
    scenarios: tuple[str, ...] = ()  # of neighbours; none: all
    quick: bool = False  # neighbours with a tenth of the sizes
    kill_runs: int = 3
    rows: int = 300_000  # of a file that is imported in bulk
    publications: int = 1_000_000  # that are searched; 0: none
    entries: int = 1_000_000  # of the media library that are searched; 0: none
