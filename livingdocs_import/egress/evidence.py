"""The response of an origin to a failed download, kept for operators without any secret of the request.

A signed URL has its secret in the query. Origins repeat it in error pages, whole or truncated, in various encodings:
anything that looks like a part of the query is replaced before the response is stored.
"""

import html
import json
import re
from collections.abc import Iterator, Sequence
from email.message import Message
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from livingdocs_import.egress.url import Target
from livingdocs_import.errors import Evidence

# No other headers are kept: cookies and sessions are secrets, too.
HEADERS = (
    "Server", "Date", "Content-Type", "Content-Length", "Content-Encoding", "Location", "Retry-After", "Allow",
    "WWW-Authenticate", "Age", "Cache-Control", "Via", "X-Cache", "X-Deny-Reason",
)  # fmt: skip
MAX_HEADER = 200  # characters kept of one header
MAX_BODY = 1_024  # characters kept
BEGINNING = MAX_BODY + 24_000  # bytes read of a body: more than are kept, to find secrets that begin in the kept part
MAX_PIECES = 100  # parts of a query; if there are more, only the status is kept
MIN_VALUE = 4  # characters; shorter ones occur everywhere, and are replaced together with their name
MIN_PART = 8  # characters of a secret that are replaced even if the rest was truncated
REPLACED = "[removed]"


class Exchange:
    """One download in progress: its requests, and the last response so far."""

    __slots__ = ("_headers", "_status", "_targets", "beginning")

    def __init__(self) -> None:
        self._targets: list[Target] = []
        self._status: int | None = None
        self._headers = Message()
        self.beginning = b""  # of the body

    @property
    def is_first(self) -> bool:
        """Whether no server has redirected yet."""
        return len(self._targets) == 1

    def begin(self, target: Target) -> None:
        """Record a request that is about to be sent."""
        self._targets.append(target)
        self._status = None

    def answered(self, status: int, headers: Message) -> None:
        """Record the head of its response."""
        self._status, self._headers = status, headers

    def evidence(self, beginning: bytes | None = None) -> Evidence | None:
        """The evidence that may be kept; `beginning`: of the body, if received. None: there was no request."""
        if not self._targets:
            return None
        request = f"GET {self._targets[-1].redacted}"
        secrets = _secrets([target.path.partition("?")[2] for target in self._targets])
        if self._status is None or secrets is None:
            return Evidence(request, self._status)
        body = _text(self.beginning if beginning is None else beginning)
        return Evidence(
            request, self._status, tuple(_kept(self._headers, secrets)), without(secrets, body, length=MAX_BODY)
        )


def _kept(headers: Message, secrets: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name in HEADERS:
        if (value := headers[name]) is not None:
            shown = value.partition("?")[0] if name == "Location" else value
            yield name, without(secrets, _printable(shown), length=MAX_HEADER)


def without(secrets: Sequence[str], text: str, *, length: int) -> str:
    """The beginning of a text, with each part of a secret replaced, including one at its end."""
    kept, at = [], 0
    for start, end in _places(secrets, text, length):
        if start >= at:
            kept += [text[at:start], REPLACED]
        at = max(at, end)
    return "".join([*kept, text[at:length]])


def _places(secrets: Sequence[str], text: str, length: int) -> list[tuple[int, int]]:
    """The ranges of parts of secrets."""
    places = []
    for secret in secrets:
        head = secret[:MIN_PART]
        start = text.find(head, 0, length + len(head))
        while start != -1:
            end = start + len(head)
            while end < len(text) and end - start < len(secret) and text[end] == secret[end - start]:
                end += 1
            places.append((start, end))
            start = text.find(head, end, length + len(head))
    return sorted(places)


def _secrets(queries: Sequence[str]) -> list[str] | None:
    """The possible secrets of these queries, in each spelling that an origin may repeat; None: too many."""
    pieces = [piece for query in queries for piece in re.split("[&;]", query) if piece]
    if len(pieces) > MAX_PIECES:
        return None
    values = [value for piece in pieces if len(value := piece.partition("=")[2] or piece) >= MIN_VALUE]
    return sorted({spelling for text in (*queries, *pieces, *values) if text for spelling in _spellings(text)})


def _spellings(text: str) -> Iterator[str]:
    for plain in {text, unquote(text), unquote_plus(text)}:
        quoted = {plain, quote(plain), quote(plain, safe=""), quote_plus(plain)}
        for spelling in quoted | {html.escape(plain), json.dumps(plain)[1:-1], plain.replace("/", "\\/")}:
            yield from (spelling, spelling.lower(), spelling.upper())


def _text(body: bytes) -> str:
    """A readable body; binary ones are described by their first bytes."""
    if b"\0" in body:
        return f"(no text; it begins with {body[:4].hex(' ')})"
    return _printable(body.decode("utf-8", errors="replace").replace("\r\n", "\n"))


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() or sign in "\n\t" else "\N{REPLACEMENT CHARACTER}" for sign in text)
