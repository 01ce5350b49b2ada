"""Import what a dry run has planned."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from imports import plans, services
from imports.management.jobs import add_job_argument, job_named
from imports.models import ImportJob
from livingdocs_import.errors import QuotaExceeded
from livingdocs_import.management.operator_command import Example, OperatorCommand

BY = "import_plan"  # what the new job's note says


class Command(OperatorCommand):
    help = (
        "Import the items of a dry run as a new job, all of them or a part, and print its id. It counts against the "
        "daily limit. With --dry-run it only says how many items these are, and why the others would fail."
    )
    examples = (
        Example("25bzj8j --only-would-succeed --dry-run", "how many items would be imported"),
        Example("25bzj8j --only-would-succeed --leave-touched", "import them, but nothing over changes by hand"),
    )
    json_keys = (
        "job (the new one; null: none was made), plan, items, touched (items over changes by hand), failures [{cause, "
        "count}], dryRun (whether it was only asked)"
    )

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        add_job_argument(parser)
        parser.add_argument("--only-would-succeed", action="store_true", help="without what would fail")
        parser.add_argument(
            "--leave-touched",
            action="store_true",
            help="without what would overwrite entries or documents that were changed by hand since their last import",
        )
        parser.add_argument("--dry-run", action="store_true", help="only say how many items it would be")

    def run(self, *, job: str, dry_run: bool, only_would_succeed: bool, leave_touched: bool, **_: Any) -> None:
        planned = job_named(job)
        if not planned.dry_run or not planned.finished:
            raise CommandError(f"{planned.public_id} is {'still planned' if planned.dry_run else 'no dry run'}.")
        part = {"only_would_succeed": only_would_succeed, "leave_touched": leave_touched}
        if dry_run:
            if not plans.is_complete(planned):
                raise CommandError(f"{planned.public_id} cannot be imported: {services.PlanIncomplete()}.")
            number = plans.chosen(planned, **part).count()
            lines = [f"{each.count} would fail: {each.cause}" for each in plans.failures(planned)]
            lines.append(f"{plans.touched(planned).count()} would overwrite changes by hand")
            self.report.fact(_fact(planned, None, number, dry_run=True), *lines, f"{number} items would be imported")
            return
        try:
            real = services.carry_out_plan(planned, by=BY, **part)
        except QuotaExceeded as error:
            raise CommandError(f"{planned.public_id} cannot be imported today: {error}") from error
        except (services.CarriedOut, services.PlanIncomplete) as error:
            raise CommandError(f"{planned.public_id} is not imported again: {error}.") from error
        self.made(planned, real)

    def made(self, planned: ImportJob, real: ImportJob | None) -> None:
        """Say which job was made: its id alone goes to standard output."""
        if real is None:
            self.report.note(f"Nothing of {planned.public_id} is left to import: no job was made.")
            self.report.fact(_fact(planned, None, 0, dry_run=False))
            return
        self.report.note(f"{real.total} items of {planned.public_id} are imported as job:")
        self.report.fact(_fact(planned, real.public_id, real.total, dry_run=False), real.public_id)


def _fact(planned: ImportJob, job: str | None, items: int, *, dry_run: bool) -> dict[str, object]:
    return {
        "job": job,
        "plan": planned.public_id,
        "items": items,
        "touched": plans.touched(planned).count(),
        "failures": [{"cause": each.cause, "count": each.count} for each in plans.failures(planned)],
        "dryRun": dry_run,
    }
