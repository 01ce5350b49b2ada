"""Run the worker processes' housekeeping once, by hand."""

from typing import Any

from imports import housekeeping
from imports.claiming.notification import notify_import_workers
from livingdocs_import.management.operator_command import Example, OperatorCommand


class Command(OperatorCommand):
    help = "Notify workers, refresh validity, delete orphaned files, purge old rows: one round of housekeeping."
    examples = (
        Example("", "one round, though the workers have just done one"),
        Example("--json", "the same, counted for a program"),
    )
    json_keys = "chore, number (what it has done)"

    def run(self, **_: Any) -> None:
        swept = housekeeping.sweep(notify_imports=notify_import_workers)
        for name, number in swept.items():
            self.report.fact({"chore": name, "number": number}, f"{name.replace('_', ' ')}: {number}")
