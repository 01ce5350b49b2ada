"""The type of a file: by its bytes where they are known, else by what its origin says."""

import struct
import zipfile
from collections.abc import Mapping
from io import BytesIO

import pytest

from media_library.inspect.any_file import FileType, file_type
from media_library.inspect.results import EmptyFile
from tests import images, videos

OPEN_XML = "application/vnd.openxmlformats-officedocument"
OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)


def archive(names: Mapping[str, bytes], comment: bytes = b"") -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name, data in names.items():
            made.writestr(zipfile.ZipInfo(name), data)  # the same bytes in every process
        made.comment = comment
    return file.getvalue()


def of(data: bytes, claimed: str = "") -> FileType:
    return file_type(BytesIO(data), len(data), claimed)


@pytest.mark.parametrize(
    ("data", "mime_type", "extension"),
    [
        (b"%PDF-1.7\n", "application/pdf", "pdf"),
        (archive({"[Content_Types].xml": b"", "xl/workbook.xml": b""}), f"{OPEN_XML}.spreadsheetml.sheet", "xlsx"),
        (archive({"word/document.xml": b""}, b"x" * 9), f"{OPEN_XML}.wordprocessingml.document", "docx"),
        (archive({"ppt/presentation.xml": b""}), f"{OPEN_XML}.presentationml.presentation", "pptx"),
        (
            archive({"mimetype": b"application/vnd.oasis.opendocument.text"}),
            "application/vnd.oasis.opendocument.text",
            "odt",
        ),
        (archive({"mimetype": b"application/epub+zip"}), "application/epub+zip", "epub"),
        (archive({"a.txt": b""}), "application/zip", "zip"),
        (images.png(), "image/png", "png"),
        (images.jpeg(), "image/jpeg", "jpeg"),
        (images.gif(), "image/gif", "gif"),
        (images.svg(before='<?xml version="1.0"?><!-- <html> --><!DOCTYPE svg>'), "image/svg+xml", "svg"),
        (images.svg().decode().encode("utf-16"), "image/svg+xml", "svg"),
        (b"<s:svg xmlns:s='http://www.w3.org/2000/svg'/>", "image/svg+xml", "svg"),
        (b"<!doctype html><p>", "text/html", "html"),
        (b"<?xml version='1.0'?>\n<html xmlns='http://www.w3.org/1999/xhtml'>", "text/html", "html"),
        (b"<?xml version='1.0'?><rss/>", "application/xml", "xml"),
        (b"<<<", "application/xml", "xml"),
        (b'{"a": 1}', "application/json", "json"),
        (b"{\\rtf1 x}", "application/rtf", "rtf"),
        (b"BMW and MZ are brands", "text/plain", "txt"),
        (videos.mp4(), "video/mp4", "mp4"),
        (videos.webm(), "video/webm", "webm"),
        (b"\x80\x81", "application/octet-stream", "bin"),
    ],
)
def test_known_bytes_decide_whatever_the_origin_says(data: bytes, mime_type: str, extension: str) -> None:
    """FIL-05"""
    for claimed in ("", "image/png", "video/mp4", "text/html", "application/octet-stream", "nonsense", "a/b c"):
        assert of(data, claimed) == (mime_type, extension), claimed


@pytest.mark.parametrize(
    ("data", "claimed", "extension"),
    [
        (b"a,b\n1,2\n", "text/csv", "csv"),
        (b"WEBVTT\n", "text/vtt", "vtt"),
        (b"\xe4,\xf6\n", "text/csv", "csv"),
        (b"\x80\x81\0", "application/x-indesign", "bin"),
        (b"\x80\x81\0", "font/ttf", "bin"),
        (OLE, "application/vnd.ms-excel", "xls"),
        (OLE, "application/msword", "doc"),
        (archive({"a": b""}), "application/vnd.android.package-archive", "bin"),
        (b"<?xml version='1.0'?><rss/>", "application/rss+xml", "bin"),
        (b'{"@context": 1}', "application/ld+json", "bin"),
    ],
)
def test_where_bytes_say_nothing_or_little_the_origin_is_believed(data: bytes, claimed: str, extension: str) -> None:
    """FIL-05"""
    assert of(data, claimed) == (claimed, extension)


@pytest.mark.parametrize("claimed", [f"{OPEN_XML}.spreadsheetml.sheet", "application/vnd.oasis.opendocument.text"])
def test_an_archive_that_is_no_office_document_is_an_archive(claimed: str) -> None:
    assert of(archive({"a": b""}), claimed) == ("application/zip", "zip")


def test_no_bytes_are_no_file() -> None:
    with pytest.raises(EmptyFile, match="the file is empty"):
        of(b"")


@pytest.mark.parametrize(
    "data",
    [
        b"PK\3\4",
        b"PK\5\6",
        archive({"xl/workbook.xml": b""})[:-10],
        b"PK\3\4" + bytes(100) + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 9, 9, 2**32 - 1, 2**32 - 1, 0),
        archive({"x" * 60_000: b""}),
    ],
)
def test_damaged_archives_are_archives(data: bytes) -> None:
    assert of(data).mime_type == "application/zip"


def test_of_an_archive_of_very_many_files_only_a_part_of_the_list_is_read() -> None:
    assert of(archive({f"{number}": b"" for number in range(20_000)})).mime_type == "application/zip"
