"""The dated versions in order; a version is a value that is compared, not a copy of the views (spec 2.1)."""

from dataclasses import dataclass
from functools import total_ordering

NAMES = (
    "v1",
    "beta",
    "2025-03",
    "2025-05",
    "2025-07",
    "2025-09",
    "2025-11",
    "2026-01",
    "2026-03",
    "2026-05",
    "2026-07",
    "2026-09",
)


@total_ordering
@dataclass(frozen=True)
class Version:
    """One of NAMES. `v1` < `beta` < all dates; comparing with a name works: `version >= "2026-01"`."""

    name: str

    @property
    def rank(self) -> int:
        return NAMES.index(self.name)

    @property
    def dated(self) -> bool:
        """Whether this is `2025-03` or later, where item rows speak of `state` and `imported` (spec 3.3)."""
        return self >= "2025-03"

    def __lt__(self, other: object) -> bool:
        return self.rank < _rank(other)

    def __eq__(self, other: object) -> bool:
        return self.name == (other.name if isinstance(other, Version) else other)

    def __hash__(self) -> int:
        return hash(self.name)


def _rank(value: object) -> int:
    return value.rank if isinstance(value, Version) else NAMES.index(str(value))


KNOWN = {name: Version(name) for name in NAMES}
