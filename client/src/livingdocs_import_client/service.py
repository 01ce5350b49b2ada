"""One service of which something is asked: addresses, headers, retries and pages. No input or output."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import quote, urlencode, urlsplit

from livingdocs_import_client.effects import Steps, Stream, emit, pause, send
from livingdocs_import_client.errors import ApiError, ConnectionFailed
from livingdocs_import_client.json_types import JSON, JSONObject
from livingdocs_import_client.messages import Request, Response, encoded, error_in
from livingdocs_import_client.reading import as_list, as_object, optional_text
from livingdocs_import_client.retries import Retries, may_repeat
from livingdocs_import_client.version import __version__

T = TypeVar("T")
API_VERSION = "2026-09"
PAGE = 100  # rows; the most that lists of references give at once


def base_url(url: str) -> str:
    """The address before `/api/`, without a slash at its end. ValueError: it is none."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{url!r} is no address of a service: https://import.example.org")
    if parts.query or parts.fragment or "/api/" in f"{parts.path}/":
        raise ValueError(f"{url!r}: give the address before /api/ (the version is a parameter of its own)")
    return url.rstrip("/")


def step(value: str | int) -> str:
    """A value as one step of a path."""
    return quote(str(value), safe="")


@dataclass(frozen=True, slots=True)
class Service:
    """Where the service is, who asks, and how patiently. `clock` gives seconds that only grow."""

    url: str
    token: str = field(repr=False)
    version: str = API_VERSION
    retries: Retries = field(default_factory=Retries)
    clock: Callable[[], float] = time.monotonic

    def get(self, path: str, query: Mapping[str, str] = {}) -> Steps[JSON]:
        """What is at `path`."""
        response = yield from self._ask(self._request("GET", path, query))
        return response.json()

    def post(self, path: str, body: bytes, *, key: str) -> Steps[JSON]:
        """Post a body under an Idempotency-Key, so that it may be sent again."""
        request = self._request("POST", path, body=body, headers={"Idempotency-Key": key})
        response = yield from self._ask(request)
        return response.json()

    def patch(self, path: str, body: JSONObject) -> Steps[None]:
        """Patch what is at `path`; sent again only if the first one cannot have had an effect."""
        yield from self._ask(self._request("PATCH", path, body=encoded(body), repeatable=False))

    def pages(self, path: str, read: Callable[[JSONObject], T], query: Mapping[str, str] = {}) -> Stream[T]:
        """All rows of a list, page by page: by cursor where the version has them, else by offset."""
        offset, place = 0, {"offset": "0"}
        while True:
            answer = yield from self.get(path, {**query, "limit": str(PAGE), **place})
            rows, cursor = _page(answer)
            yield from emit(map(read, rows))
            offset += len(rows)
            if cursor == "" or (cursor is None and len(rows) < PAGE):
                return
            place = {"after": cursor} if cursor else {"offset": str(offset)}

    def _request(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] = {},
        *,
        body: bytes = b"",
        headers: Mapping[str, str] = {},
        repeatable: bool = True,
    ) -> Request:
        url = f"{self.url}/api/{self.version}/{path}"
        own = {
            "Authorization": f"Bearer {self.token}",
            "Accept": "application/json",
            "User-Agent": f"livingdocs-import-client/{__version__}",
        }
        kind = {"Content-Type": "application/json"} if body else {}
        return Request(
            method=method,
            url=f"{url}?{urlencode(query)}" if query else url,
            headers={**own, **kind, **headers},
            body=body,
            repeatable=repeatable,
        )

    def _ask(self, request: Request) -> Steps[Response]:
        """The answer, after as many tries as `retries` allow. ApiError, ConnectionFailed."""
        attempt, waited = 1, 0.0
        while True:
            error: ApiError | ConnectionFailed
            try:
                response = yield from send(request)
            except ConnectionFailed as failed:
                error, asked = failed, None
            else:
                if response.ok:
                    return response
                error = error_in(response, datetime.now(UTC))
                asked = error.retry_after
            again = may_repeat(error, repeatable=request.repeatable)
            seconds = self.retries.pause(attempt, waited, asked) if again else None
            if seconds is None:
                raise error
            yield from pause(seconds)
            attempt, waited = attempt + 1, waited + seconds


def rows_in(answer: JSON, *keys: str) -> list[JSONObject]:
    """The rows of a list: an array, or an object that has it as `results` or under one of the keys."""
    if isinstance(answer, Mapping):
        answer = next((answer[key] for key in ("results", *keys) if key in answer), None)
    return [as_object(row, f"results.{n}") for n, row in enumerate(as_list(answer, "results"))]


def _page(answer: JSON) -> tuple[list[JSONObject], str | None]:
    """The rows of a page, and its cursor: "" at the end, None where this version has none."""
    cursor = optional_text(answer, "cursor") if isinstance(answer, Mapping) else None
    return rows_in(answer), cursor
