"""Let the search find what is published already: after an upgrade, or when its rows are to be made anew."""

from argparse import ArgumentParser
from functools import partial
from typing import Any

from documents.search import following
from livingdocs_import.management.indexing import IndexingCommand
from livingdocs_import.management.operator_command import Example
from livingdocs_import.management.projects import project_named
from livingdocs_import.models import Project


class Command(IndexingCommand):
    help = (
        "Index what is published, as fast as this process can. Workers do the same, a little at a time. It can be "
        "interrupted and run again, and goes on where it was; imports go on meanwhile."
    )
    examples = (
        Example("", "after an upgrade: what is published becomes searchable at once"),
        Example("--project times --again", "make the rows of one project anew"),
    )
    json_keys = "project, publications (that were looked at)"

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--project", metavar="HANDLE", help="only this project")
        parser.add_argument("--again", action="store_true", help="from the first document on, also what is indexed")

    def run(self, *, project: str | None, again: bool, **_: Any) -> None:
        for chosen in [project_named(project)] if project else Project.objects.order_by("pk"):
            if again:
                following.start_over(chosen)
            number = self.index(chosen)
            fact = {"project": chosen.handle, "publications": number}
            self.report.fact(fact, f"{chosen.handle}: {number} publications looked at")

    def index(self, project: Project) -> int:
        """Until there is nothing to do; how many documents were looked at."""
        return self.index_all(
            project.handle, partial(following.is_behind, project), partial(following.batches, project)
        )
