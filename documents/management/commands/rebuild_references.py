"""Extract the references of documents again, and write the differences."""

from argparse import ArgumentParser
from typing import Any

from django.db import transaction

from documents import reference_rebuild
from documents.models import Document
from livingdocs_import.management.operator_command import Example, OperatorCommand
from livingdocs_import.management.projects import project_named
from livingdocs_import.models import Project

BATCH = 200  # documents that one transaction locks


class Command(OperatorCommand):
    help = "Rebuild the references of a project's documents, or of all. It can be run while imports go on, and twice."
    examples = (
        Example("--dry-run", "whether anything would change"),
        Example("--project times", "those of one project"),
    )
    json_keys = "project, documents, rows (that have changed, or would), dryRun"

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--project", metavar="HANDLE", help="only this project")
        parser.add_argument("--dry-run", action="store_true", help="only say how many rows would change")

    def run(self, *, project: str | None, dry_run: bool, **_: Any) -> None:
        for project_chosen in [project_named(project)] if project else Project.objects.order_by("pk"):
            documents, rows = self.rebuild(project_chosen, dry_run=dry_run)
            would = "would change" if dry_run else "changed"
            fact = {"project": project_chosen.handle, "documents": documents, "rows": rows, "dryRun": dry_run}
            line = f"{project_chosen.handle}: {documents} documents looked through, {rows} rows {would}"
            self.report.fact(fact, line)

    def rebuild(self, project: Project, *, dry_run: bool) -> tuple[int, int]:
        """Numbers of documents and of changed rows. Documents that are imported meanwhile have their references
        already."""
        documents = rows = last = 0
        waiting = Document.objects.of(project).existing().order_by("pk")
        while batch := list(waiting.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
            with transaction.atomic():
                rows += reference_rebuild.rebuild(project, batch)
                transaction.set_rollback(dry_run)
            documents, last = documents + len(batch), batch[-1]
        return documents, rows
