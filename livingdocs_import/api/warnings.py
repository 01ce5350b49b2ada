"""Headers about successful requests: `Warning`, `Deprecation` and `Sunset`.

The original's command-line tool prints each `Warning: 299 - "text"` (RFC 7234, 5.5).
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from functools import cache
from typing import TypeVar

from django.http.response import HttpResponseBase
from django.utils.http import http_date

from livingdocs_import.api.versions import NAMES, Version

MAX_TEXT = 500
Answer = TypeVar("Answer", bound=HttpResponseBase)


def warning(text: str) -> str:
    """The value of one warning: a quoted string in ASCII, whatever the text contains."""
    plain = "".join(character if " " <= character <= "~" else "?" for character in text[:MAX_TEXT])
    return '299 - "{}"'.format(plain.replace("\\", "\\\\").replace('"', '\\"'))


def warn(response: HttpResponseBase, text: str) -> None:
    """Add a warning to the response."""
    earlier = response.get("Warning")
    response["Warning"] = f"{earlier}, {warning(text)}" if earlier else warning(text)


def warned(response: Answer, texts: Iterable[str]) -> Answer:
    """The answer with these warnings."""
    for text in texts:
        warn(response, text)
    return response


def note_deprecation(response: HttpResponseBase, version: Version) -> None:
    """Report that the version of the request is deprecated, and its end of support (TRN-04)."""
    text, headers = _deprecation(version)
    for name, value in headers:
        response[name] = value
    warn(response, text)


@cache
def _deprecation(version: Version) -> tuple[str, list[tuple[str, str]]]:
    """As text, and by RFC 9745 and RFC 8594."""
    assert version.deprecated is not None
    text = f"API version {version.name} is deprecated since {version.deprecated}"
    headers = [("Deprecation", f"@{_seconds(version.deprecated)}")]
    if version.removed is not None:
        text += f" and is going to be removed on {version.removed}"
        headers.append(("Sunset", http_date(_seconds(version.removed))))
    return f"{text}; the newest is {NAMES[-1]}", headers


def _seconds(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())
