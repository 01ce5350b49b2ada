"""Find files without an entry, and entries without a file."""

from argparse import ArgumentParser, ArgumentTypeError
from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.management.base import CommandError

from imports.asset_audit.findings import DayAudit, audit, audit_pictures, days, remove
from imports.asset_audit.repair import Irreparable, repair
from imports.handlers.temporary_files import DiskFull
from livingdocs_import.egress.download import Fetcher
from livingdocs_import.management.operator_command import Example, ExitCode, OperatorCommand
from media_library.storage import StorageFailed

ORPHANED, MISSING, REMOVED, REPAIRED = "orphaned", "missing", "removed", "repaired"


def day(text: str) -> date:
    """`2026-01-31`."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text}: expected a day, e.g. 2026-01-31") from None


class Command(OperatorCommand):
    help = (
        "Compare the storage with the entries, a day at a time, and report. With --repair it fetches missing files "
        "again from where they came: a file with another hash is reported and not stored. With --delete it removes "
        "orphaned files that this service has stored for a known item, and that are older than seven days."
    )
    examples = (
        Example("--since 2026-01-01", "what is orphaned and what is missing, from this day on"),
        Example("--repair", "fetch again what is missing"),
    )
    json_keys = f"finding ({ORPHANED}, {MISSING}, {REMOVED}, {REPAIRED}), key, why (it is still missing)"
    findings = "files are missing"

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--since", type=day, metavar="YYYY-MM-DD", help="begin with this day")
        parser.add_argument("--repair", action="store_true", help="fetch missing files again; deletes nothing")
        parser.add_argument("--delete", action="store_true", help="remove removable files")
        parser.add_argument("--at-most", type=int, default=1000, metavar="N", help="files removed in one run (1000)")

    def run(self, *, since: date | None, repair: bool, delete: bool, at_most: int, **_: Any) -> ExitCode:
        self.counts: Counter[str] = Counter()
        fetcher = Fetcher.from_settings() if repair else None
        try:
            for each in days(since):
                day_audit = audit(each)
                self.counts["checked"] += day_audit.stored
                self.look_at_orphans(day_audit, at_most if delete else 0)
                self.look_at_missing(day_audit.missing, fetcher)
            pictures = audit_pictures()
            self.counts["checked"] += pictures.stored
            self.look_at_orphans(pictures, at_most if delete else 0)
        except (StorageFailed, DiskFull) as error:
            raise CommandError(f"the storage does not answer: {error}") from error
        finally:
            self.sum_up()
        return ExitCode.FINDINGS if self.counts[MISSING] > self.counts[REPAIRED] else ExitCode.DONE

    def look_at_orphans(self, day_audit: DayAudit, at_most: int) -> None:
        """Report them, and remove as many as may still be removed."""
        for key in day_audit.orphans:
            self.found(ORPHANED, key)
        for key in day_audit.removable:
            if self.counts[REMOVED] < at_most and remove(key):
                self.found(REMOVED, key)

    def look_at_missing(self, keys: Iterable[str], fetcher: Fetcher | None) -> None:
        """Report them, or fetch them again."""
        for key in keys:
            if fetcher is None:
                self.found(MISSING, key)
                continue
            try:
                repair(key, fetcher)
            except Irreparable as why:
                self.found(MISSING, key, str(why))
            else:
                self.counts[MISSING] += 1
                self.found(REPAIRED, key)

    def found(self, finding: str, key: str, why: str = "") -> None:
        """One file."""
        self.counts[finding] += 1
        fact = {"finding": finding, "key": key, "why": why}
        self.report.fact(fact, f"is {finding}: {key}{f' ({why})' if why else ''}")

    def sum_up(self) -> None:
        """The numbers of all that was found."""
        counts = self.counts
        line = f"{counts['checked']} files checked, {counts[ORPHANED]} orphaned, {counts[MISSING]} missing"
        line += f", {counts[REMOVED]} removed, {counts[REPAIRED]} repaired"
        self.report.say(line)
