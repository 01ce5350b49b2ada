"""Two implementations of the same work, run in turns; the result is the median of the ratios of neighbouring runs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.metering import Cost


@dataclass(frozen=True)
class Comparison:
    """The service against the least that the same work can cost. `goal`: the target share per core-second."""

    name: str
    service: Sequence[Cost]
    roofline: Sequence[Cost]
    goal: float

    @property
    def ratio(self) -> float:
        """The median share of the roofline that the service reaches, per core-second."""
        return median(a.per_core_second / b.per_core_second for a, b in zip(self.service, self.roofline, strict=True))

    def lines(self) -> list[str]:
        """A table in Markdown."""
        verdict = "met" if self.ratio >= self.goal else "MISSED"
        return [
            f"### {self.name}: {self.ratio:.2f} of the roofline (goal {self.goal:.2f}: {verdict})",
            "",
            "| | per core-second (lowest - highest) | per second | CPU ms per operation | others' CPU |",
            "|---|--:|--:|---|--:|",
            row("service", self.service),
            row("roofline", self.roofline),
            "",
        ]


def row(name: str, costs: Sequence[Cost]) -> str:
    """One line of the table: medians over the runs."""
    rates = [cost.per_core_second for cost in costs]
    each = {part: median(1000 * cost.cpu[part] / cost.operations for cost in costs) for part in costs[0].cpu}
    spent = ", ".join(f"{part} {milliseconds:.2g}" for part, milliseconds in each.items() if milliseconds >= 0.0005)
    wall, foreign = median(cost.per_second for cost in costs), median(cost.foreign for cost in costs)
    return (
        f"| {name} | {median(rates):,.0f} ({min(rates):,.0f} - {max(rates):,.0f}) | {wall:,.0f} | {spent} "
        f"| {foreign:.0%} |"
    )


def in_turns(
    name: str, *, service: Callable[[], Cost], roofline: Callable[[], Cost], runs: int, goal: float
) -> Comparison:
    """Run both this often, each pair in the other order, after one run of each that does not count."""
    service(), roofline()
    pairs = []
    for number in range(runs):
        if number % 2:
            theirs, ours = roofline(), service()
        else:
            ours, theirs = service(), roofline()
        pairs.append((ours, theirs))
    return Comparison(name, [ours for ours, _ in pairs], [theirs for _, theirs in pairs], goal)
