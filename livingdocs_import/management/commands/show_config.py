"""Show a project's configuration."""

from argparse import ArgumentParser
from typing import Any

from livingdocs_import.admin import readable
from livingdocs_import.management.configs import revision_of
from livingdocs_import.management.operator_command import Example, OperatorCommand
from livingdocs_import.management.projects import add_project_argument, project_named
from livingdocs_import.project_config.shown import configuration


class Command(OperatorCommand):
    help = (
        "Show a project's configuration as JSON, with *** in place of each secret. What it prints can be changed and "
        "loaded again: secrets that are still *** stay as they are stored."
    )
    examples = (
        Example("times", "the newest revision"),
        Example("times --revision 1", "what the project had in the beginning"),
    )
    json_keys = "the configuration itself, as GET projectConfig returns it"

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        add_project_argument(parser)
        parser.add_argument("--revision", type=int, metavar="N", help="an older revision; else the newest")

    def run(self, *, project: str, revision: int | None, **_: Any) -> None:
        config = configuration(revision_of(project_named(project), revision), secrets=False)
        self.report.fact(config, *readable.lines(config).splitlines())
