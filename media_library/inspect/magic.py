"""Content types by magic bytes: for the error of a failed item, and for the type of a file."""

import codecs
import re

BYTE_ORDER_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

JPEG = b"\xff\xd8\xff"
PNG = b"\x89PNG\r\n\x1a\n"
GIF = (b"GIF87a", b"GIF89a")

# Offset, bytes, MIME type.
MAGIC = (
    (0, JPEG, "image/jpeg"),
    (0, PNG, "image/png"),
    *((0, version, "image/gif") for version in GIF),
    (0, b"%PDF-", "application/pdf"),
    (0, b"%!PS", "application/postscript"),
    (0, b"\xc5\xd0\xd3\xc6", "application/postscript"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"PK\x05\x06", "application/zip"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"\x7fELF", "application/x-executable"),
    (0, b"MZ", "application/x-executable"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (0, b"BM", "image/bmp"),
    (0, b"\0\0\1\0", "image/x-icon"),
    (0, b"8BPS", "image/vnd.adobe.photoshop"),
    (0, b"\0\0\0\x0cjP  ", "image/jp2"),
    (0, b"\xff\x4f\xff\x51", "image/jp2"),
    (0, b"\0\0\0\x0cJXL ", "image/jxl"),
    (0, b"\xff\x0a", "image/jxl"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (8, b"AVI ", "video/x-msvideo"),
    (4, b"ftypavi", "image/avif"),
    (4, b"ftyphei", "image/heic"),
    (4, b"ftyphev", "image/heic"),
    (4, b"ftypmif1", "image/heif"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1a\x45\xdf\xa3", "video/webm"),
    (0, b"OggS", "application/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"fLaC", "audio/flac"),
)
WEAK = (b"BM", b"MZ")  # texts may begin with them, too
AT_OFFSET = {offset: tuple(magic for at, magic, _ in MAGIC if at == offset) for offset in (0, 4, 8)}
HTML = re.compile(rb"<!doctype\s+html|<(html|head|body|script|title|meta|iframe|table|div|br|p|a)[\s>]", re.IGNORECASE)
JSON = re.compile(rb'[\[{]\s*(["\[{\]}\d]|$)')


def mime_type(head: bytes) -> str:
    """The MIME type by the first bytes; `text/plain` or `application/octet-stream` if unknown."""
    is_text = head.startswith(WEAK) and b"\0" not in head
    if not is_text and any(head.startswith(magics, offset) for offset, magics in AT_OFFSET.items()):
        return next(name for offset, magic, name in MAGIC if head.startswith(magic, offset))
    text = without_mark(head).lstrip()
    if HTML.match(text):
        return "text/html"
    if JSON.match(text):
        return "application/json"
    if b"\0" in head:
        return "application/octet-stream"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # the last character may be cut
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "text/plain"


def is_markup(head: bytes) -> bool:
    """Whether the first non-space character is `<`, in UTF-8 or UTF-16."""
    return without_mark(head).replace(b"\0", b"").lstrip().startswith(b"<")


def without_mark(head: bytes) -> bytes:
    """The bytes after a byte order mark."""
    for mark in BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return head[len(mark) :]
    return head
