"""The type of a ZIP archive: office documents and books are archives with certain files in them.

Only the directory at the end of the archive is read, up to a limit.
"""

import struct
from typing import BinaryIO

import re2

from media_library.inspect.limits import ZIP_DIRECTORY_BYTES, ZIP_ENTRIES

ZIP = "application/zip"
_END, _END_BYTES = b"PK\5\6", 22
_MAX_COMMENT = 0xFFFF
_ENTRY, _ENTRY_BYTES = b"PK\1\2", 46
_OPEN_XML = "application/vnd.openxmlformats-officedocument"
_PARTS = (
    ("word/document.xml", f"{_OPEN_XML}.wordprocessingml.document"),
    ("xl/workbook.xml", f"{_OPEN_XML}.spreadsheetml.sheet"),
    ("xl/workbook.bin", "application/vnd.ms-excel.sheet.binary.macroenabled.12"),
    ("ppt/presentation.xml", f"{_OPEN_XML}.presentationml.presentation"),
)
# Books and OpenDocument files begin with a file of this name that contains their type.
_FIRST = b"mimetype"
_SAID = re2.compile(r"application/(?:epub\+zip|vnd\.oasis\.opendocument\.[a-z-]{1,40})")


def zip_type(file: BinaryIO, size: int) -> str:
    """The MIME type of the archive; the generic one if unknown."""
    file.seek(0)
    head = file.read(256)
    length = struct.unpack_from("<H", head, 26)[0] if len(head) >= 30 else 0
    said = _SAID.match(head[30 + length :].decode("ascii", "replace"))
    if said and head[30 : 30 + length] == _FIRST:
        return str(said[0])
    names = _names(_directory(file, size))
    return next((mime_type for name, mime_type in _PARTS if name in names), ZIP)


def _directory(file: BinaryIO, size: int) -> bytes:
    """The directory of the archive, up to the limit."""
    start = max(0, size - _END_BYTES - _MAX_COMMENT)
    file.seek(start)
    tail = file.read(_END_BYTES + _MAX_COMMENT)
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_BYTES:
        return b""
    length, place = struct.unpack_from("<II", tail, at + 12)
    file.seek(place)
    return file.read(min(length, ZIP_DIRECTORY_BYTES))


def _names(directory: bytes) -> set[str]:
    names: set[str] = set()
    at = 0
    while len(names) < ZIP_ENTRIES and directory[at : at + 4] == _ENTRY and at + _ENTRY_BYTES <= len(directory):
        name, extra, comment = struct.unpack_from("<HHH", directory, at + 28)
        names.add(directory[at + _ENTRY_BYTES : at + _ENTRY_BYTES + name].decode("ascii", "replace"))
        at += _ENTRY_BYTES + name + extra + comment
    return names
