"""The items that a command line names: lines of NDJSON, or the files of a folder."""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from livingdocs_import_client.batches import MAX_BYTES
from livingdocs_import_client.items import Item
from livingdocs_import_client.jobs import Kind
from livingdocs_import_client.json_types import JSONObject
from livingdocs_import_client.sources import IMAGES, VIDEOS, files_in_folder

SUFFIXES = {Kind.IMAGES: IMAGES, Kind.VIDEOS: VIDEOS}


class UsageError(Exception):
    """A command line or an input that is invalid; the message says why."""


@contextmanager
def items_named(given: argparse.Namespace) -> Iterator[Iterator[Item]]:
    """The items that the command line names, while the file is open."""
    if (given.folder is None) == (given.file is None):
        raise UsageError("give a file, - for standard input, or --folder")
    if given.folder is not None:
        if not given.base_url:
            raise UsageError("--folder needs --base-url: where the service fetches the files from")
        yield iter(files_in_folder(given.folder, given.base_url, suffixes=SUFFIXES.get(given.kind, ())))
    elif given.file == "-":
        yield _lines(sys.stdin.buffer, "standard input")
    else:
        with Path(given.file).open("rb") as file:
            yield _lines(file, given.file)


def _lines(file: IO[bytes], name: str) -> Iterator[JSONObject]:
    """The objects of an NDJSON file. UsageError names the line that is none."""
    number = 0
    while line := file.readline(MAX_BYTES):
        number += 1
        if line.strip():
            yield _object(line, f"{name}, line {number}")


def _object(line: bytes, place: str) -> JSONObject:
    try:
        found = json.loads(line)
    except ValueError as error:
        raise UsageError(f"{place}: no JSON: {error}") from None
    if not isinstance(found, dict):
        raise UsageError(f"{place}: an item is an object, in braces")
    return found
