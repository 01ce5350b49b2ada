"""Import files of any type, as far as the operator allows it (spec 3.13)."""

from collections.abc import Sequence
from typing import BinaryIO

from django.conf import settings

from imports.handlers.media_handler import MediaHandler
from imports.handlers.prepared_media import FileFacts
from livingdocs_import.egress.download import DownloadPace, Fetched
from livingdocs_import.errors import PermanentFailure
from livingdocs_import.project_config import MediaType, ProjectConfig
from media_library.inspect.any_file import file_type


class TypeNotTaken(PermanentFailure):
    """A file of a type that the operator does not allow (FIL-05)."""

    cause = "type-not-accepted"

    def __init__(self, mime_type: str) -> None:
        super().__init__(f"file type not accepted: {mime_type}")
        self.parameter = mime_type


class FileHandler(MediaHandler):
    base_type = "mediaFile"
    name = "file"

    def max_bytes(self, config: ProjectConfig) -> int:
        return int(settings.FILE_MAX_BYTES)

    def pace(self) -> DownloadPace:
        return DownloadPace(settings.FILE_TOTAL_SECONDS, settings.FILE_MIN_BYTES_PER_SECOND)

    def look_into(self, file: BinaryIO, fetched: Fetched, config: ProjectConfig, media_type: MediaType) -> FileFacts:
        found = file_type(file, fetched.size, fetched.content_type)
        if not is_taken(found.mime_type, settings.FILE_TYPES):
            raise TypeNotTaken(found.mime_type)
        return FileFacts(found.mime_type, found.extension)


def is_taken(mime_type: str, taken: Sequence[str]) -> bool:
    """Whether the type, or its whole kind (`image/*`), is in a list; an empty list allows all."""
    kind = mime_type.partition("/")[0]
    return not taken or bool({mime_type, f"{kind}/*", "*/*"} & {each.lower() for each in taken})
