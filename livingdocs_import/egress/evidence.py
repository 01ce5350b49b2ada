"""The response of an origin to a failed download, kept for operators without any secret of the request.

A signed URL has its secret in the query. Origins repeat it in error pages, whole or truncated, with escapes of URLs,
HTML and JSON in each other: what shares some characters with a value of the query, once both are decoded, is replaced
before the response is stored.
"""

import html
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from email.message import Message

from livingdocs_import.egress.url import Target, redacted_url
from livingdocs_import.errors import Evidence
from livingdocs_import.security.masking import MASK

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
MIN_PART = 8  # characters of a secret that are replaced wherever they stand
MAX_ROUNDS = 4  # of decoding
BEYOND = 1_000  # characters read after the kept ones: room for a part of a secret with escapes within escapes

# Of URLs (also as of JavaScript's `escape`), of HTML, of JSON and JavaScript; two units of UTF-16 may be one character.
_ESCAPE = re.compile(
    r"%[0-9A-Fa-f]{2}"
    r"|&(?:#[0-9]{1,10};?|#[xX][0-9A-Fa-f]{1,8};?|[A-Za-z][A-Za-z0-9]{1,31};)"
    r"|[\\%]u[dD][89abAB][0-9A-Fa-f]{2}[\\%]u[dD][c-fC-F][0-9A-Fa-f]{2}"
    r"|[\\%]u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|\\[/\"'\\]"
)
_UNIT = re.compile("u([0-9A-Fa-f]{4})")


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
        parts = secret_parts(self._targets)
        if self._status is None or parts is None:
            return Evidence(request, self._status)
        body = _text(self.beginning if beginning is None else beginning)
        return Evidence(
            request, self._status, tuple(kept_headers(self._headers, parts)), without(parts, body, length=MAX_BODY)
        )


def kept_headers(headers: Message, parts: Collection[str]) -> Iterator[tuple[str, str]]:
    """Names and values of the response's headers that are kept, with each part of a secret replaced."""
    for name in HEADERS:
        if (value := headers[name]) is not None:
            shown = redacted_url(value) if name == "Location" else value
            yield name, without(parts, _printable(shown), length=MAX_HEADER)


def without(parts: Collection[str], text: str, *, length: int) -> str:
    """The beginning of a text, with each part of a secret replaced, including one at its end."""
    if not parts:
        return text[:length]  # most URLs have no query: nothing is decoded to look for it
    kept, at = [], 0
    for start, end in _places(parts, text, length):
        if start >= at:
            kept += [text[at:start], MASK]
        at = max(at, end)
    return "".join([*kept, text[at:length]])


def _places(parts: Collection[str], text: str, length: int) -> list[tuple[int, int]]:
    """The ranges of parts of secrets, which may overlap."""
    sizes = {len(part) for part in parts}
    places: list[tuple[int, int]] = []
    for reading in _readings(text[: length + BEYOND]):
        comparable = reading.comparable
        places.extend(
            (reading.starts[start], reading.ends[start + size - 1])
            for start in range(len(comparable))
            for size in sizes
            if comparable[start : start + size] in parts
        )
    return sorted(place for place in places if place[0] < length)


def secret_parts(targets: Sequence[Target], values: Sequence[str] = ()) -> frozenset[str] | None:
    """What no kept text may contain in any spelling, as _Reading.comparable has it; None: too many.

    These are the queries of the addresses, and the `values` of confidential headers, also without the name of their
    scheme (`Bearer`). Long values are cut into all their parts of MIN_PART characters.
    """
    queries = [target.path.partition("?")[2] for target in targets]
    pieces = [piece for query in queries for piece in re.split("[&;]", query) if piece]
    pieces += [f"={form}" for value in values for form in {value, value.rpartition(" ")[2]}]
    if len(pieces) > MAX_PIECES:
        return None
    return frozenset(
        form[start : start + MIN_PART]
        for piece in pieces
        for form in _forms(piece)
        for start in range(max(len(form) - MIN_PART, 0) + 1)
    )


def _forms(piece: str) -> list[str]:
    """The value of a part of a query, as it is and decoded; with its name if it is short."""
    values = _comparable(piece.partition("=")[2])
    return values if min(map(len, values)) >= MIN_VALUE else [form for form in _comparable(piece) if form]


def _comparable(text: str) -> list[str]:
    return [reading.comparable for reading in _readings(text)]


@dataclass(frozen=True)
class _Reading:
    """A text after some rounds of decoding: the bytes of its UTF-8, each as a character, and where they come from."""

    text: str
    starts: list[int]  # in the original text, of each character
    ends: list[int]

    @property
    def comparable(self) -> str:
        """Equal for spellings that differ in case, or in how a query spells a space."""
        return self.text.lower().replace("+", " ")

    def decoded(self) -> "_Reading":
        """Each escape replaced by what it stands for, once."""
        decoded, at = _Reading("", [], []), 0
        pieces = []
        for escape in _ESCAPE.finditer(self.text):
            meaning = _meaning(escape[0])
            pieces += [self.text[at : escape.start()], meaning]
            decoded.starts.extend(self.starts[at : escape.start()] + [self.starts[escape.start()]] * len(meaning))
            decoded.ends.extend(self.ends[at : escape.start()] + [self.ends[escape.end() - 1]] * len(meaning))
            at = escape.end()
        decoded.starts.extend(self.starts[at:])
        decoded.ends.extend(self.ends[at:])
        return _Reading("".join([*pieces, self.text[at:]]), decoded.starts, decoded.ends)


def _readings(text: str) -> Iterator[_Reading]:
    """A text as it is, then decoded once, twice …: secrets are escaped by clients, origins and the pages of these."""
    places = [(sign, at) for at, character in enumerate(text) for sign in _bytes(character)]
    reading = _Reading("".join(sign for sign, _ in places), [at for _, at in places], [at + 1 for _, at in places])
    yield reading
    for _ in range(MAX_ROUNDS):
        decoded = reading.decoded()
        if decoded.text == reading.text:
            return
        reading = decoded
        yield reading


def _meaning(escape: str) -> str:
    """What an escape stands for, as bytes."""
    if escape.startswith("&"):
        return _bytes(html.unescape(escape))
    if escape[1] == "u":
        units = b"".join(int(unit, 16).to_bytes(2) for unit in _UNIT.findall(escape))
        return _bytes(units.decode("utf-16-be", errors="replace"))
    if escape.startswith("%"):
        return chr(int(escape[1:], 16))
    return _bytes(chr(int(escape[2:], 16))) if escape[1] == "x" else escape[1]


def _bytes(text: str) -> str:
    return text.encode("utf-8", errors="replace").decode("latin-1")


def _text(body: bytes) -> str:
    """A readable body; binary ones are described by their first bytes."""
    if b"\0" in body:
        return f"(no text; it begins with {body[:4].hex(' ')})"
    return _printable(body.decode("utf-8", errors="replace").replace("\r\n", "\n"))


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() or sign in "\n\t" else "\N{REPLACEMENT CHARACTER}" for sign in text)
