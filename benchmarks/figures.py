"""Measurements beside their goals, as rows of a table in Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass

HEAD = ["| Scenario | What | Idle | Then | Goal | |", "|---|---|--:|--:|--:|---|"]


@dataclass(frozen=True)
class Figure:
    """One row. `idle`: the same on the idle service in the same run; "" if it does not apply."""

    scenario: str
    what: str
    measured: str
    goal: str
    met: bool
    idle: str = ""

    @property
    def line(self) -> str:
        verdict = "met" if self.met else "MISSED"
        return f"| {self.scenario} | {self.what} | {self.idle} | {self.measured} | {self.goal} | {verdict} |"


def within(
    scenario: str, what: str, seconds: float, goal: float, *, idle: float | None = None, note: str = ""
) -> Figure:
    """Seconds that should not be more than the goal."""
    said = f"{seconds:.1f} s" + (f" ({note})" if note else "")
    before = "" if idle is None else f"{idle:.1f} s"
    return Figure(scenario, what, said, f"{goal:.1f} s", seconds <= goal, before)


def none_of(scenario: str, what: str, number: int, total: int, *, note: str = "") -> Figure:
    """A number that should be 0."""
    return Figure(scenario, what, f"{number} of {total:,}" + (f" ({note})" if note else ""), "0", number == 0)


def table(figures: Sequence[Figure]) -> list[str]:
    """All of them."""
    return [*HEAD, *(figure.line for figure in figures)]
