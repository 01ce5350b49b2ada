"""Failures as a table for spreadsheets, which take a cell that begins like a formula for one."""

import csv
from collections.abc import Iterable, Iterator

from imports.cause_explanations import UNRECORDED
from imports.models import ImportItem
from livingdocs_import.admin import readable

COLUMNS = ("project", "job", "external id", "title", "address", "cause", "reason", "message", "failed at", "tries")
# What spreadsheets read as the beginning of a formula, also in full width, and what they skip before it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class _Line:
    """A file for csv.writer that gives each row back."""

    def write(self, text: str) -> str:
        return text


def csv_lines(items: Iterable[ImportItem]) -> Iterator[str]:
    """The table, line by line; `items` have their address (imports/outcomes/failures.py)."""
    writer = csv.writer(_Line())
    yield "\N{BYTE ORDER MARK}" + writer.writerow(COLUMNS)
    for item in items:
        yield writer.writerow([harmless(value) for value in _values(item)])


def harmless(value: str) -> str:
    """The value, quoted where it would be read as a formula."""
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULA) else value


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
