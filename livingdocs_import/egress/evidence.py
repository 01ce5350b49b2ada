"""What an origin answered to a download that failed, kept for operators: without any secret of the request.

A signed address has its secret in the query. Origins repeat it in pages of errors, whole or cut short, encoded in this
way or that: whatever reads like a part of a query that was sent is replaced before anything is stored.
"""

import html
import json
import re
from collections.abc import Iterator, Sequence
from email.message import Message
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from livingdocs_import.egress.url import Target
from livingdocs_import.errors import Evidence

# Nothing else is kept of an answer's head: cookies and sessions are secrets, too.
HEADERS = (
    "Server", "Date", "Content-Type", "Content-Length", "Content-Encoding", "Location", "Retry-After", "Allow",
    "WWW-Authenticate", "Age", "Cache-Control", "Via", "X-Cache", "X-Deny-Reason",
)  # fmt: skip
MAX_HEADER = 200  # characters of one that are kept
MAX_BODY = 1_024  # characters that are kept
BEGINNING = MAX_BODY + 24_000  # bytes that are read of a body: a secret that begins in what is kept is seen whole
MAX_PIECES = 100  # of a query; of an answer to more, only the status is kept
MIN_VALUE = 4  # characters; shorter ones stand in every page, and are replaced together with their name
MIN_PART = 8  # characters of a secret that are replaced also where the rest was cut off
REPLACED = "[removed]"


class Exchange:
    """One download as it goes on: which servers were asked, and what the last one has answered so far."""

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
        """Note a request that is about to be sent."""
        self._targets.append(target)
        self._status = None

    def answered(self, status: int, headers: Message) -> None:
        """Note the head of its answer."""
        self._status, self._headers = status, headers

    def evidence(self, beginning: bytes | None = None) -> Evidence | None:
        """What may be kept of it; `beginning`: of the body, where that was received. None: nothing was asked."""
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
    """The beginning of a text, with each part of a secret replaced; a secret that begins in it is not cut in two."""
    kept, at = [], 0
    for start, end in _places(secrets, text, length):
        if start >= at:
            kept += [text[at:start], REPLACED]
        at = max(at, end)
    return "".join([*kept, text[at:length]])


def _places(secrets: Sequence[str], text: str, length: int) -> list[tuple[int, int]]:
    """Where parts of secrets begin and end."""
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
    """Whatever of these queries may be a secret, in each spelling in which an origin may repeat it; None: too much."""
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
