"""Serve one binary: validators, ranges, and headers that make untrusted files harmless.

Conditional requests and ranges follow RFC 9110; file names RFC 6266. A body that cannot be completed breaks the
connection: the length was announced, so no client takes half a file for a whole one (FLT-18).
"""

import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

import re2
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, parse_http_date_safe

from livingdocs_import.api.error_responses import error_response
from media_library.delivery.binary import Binary
from media_library.storage import StoredFile

# Browsers run scripts in SVG, and perhaps in other types: nothing in a delivered file may run, load or navigate.
HARMLESS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
_SHOWN = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"})
_MIME_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
_RANGE = re2.compile(r"(?i)bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]")
_NOT_PLAIN = re.compile(r"[^ !#$&'()+,.0-9;=@A-Z\[\]^_`a-z{}~-]")
_NAME_LENGTH = 150


def deliver(request: HttpRequest, binary: Binary, *, filename: str, headers: Mapping[str, str]) -> HttpResponseBase:
    """200, 206, 304, 412 or 416; `headers` (caching) go with the first three."""
    facts = binary.facts
    shared = dict(headers) | {"ETag": facts.etag, "Last-Modified": http_date(facts.modified_at.timestamp())}
    early = get_conditional_response(request, facts.etag, int(facts.modified_at.timestamp()))
    if early is not None:
        return _with(early, shared) if early.status_code == 304 else early
    span = _wanted_range(request, facts)
    start, end = span or (0, facts.size)
    if span and start == end:
        return error_response(416, {"message": "The file is shorter"}, {"Content-Range": f"bytes */{facts.size}"})
    response = HttpResponse() if request.method == "HEAD" else StreamingHttpResponse(binary.read(start, end))
    if span:
        response.status_code = 206
        response["Content-Range"] = f"bytes {start}-{end - 1}/{facts.size}"
    mime_type = binary.mime_type if _MIME_TYPE.fullmatch(binary.mime_type) else "application/octet-stream"
    content = {
        "Content-Type": mime_type,
        "Content-Length": str(end - start),
        "Content-Disposition": content_disposition(filename, shown=mime_type in _SHOWN),
        "Accept-Ranges": "bytes",
    }
    return _with(response, shared | content | HARMLESS)


def _with(response: HttpResponseBase, headers: Mapping[str, str]) -> HttpResponseBase:
    for name, value in headers.items():
        response[name] = value
    return response


def _wanted_range(request: HttpRequest, facts: StoredFile) -> tuple[int, int] | None:
    """The range to send; None if If-Range names another version by strong ETag or exact date."""
    condition = request.headers.get("If-Range", facts.etag)
    unchanged = condition == facts.etag or parse_http_date_safe(condition) == int(facts.modified_at.timestamp())
    if request.method != "GET" or not unchanged:
        return None
    return byte_range(request.headers.get("Range", ""), facts.size)


def byte_range(header: str, size: int) -> tuple[int, int] | None:
    """Start and end (exclusive) of a single range; None if it is ignored: malformed, several, other units.

    An empty span (start == end) stands for a range outside the file.
    """
    match = _RANGE.fullmatch(header.strip())
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        return max(0, size - int(last)), size
    if last and int(last) < int(first):
        return None
    start = min(int(first), size)
    return start, max(start, min(int(last) + 1, size)) if last else size


def content_disposition(filename: str, *, shown: bool) -> str:
    """`inline` for pictures, `attachment` for all else, SVG included: `<img>` still shows those, navigation saves them.

    The name comes from the client: control characters, direction marks and folders are removed, and its length is
    limited.
    """
    name = _UNPRINTABLE.sub("", filename.replace("\\", "/").rpartition("/")[2]).strip(" .") or "file"
    if len(name) > _NAME_LENGTH:
        stem, dot, extension = name.rpartition(".")
        kept = f"{dot}{extension}" if stem and len(extension) <= 10 else ""
        name = name[: _NAME_LENGTH - len(kept)] + kept
    plain = _NOT_PLAIN.sub("_", name)
    value = f'{"inline" if shown else "attachment"}; filename="{plain}"'
    return value if plain == name else f"{value}; filename*=UTF-8''{quote(name, safe='')}"


def caching(*, max_age: int, public: bool, until: datetime | None, now: datetime) -> str:
    """Cache-Control for bytes that never change under their key, but may be withdrawn at a known time (spec 6.4)."""
    scope = "public" if public else "private"
    if until is None:
        return f"{scope}, max-age={max_age}, immutable"
    return f"{scope}, max-age={max(0, min(max_age, int((until - now).total_seconds())))}"
