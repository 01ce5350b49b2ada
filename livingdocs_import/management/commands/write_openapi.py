"""manage.py write_openapi docs/openapi"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from livingdocs_import.management.operator_command import Example, OperatorCommand
from livingdocs_import.openapi import documents


class Command(OperatorCommand):
    help = "Write the OpenAPI documents of all versions as they are kept in the repository."
    examples = (
        Example("docs/openapi", "after a change of the API, as `make openapi` does"),
        Example("openapi-before", "somewhere else, to compare"),
    )

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="where to: docs/openapi; it is made where there is none")

    def run(self, *, folder: Path, **_: Any) -> None:
        files = documents.snapshots()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name, content in files.items():
                (folder / name).write_bytes(content)
        except OSError as error:
            raise CommandError(f"{folder} cannot be written: {error.strerror}") from error
        self.report.say(f"Wrote {len(files)} files to {folder}.")
