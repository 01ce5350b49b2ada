"""Detect the type of any file: by its bytes for known types, else by the type that its origin claims.

A claim is used where the bytes are unknown or generic (text, an archive), but not if it names a type whose bytes would
have been recognised.
"""

from typing import BinaryIO, NamedTuple

import re2

from media_library.inspect import magic
from media_library.inspect.limits import MARKUP_BYTES
from media_library.inspect.results import EmptyFile
from media_library.inspect.video_types import HEAD, video_type
from media_library.inspect.zip_types import ZIP, zip_type

UNKNOWN = "application/octet-stream"
SAY_NOTHING = {
    UNKNOWN,
    "binary/octet-stream",
    "application/binary",
    "application/force-download",
    "application/unknown",
}
TEXT, XML, SVG, OLE = "text/plain", "application/xml", "image/svg+xml", "application/x-ole-storage"

_CLAIM = re2.compile(r"[a-z0-9][a-z0-9.+_-]{0,60}/[a-z0-9][a-z0-9.+_-]{0,90}")
# More specific types that an origin may claim for a generic one.
_EXACTER = {
    ZIP: re2.compile(r"application/(?:vnd\..+|.+\+zip|java-archive)"),
    OLE: re2.compile(r"application/(?:msword|vnd\.(?:ms-|visio).*)"),
    XML: re2.compile(r"(?:application|image|model|text)/(?:.+\+xml|xml)"),
    "application/json": re2.compile(r"application/(?:.+\+json|json)"),
    TEXT: re2.compile(r"(?:text|application)/.+"),
    UNKNOWN: re2.compile(r".+"),
}

EXTENSIONS = {
    "application/epub+zip": "epub",
    "application/gzip": "gz",
    "application/json": "json",
    "application/msword": "doc",
    "application/pdf": "pdf",
    "application/postscript": "ps",
    "application/rtf": "rtf",
    "application/vnd.ms-excel": "xls",
    "application/vnd.ms-powerpoint": "ppt",
    "application/vnd.oasis.opendocument.presentation": "odp",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.rar": "rar",
    "application/x-7z-compressed": "7z",
    "application/zip": "zip",
    "application/xml": "xml",
    "audio/flac": "flac",
    "audio/mp4": "m4a",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "audio/x-ms-wma": "wma",
    "image/avif": "avif",
    "image/bmp": "bmp",
    "image/gif": "gif",
    "image/heic": "heic",
    "image/jpeg": "jpeg",
    "image/png": "png",
    "image/svg+xml": "svg",
    "image/tiff": "tif",
    "image/vnd.adobe.photoshop": "psd",
    "image/webp": "webp",
    "text/calendar": "ics",
    "text/csv": "csv",
    "text/html": "html",
    "text/plain": "txt",
    "text/vcard": "vcf",
    "text/vtt": "vtt",
    "text/xml": "xml",
    "video/3gpp": "3gp",
    "video/3gpp2": "3g2",
    "video/mp2t": "ts",
    "video/mp4": "mp4",
    "video/mpeg": "mpg",
    "video/ogg": "ogv",
    "video/quicktime": "mov",
    "video/webm": "webm",
    "video/x-flv": "flv",
    "video/x-m4v": "m4v",
    "video/x-matroska": "mkv",
    "video/x-ms-wmv": "wmv",
    "video/x-msvideo": "avi",
}
OTHER_EXTENSION = "bin"


class FileType(NamedTuple):
    """A MIME type, and the extension for stored files."""

    mime_type: str
    extension: str


def file_type(file: BinaryIO, size: int, claimed: str) -> FileType:
    """The type of a seekable file; `claimed` is the origin's type. Raises EmptyFile for an empty one."""
    if not size:
        raise EmptyFile
    known = type_of_bytes(file, size)
    mime_type = claimed if _is_believed(claimed, known) else known
    return FileType(mime_type, EXTENSIONS.get(mime_type, OTHER_EXTENSION))


def type_of_bytes(file: BinaryIO, size: int) -> str:
    """The MIME type by the bytes; `text/plain` or `application/octet-stream` if unknown."""
    file.seek(0)
    head = file.read(HEAD)
    if found := video_type(head):
        return found[0]
    named = magic.mime_type(head)
    if named == ZIP:
        return zip_type(file, size)
    if named != "text/html" and magic.is_markup(head):
        file.seek(0)
        return _markup_type(file.read(MARKUP_BYTES))
    return named


def _is_believed(claimed: str, known: str) -> bool:
    """Whether the claim is more specific than the bytes, and not a type that they would have shown."""
    exacter = _EXACTER.get(known)
    if exacter is None or not exacter.fullmatch(claimed) or not _CLAIM.fullmatch(claimed):
        return False
    return claimed not in _KNOWN and claimed not in SAY_NOTHING


_KNOWN = (
    {name for _, _, name in magic.MAGIC}
    | {mime_type for mime_type in EXTENSIONS if mime_type.startswith("video/")}
    | {mime_type for mime_type in EXTENSIONS if "openxmlformats" in mime_type or "opendocument" in mime_type}
    | {SVG, "text/html", "application/json", "application/epub+zip"}
)
_ROOT = re2.compile(
    r"(?is)^(?:\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[[^\]]*\]\s*)?>)*"  # may come before the root
    r"<(?:[\w.-]{1,50}:)?([\w.-]{1,50})[\s/>]"
)


def _markup_type(start: bytes) -> str:
    """The kind of markup by the name of its root, if that comes early enough."""
    root = _ROOT.match(_decoded(start))
    if root is None:
        return XML
    return {"svg": SVG, "html": "text/html"}.get(root[1].lower(), XML)


def _decoded(start: bytes) -> str:
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return start.decode("utf-16", "replace")
    if b"\0" in start[:4]:
        return start.decode("utf-16-be" if start[:1] == b"\0" else "utf-16-le", "replace")
    return magic.without_mark(start).decode("utf-8", "replace")
