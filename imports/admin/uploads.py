"""Receive one uploaded file into a temporary file, hashed while it arrives, and no further than a limit."""

import hashlib
from pathlib import Path
from typing import Any, BinaryIO

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload
from django.http import HttpRequest

from imports.handlers.replacements import Uploaded

FIELD = "file"
OTHER_FIELDS = 1 << 16  # bytes of the form besides the file


class ReceivedFile(UploadedFile):  # type: ignore[type-arg]
    """The file of the form; `sha256` is hexadecimal."""

    sha256 = ""


class BoundedUpload(FileUploadHandler):
    """Writes the first file of the field to an open file. `is_too_large`: it was cut off, and there is none."""

    def __init__(self, file: BinaryIO, most: int) -> None:
        super().__init__()
        self._file, self._most = file, most
        self._digest = hashlib.sha256()
        self._is_begun = False
        self.size = 0
        self.is_too_large = False

    def new_file(self, field_name: str, *args: Any, **kwargs: Any) -> None:
        if self._is_begun or field_name != FIELD:
            raise SkipFile
        self._is_begun = True
        super().new_file(field_name, *args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Hash and write a piece; stops the whole upload beyond the limit."""
        self.size += len(raw_data)
        if self.size > self._most:
            self.is_too_large = True
            raise StopUpload(connection_reset=True)
        self._digest.update(raw_data)
        self._file.write(raw_data)
        return None

    def file_complete(self, file_size: int) -> ReceivedFile:
        received = ReceivedFile(self._file, self.file_name, self.content_type or "", file_size)
        received.sha256 = self._digest.hexdigest()
        return received


def is_longer_than(request: HttpRequest, most: int) -> bool:
    """Whether the body is announced as too long for a form with a file of at most `most` bytes."""
    announced = request.META.get("CONTENT_LENGTH") or "0"
    return int(announced) > most + OTHER_FIELDS


def uploaded(received: ReceivedFile, file: BinaryIO, path: Path) -> Uploaded:
    """The file as it is stored; its type is the browser's claim."""
    return Uploaded(
        file=file,
        path=path,
        name=str(received.name),
        size=int(received.size or 0),
        sha256=received.sha256,
        content_type=(received.content_type or "").lower(),
    )
