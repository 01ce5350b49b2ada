"""What came of a bulk import: counts, reasons and jobs, for people and as JSON."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from imports.bulk.repeated_ids import Repeated
from imports.bulk.rows import Row, RowProblem, shown
from livingdocs_import.validation.json_types import JSONObject

MAX_LISTED = 10  # reasons, rows and ids that are shown
MAX_REASONS = 200  # that are counted one by one
OTHER = "other reasons"


@dataclass
class Report:
    """Counts rows by what became of them. `reasons`: why some were not imported; numbers are left out of them."""

    input: str
    service: str
    id_property: str = "id"  # that names an item in the other system
    rows: int = 0
    empty: int = 0
    refused: int = 0
    posted: int = 0
    success: int = 0
    skipped: int = 0
    failed: int = 0
    unknown: int = 0  # rows that were posted, and whose job is not known, or gone
    left_alone: int = 0
    without_id: int = 0  # rows that are not refused, and lack the id of the other system
    is_comparison: bool = False
    repeated: int = 0
    is_finished: bool = True
    reasons: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)  # by reason: what was wrong with the first row
    would: Counter[str] = field(default_factory=Counter)
    differences: Counter[str] = field(default_factory=Counter)
    first_repeated: list[Repeated] = field(default_factory=list)
    jobs: Sequence[str] = ()
    failures_file: str = ""  # "": none was asked for
    to_import_again: int = 0  # rows in it
    plan_file: str = ""

    @property
    def is_all_well(self) -> bool:
        found = self.refused or self.failed or self.unknown or self.would["fail"] or self.differences
        return not (found or self.not_compared)

    @property
    def not_compared(self) -> int:
        """Rows that a comparison has left out, as they have no id."""
        return self.without_id if self.is_comparison else 0

    def refuse(self, row: Row) -> None:
        """Count a row that is not imported, with its problems."""
        self.refused += 1
        for problem in row.problems:
            self.count_reason(_general(problem))

    def repeat(self, found: Sequence[Repeated]) -> None:
        """Count ids that came before."""
        self.repeated += len(found)
        self.first_repeated += found[: MAX_LISTED - len(self.first_repeated)]

    def count_reason(self, reason: str, detail: str = "") -> None:
        """Count one reason why a row was not imported; the detail of the first row is an example."""
        if reason not in self.reasons and len(self.reasons) >= MAX_REASONS:
            reason, detail = OTHER, ""
        self.reasons[reason] += 1
        if detail and detail != reason:
            self.examples.setdefault(reason, shown(detail))

    # --- Shown

    def lines(self) -> Iterator[str]:
        """For people."""
        yield f"{self.input}: {_number(self.rows, 'row')}" + (f", {self.empty:,} empty lines" if self.empty else "")
        if self.posted:
            jobs = f" in {_number(len(self.jobs), 'job')}" if self.jobs else ""
            yield f"  {self.posted:,} posted to {self.service}{jobs}"
        yield from (f"  {count:,} {name}" for name, count in self._counts.items() if count)
        yield from (f"  {count:,} would {name}" for name, count in sorted(self.would.items()) if count)
        yield from (f"  {count:,} {what}" for what, count in self.differences.items())
        if self.not_compared:
            yield f"  {_number(self.not_compared, 'row')} without {self.id_property}: not compared"
        elif self.without_id:
            yield f"  {_number(self.without_id, 'row')} without {self.id_property}, the id of your system"
        if self.left_alone:
            yield f"  {self.left_alone:,} left alone, as you asked"
        if self.reasons:
            yield "Reasons:"
            for reason, count in self.reasons.most_common(MAX_LISTED):
                example = self.examples.get(reason, "")
                yield f"  {count:,} x {reason}" + (f", the first one: {example}" if example else "")
        if self.repeated:
            order = ", whose jobs may be carried out in any order" if len(self.jobs) > 1 else ""
            yield f"{_number(self.repeated, 'repeated id')}{order}:"
            yield from (f"  {each}" for each in self.first_repeated)
        if self.jobs:
            more = f" … {self.jobs[-1]}" if len(self.jobs) > MAX_LISTED else ""
            yield f"Jobs: {' '.join(self.jobs[:MAX_LISTED])}{more}"
        if self.failures_file:
            yield f"{_number(self.to_import_again, 'row')} to import again: {self.failures_file}"
        if self.plan_file:
            yield f"The plan of each row: {self.plan_file}"

    @property
    def _counts(self) -> dict[str, int]:
        return {
            "imported": self.success,
            "skipped": self.skipped,
            "failed": self.failed,
            "unknown": self.unknown,
            "refused": self.refused,
        }

    def as_json(self) -> JSONObject:
        """For programs."""
        return {
            "input": self.input,
            "service": self.service,
            "rows": self.rows,
            "empty": self.empty,
            "posted": self.posted,
            "success": self.success,
            "skipped": self.skipped,
            "failed": self.failed,
            "unknown": self.unknown,
            "refused": self.refused,
            "leftAlone": self.left_alone,
            "notCompared": self.not_compared,
            "would": dict(self.would),
            "differences": dict(self.differences),
            "finished": self.is_finished,
            "reasons": [
                {"reason": reason, "count": count, "example": self.examples.get(reason)}
                for reason, count in self.reasons.most_common()
            ],
            "repeated": self.repeated,
            "repeatedIds": [
                {"id": each.external_id, "firstRow": each.first_row, "row": each.row} for each in self.first_repeated
            ],
            "jobs": list(self.jobs),
            "failuresFile": self.failures_file or None,
            "toImportAgain": self.to_import_again,
            "planFile": self.plan_file or None,
        }


def _general(problem: RowProblem) -> str:
    """A reason that many rows may have: without what was found."""
    return shown(str(problem).partition(", found ")[0])


def _number(count: int, one: str) -> str:
    return f"{count:,} {one}" + ("" if count == 1 else "s")
