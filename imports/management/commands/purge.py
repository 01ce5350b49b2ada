"""Remove what is older than its retention."""

from argparse import ArgumentParser
from typing import Any

from imports import housekeeping
from livingdocs_import.admin.readable import duration
from livingdocs_import.management.operator_command import Example, OperatorCommand
from livingdocs_import.management.report import Column, number
from livingdocs_import.work_queue.chores import of_all_apps

COLUMNS = (
    Column("ROWS", "rows"),
    Column("NUMBER", "number", number),
    Column("KEPT FOR", "keptFor"),
    Column("SETTING", "setting"),
)


class Command(OperatorCommand):
    help = (
        "Remove what is older than its retention: jobs with their items, webhook deliveries, the log of changes and "
        "the like. Workers do the same, a little at a time; the command does all of it at once, in small batches. It "
        "may be interrupted, and run again."
    )
    examples = (
        Example("--dry-run", "what would be removed"),
        Example("", "remove it"),
    )
    json_keys = "rows (of what kind), number, keptFor, setting (empty: none)"

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only count it")

    def run(self, *, dry_run: bool, **_: Any) -> None:
        facts = [
            {"rows": name, "number": each.rows.count(), "keptFor": duration(each.kept_for), "setting": each.setting}
            for name, each in housekeeping.outdated().items()
        ]
        self.report.table(facts, COLUMNS, none="")
        if not dry_run:
            self.report.note(f"{self.remove():,} rows removed")

    def remove(self) -> int:
        """Round for round, like the workers; how many rows these were."""
        purge, removed = of_all_apps().without_files()["rows_purged"], 0
        while number_of_round := purge():
            removed += number_of_round
        return removed
