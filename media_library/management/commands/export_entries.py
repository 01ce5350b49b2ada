"""Export the map from other systems' ids to ours."""

from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.core.management.base import CommandError

from livingdocs_import.admin.spreadsheets import csv_lines
from livingdocs_import.management.operator_command import Example, OperatorCommand
from livingdocs_import.management.projects import add_project_argument, project_named
from livingdocs_import.management.whole_file import whole_file
from media_library.entry_map import MappedEntry, entry_map

KEYS = ("systemName", "externalId", "mediaId", "mediaType", "key", "url")


class Command(OperatorCommand):
    help = (
        "Export the media entries of a project: the map from your ids to ours, with the key and the address of each "
        "file; addresses begin with PUBLIC_URL. It can be run while an import runs, and takes the same memory for any "
        "number of entries. CSV is for spreadsheets: a value that would be a formula has an apostrophe before it. "
        "NDJSON has the exact values."
    )
    examples = (
        Example("times --output map.csv", "all entries, for a spreadsheet"),
        Example("times --system archive --json --output map.ndjson", "those of one system, for a program"),
    )
    json_keys = ", ".join(KEYS)
    interrupted = "Interrupted: the map is incomplete, and a file was not written."

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        add_project_argument(parser)
        parser.add_argument("--system", metavar="NAME", help="only entries with this systemName")
        parser.add_argument(
            "--output", type=Path, metavar="FILE", help="a file, which is there when it is whole; else standard output"
        )

    def run(self, *, project: str, system: str | None, output: Path | None, json: bool, **_: Any) -> None:
        entries = Counted(entry_map(project_named(project), system_name=system))
        lines = _ndjson(entries) if json else csv_lines(KEYS, (_texts(entry) for entry in entries))
        if output is None:
            for line in lines:
                self.stdout.write(line, ending="")
        else:
            _write(output, lines)
        self.report.note(_summary(entries.number, system))


def _summary(number: int, system: str | None) -> str:
    """How many there were; where there are none, what was looked for."""
    if not number and system is not None:
        return f"0 entries: none has the systemName '{system}'"
    entries = "entry" if number == 1 else "entries"
    return f"{number:,} {entries}, with addresses at {settings.PUBLIC_URL} (PUBLIC_URL)"


class Counted:
    """Entries that are counted as they pass."""

    def __init__(self, entries: Iterable[MappedEntry]) -> None:
        self._entries = entries
        self.number = 0

    def __iter__(self) -> Iterator[MappedEntry]:
        for entry in self._entries:
            self.number += 1
            yield entry


def _texts(entry: MappedEntry) -> list[str]:
    return [value or "" for value in entry]


def _ndjson(entries: Iterable[MappedEntry]) -> Iterator[str]:
    for entry in entries:
        yield orjson.dumps(dict(zip(KEYS, entry, strict=True))).decode() + "\n"


def _write(path: Path, lines: Iterable[str]) -> None:
    try:
        with whole_file(path, "w", encoding="utf-8", newline="") as file:
            file.writelines(lines)
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
