"""The plan of a dry run as a table for spreadsheets."""

from collections.abc import Iterator

from imports import plans
from imports.admin.plan_rows import ShownItem, shown
from imports.models import ImportItemQuerySet, ImportJob
from livingdocs_import.admin import spreadsheets

COLUMNS = (
    "row", "external id", "title", "address", "would", "why", "cause", "problems", "changes",
    "changed by", "changed at", "changed since the plan",
)  # fmt: skip
NONE = "(none)"
READ = 500  # items of one query


def csv_lines(job: ImportJob, items: ImportItemQuerySet, *, old_values: bool) -> Iterator[str]:
    """The items, line by line, as they are shown; they have their address."""
    return spreadsheets.csv_lines(COLUMNS, map(_values, _rows(job, items, old_values=old_values)))


def _rows(job: ImportJob, items: ImportItemQuerySet, *, old_values: bool) -> Iterator[ShownItem]:
    after = -1
    while batch := list(items.filter(position__gt=after).order_by("position")[:READ]):
        present = plans.present(job, [item.external_id for item in batch])
        yield from shown(job, batch, present, old_values=old_values)
        after = batch[-1].position


def _values(row: ShownItem) -> tuple[str, ...]:
    by_hand = row.present if row.is_touched else None
    return (
        str(row.row),
        row.item.external_id,
        row.item.title,
        getattr(row.item, "address", None) or "",
        row.would,
        row.why,
        row.item.cause,
        "\n".join(row.problems),
        "\n".join(f"{change.label}: {change.old or NONE} → {change.new or NONE}" for change in row.changes),
        by_hand.by if by_hand else "",
        by_hand.at.isoformat(timespec="seconds") if by_hand and by_hand.at else "",
        "yes" if row.has_moved else "",
    )
