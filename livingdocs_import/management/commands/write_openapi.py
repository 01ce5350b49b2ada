"""manage.py write_openapi docs/openapi"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from livingdocs_import.openapi import documents


class Command(BaseCommand):
    help = "Write the OpenAPI documents of all versions as they are kept in the repository."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="where to: docs/openapi")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        files = documents.snapshots()
        for name, content in files.items():
            (folder / name).write_bytes(content)
        self.stdout.write(f"Wrote {len(files)} files to {folder}.")
