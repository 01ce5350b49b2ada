"""Failures as a table for spreadsheets."""

from collections.abc import Iterable, Iterator

from imports.cause_explanations import UNRECORDED
from imports.models import ImportItem
from livingdocs_import.admin import readable, spreadsheets

COLUMNS = ("project", "job", "external id", "title", "address", "cause", "reason", "message", "failed at", "tries")


def csv_lines(items: Iterable[ImportItem]) -> Iterator[str]:
    """The table, line by line; `items` have their address (imports/outcomes/failures.py)."""
    return spreadsheets.csv_lines(COLUMNS, map(_values, items))


def _values(item: ImportItem) -> tuple[str, ...]:
    message = str((item.details or {}).get("message") or "")
    return (
        item.job.project.handle,
        item.job.public_id,
        item.external_id,
        item.title,
        getattr(item, "address", None) or "",
        item.cause or UNRECORDED,
        item.reason,
        readable.redacted(message),
        item.failed_at.isoformat(timespec="seconds") if item.failed_at else "",
        str(item.attempts),
    )
