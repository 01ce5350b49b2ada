"""The parts of a revision, and the design it was made with."""

from dataclasses import dataclass
from typing import Any

MAX_TITLE = 1000  # characters


@dataclass(frozen=True, slots=True)
class DesignVersion:
    """A design by name and version: `living-times`, `1.0.1`."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"

    def as_dict(self) -> dict[str, str]:
        """As documents are stored and delivered with it."""
        return {"name": self.name, "version": self.version}


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a revision. `design` None: the newest version of the project's design."""

    title: str
    content: Any
    metadata: Any
    translations: Any
    design: DesignVersion | None
