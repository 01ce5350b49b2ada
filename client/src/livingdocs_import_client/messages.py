"""Requests and answers as data: nothing here opens a connection."""

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import cast

from livingdocs_import_client.errors import ApiError, UnexpectedAnswer, api_error
from livingdocs_import_client.json_types import JSON
from livingdocs_import_client.problems import Problem

WORTH_COMPRESSING = 1024  # bytes
# The service takes a body for a bomb that inflates to more than a hundred times what was sent.
MAX_INFLATION = 50
LEVEL = 5  # of gzip: twice as fast as the default, and a few per cent larger
QUOTED = 200  # characters of an answer that is no JSON
MAX_RETRY_AFTER = 10 * 365 * 86400.0


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be sent. `body` is JSON, or empty; `repeatable` says that sending it twice does no harm."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    repeatable: bool = True


@dataclass(frozen=True, slots=True)
class Response:
    """What was answered. Header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> JSON:
        """The body. UnexpectedAnswer: it is none."""
        try:
            return cast(JSON, json.loads(self.body))
        except ValueError:
            start = self.body[:QUOTED].decode("utf-8", "replace")
            raise UnexpectedAnswer(f"expected JSON with status {self.status}, got: {start!r}") from None


def encoded(value: JSON) -> bytes:
    """Compact JSON in UTF-8. ValueError: a number is not finite."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def compressed(request: Request) -> Request:
    """The request with its body compressed, where that makes it smaller and no bomb."""
    if len(request.body) < WORTH_COMPRESSING:
        return request
    body = gzip.compress(request.body, LEVEL, mtime=0)
    if not len(body) < len(request.body) < MAX_INFLATION * len(body):
        return request
    return replace(request, body=body, headers={**request.headers, "Content-Encoding": "gzip"})


# --- Errors ----------------------------------------------------------------------------------------------------------


def error_in(response: Response, now: datetime) -> ApiError:
    """The error in an answer. `now` is aware; the `Date` of the answer takes precedence over it."""
    asked = retry_after(response.headers.get("retry-after"), _date(response.headers.get("date")) or now)
    try:
        body = response.json()
    except UnexpectedAnswer as unexpected:
        return api_error(response.status, _phrase(response.status), (Problem("", str(unexpected)),), retry_after=asked)
    if isinstance(body, list) and body:  # the documented answer of the quota is an array with one object
        body = body[0]
    if not isinstance(body, dict):
        return api_error(response.status, _phrase(response.status), retry_after=asked)
    title = body.get("error")
    return api_error(
        response.status,
        title if isinstance(title, str) else _phrase(response.status),
        problems_in(body.get("error_details")),
        retry_after=asked,
    )


def problems_in(details: JSON) -> tuple[Problem, ...]:
    """The problems in `error_details`: `{path: message}`, or `{message, errors: [{path, message}]}`."""
    if not isinstance(details, Mapping):
        return ()
    single = details.get("errors")
    if isinstance(single, list):
        return tuple(_problem(each) for each in single if isinstance(each, Mapping)) or _whole(details)
    if "message" in details:
        return _whole(details)
    return tuple(Problem(path, str(message)) for path, message in details.items())


def _whole(details: Mapping[str, JSON]) -> tuple[Problem, ...]:
    return (Problem("", str(details["message"])),) if "message" in details else ()


def _problem(error: Mapping[str, JSON]) -> Problem:
    place = error.get("path") or error.get("metadataProperty") or ""
    return Problem(str(place), str(error.get("message", "")))


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def retry_after(header: str | None, now: datetime) -> float | None:
    """The seconds of a Retry-After header, which has a number or a date; None without a valid one."""
    value = (header or "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:12]), MAX_RETRY_AFTER)
    date = _date(value)
    return None if date is None else min(max((date - now).total_seconds(), 0.0), MAX_RETRY_AFTER)


def _date(header: str | None) -> datetime | None:
    try:
        date = parsedate_to_datetime(header or "")
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
