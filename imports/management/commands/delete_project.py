"""Delete a project."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from documents.models import Document
from imports import project_deletion
from imports.models import ImportJob
from livingdocs_import.management.projects import project_named
from livingdocs_import.models import Project
from media_library.models import MediaEntry


class Command(BaseCommand):
    help = (
        "Delete a project with all its jobs, documents, media and clients, and the files that the service stored for "
        "it. Asks for the handle once more. May be interrupted, and run again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("project", help="the project's handle")
        parser.add_argument("--confirm", metavar="HANDLE", help="the handle once more, instead of being asked for it")

    def handle(self, *args: Any, project: str, confirm: str | None, **options: Any) -> None:
        chosen = project_named(project)
        self.stdout.write(f'Project "{project}" has {contents(chosen)}. Deleting them cannot be undone.')
        if (self.ask() if confirm is None else confirm) != project:
            raise CommandError("That is not its handle: nothing was deleted.")
        try:
            project_deletion.delete_project(chosen, by="delete_project", say=self.stdout.write)
        except project_deletion.StillInUse as error:
            raise CommandError(f"{error}: run the command again.") from error

    def ask(self) -> str:
        try:
            return input("Type its handle to go on: ").strip()
        except EOFError:
            return ""


def contents(project: Project) -> str:
    """The contents of a project, in numbers."""
    jobs, open_jobs = project.jobs.count(), project.jobs.filter(state=ImportJob.State.STARTED).count()
    documents = Document.objects.filter(project=project).count()
    entries = MediaEntry.objects.filter(project=project).count()
    return f"{jobs:,} import jobs ({open_jobs:,} open), {documents:,} documents and {entries:,} media entries"
