"""Delete a project."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from documents.models import Document
from imports import project_deletion
from imports.models import ImportJob
from livingdocs_import.management.operator_command import Example, ExitCode, OperatorCommand
from livingdocs_import.management.projects import add_project_argument, project_named
from livingdocs_import.models import Project
from media_library.models import MediaEntry


class Command(OperatorCommand):
    help = (
        "Delete a project with all its jobs, documents, media and clients, and the files that the service stored for "
        "it. Asks for the handle once more. May be interrupted, and run again."
    )
    examples = (
        Example("times", "says what it has, and asks"),
        Example("times --confirm times", "asks nothing: for a script"),
    )
    json_keys = "project, jobs, openJobs, documents, entries (that it had)"
    interrupted = "Interrupted. Part of it is deleted, and its clients are suspended; the same command does the rest."

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        add_project_argument(parser)
        parser.add_argument("--confirm", metavar="HANDLE", help="the handle once more, instead of being asked for it")

    def run(self, *, project: str, confirm: str | None, **_: Any) -> None:
        if confirm is None and self.report.as_json:
            raise CommandError("With --json, give --confirm HANDLE.", returncode=ExitCode.WRONG_USAGE)
        chosen = project_named(project)
        had = contents(chosen)
        self.report.say(f'Project "{project}" has {in_words(had)}. Deleting them cannot be undone.')
        if (self.ask() if confirm is None else confirm) != project:
            raise CommandError("That is not its handle: nothing was deleted.")
        try:
            project_deletion.delete_project(chosen, by="delete_project", say=self.report.say)
        except project_deletion.StillInUse as error:
            raise CommandError(f"{error}: run the command again.") from error
        self.report.fact({"project": project} | had)

    def ask(self) -> str:
        try:
            return input("Type its handle to go on: ").strip()
        except EOFError:
            return ""


def contents(project: Project) -> dict[str, int]:
    """The contents of a project, in numbers."""
    return {
        "jobs": project.jobs.count(),
        "openJobs": project.jobs.filter(state=ImportJob.State.STARTED).count(),
        "documents": Document.objects.filter(project=project).count(),
        "entries": MediaEntry.objects.filter(project=project).count(),
    }


def in_words(had: dict[str, int]) -> str:
    """The same for people."""
    return (
        f"{had['jobs']:,} import jobs ({had['openJobs']:,} open), {had['documents']:,} documents and "
        f"{had['entries']:,} media entries"
    )
