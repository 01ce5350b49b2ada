"""Find files without an entry, and entries without a file."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from imports import asset_audit
from media_library.storage import StorageFailed


class Command(BaseCommand):
    help = (
        "Compare the storage with the entries, a day at a time, and report. With --delete it removes orphaned "
        "files that this service has stored for a known item, and that are older than seven days."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--since", type=date.fromisoformat, metavar="YYYY-MM-DD", help="begin with this day")
        parser.add_argument("--delete", action="store_true", help="remove removable files")
        parser.add_argument("--at-most", type=int, default=1000, metavar="N", help="files removed in one run (1000)")

    def handle(self, *args: Any, since: date | None, delete: bool, at_most: int, **options: Any) -> None:
        stored = orphans = missing = removed = 0
        try:
            for day in asset_audit.days(since):
                day_audit = asset_audit.audit(day)
                stored, orphans, missing = (
                    stored + day_audit.stored,
                    orphans + len(day_audit.orphans),
                    missing + len(day_audit.missing),
                )
                for key in day_audit.orphans:
                    self.stdout.write(f"is orphaned: {key}")
                for key in day_audit.missing:
                    self.stdout.write(f"is missing: {key}")
                for key in day_audit.removable if delete else ():
                    if removed < at_most and asset_audit.remove(key):
                        removed += 1
        except StorageFailed as error:
            raise CommandError(f"the storage does not answer: {error}") from error
        self.stdout.write(f"{stored} files checked, {orphans} orphaned, {missing} missing, {removed} removed")
