"""Set how many items of a kind a project may import in 24 hours."""

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from imports import monitoring, quotas
from livingdocs_import.management.operator_command import Example, OperatorCommand
from livingdocs_import.management.projects import KINDS, add_project_argument, daily_limit, project_named
from livingdocs_import.management.report import Column, number

NO_LIMIT = "none"
COLUMNS = (
    Column("KIND", "kind"),
    Column("LIMIT", "limit", number),
    Column("USED IN 24 H", "used", number),
)


def limit(text: str) -> tuple[str, int | None]:
    """`images=500`, `500` for kinds without a limit of their own, `images=none`."""
    kind, _, value = text.rpartition("=")
    if value == NO_LIMIT and kind in ("", *KINDS):
        return kind or "*", None
    try:
        return daily_limit(text)
    except CommandError as error:
        raise ArgumentTypeError(str(error).removeprefix("--daily-limit ")) from error


class Command(OperatorCommand):
    help = (
        "Set the daily limits of a project, those that are named, and say what it has then and has used. A limit "
        "counts from the next request on."
    )
    examples = (
        Example("times", "the limits, and what is used of them"),
        Example("times images=20000 documents=none", "20,000 images in 24 hours; no limit for documents of their own"),
    )
    json_keys = "project, kind, limit (null: none), used (in 24 hours)"

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        add_project_argument(parser)
        parser.add_argument(
            "limits",
            nargs="*",
            type=limit,
            metavar="[KIND=]N",
            help="images, videos, files or documents, and a number or none; without a kind: for those that have no "
            "limit of their own",
        )

    def run(self, *, project: str, limits: list[tuple[str, int | None]], **_: Any) -> None:
        chosen = project_named(project)
        if limits:
            chosen = quotas.set_limits(chosen, dict(limits))
        facts = [
            {"project": chosen.handle, "kind": each.kind, "limit": each.limit, "used": each.used}
            for each in monitoring.allowances(chosen, timezone.now())
        ]
        self.report.table(facts, COLUMNS, none="")
