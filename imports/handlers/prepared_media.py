"""The states of an image, video or file item during its import."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import re2

from imports.models import ImportItem
from livingdocs_import.errors import Failure
from livingdocs_import.validation.json_types import JSON
from media_library.entries import importing
from media_library.models import MediaEntry

EXTENSION = re2.compile(r"\.[A-Za-z0-9]{1,5}$")
# A title that is the end of a URL: its query may contain a secret (FIL-03).
WITH_QUERY = re2.compile(r"^([^?]*\.[A-Za-z0-9]{1,5})\?")
MAX_FILE_NAME = 1_000  # characters


@dataclass(frozen=True)
class FileFacts:
    """The facts of an inspected file.

    `measures`: members of the asset besides size and type, such as width and height. `embedded`: metadata in the file.
    `warnings`: for the client, although the item succeeds.
    """

    mime_type: str
    extension: str
    measures: Mapping[str, JSON] = field(default_factory=dict)
    embedded: Mapping[str, str] = field(default_factory=dict)
    warnings: Sequence[str] = ()


@dataclass
class PreparedMedia:
    """An item before its transaction: a candidate, a failure, or neither if there was no time for it.

    `stored`: its file was put into the storage in this attempt. `size`: the bytes that were downloaded in it.
    """

    item: ImportItem
    candidate: importing.MediaCandidate | None = None
    failure: Failure | None = None
    known: MediaEntry | None = None
    is_touched: bool = False  # of a dry run: `known` was changed by hand since its last import
    metadata: dict[str, JSON] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    stored: bool = False
    size: int = 0

    @property
    def begun(self) -> bool:
        return self.candidate is not None or self.failure is not None


def file_name(title: str, extension: str) -> str:
    """A title as a file name: with its own or the detected extension, and cut before that."""
    if address := WITH_QUERY.match(title):
        title = address[1]
    own = EXTENSION.search(title)
    suffix = own[0] if own else f".{extension}"
    stem = title.removesuffix(own[0]) if own else title
    return stem[: MAX_FILE_NAME - len(suffix)] + suffix
