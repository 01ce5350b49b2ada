"""The one parser of clients' URLs: the URL that is checked is the one that is connected to and sent.

Two parsers that disagree about the host are a security hole, so downloads, redirects and webhooks share this one. It is
as lenient as browsers about paths and queries (spaces, umlauts, stray percent signs) and strict about everything before
them.
"""

import re
import socket
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote, unquote, urljoin

import idna

from livingdocs_import.errors import PermanentFailure

MAX_LENGTH = 8_192  # characters; signed URLs of object stores stay below 4,000

_PORTS = {"http": 80, "https": 443}
_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):(?://(?P<authority>[^/?#]*))?(?P<path>[^?#]*)(?P<query>\?[^#]*)?(?:#.*)?"
)
_AUTHORITY = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\[\]:]+)(?::(?P<port>[0-9]{0,5}))?")
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,253}}\.?$){_LABEL}(?:\.{_LABEL})*\.?")
_ENCODED_UNICODE = re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f])+")
_HAS_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_BEGINNING = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?/*")  # characters that may follow credentials
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
# Browsers read a backslash as a slash, RFC 3986 does not: before the query it is refused.
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]|^[^?#]*\\")
_KEPT_IN_PATH = "%/:@!$&'()*+,;=~|[]^"
_KEPT_IN_QUERY = _KEPT_IN_PATH + "?{}`\\"


class InvalidURL(PermanentFailure):
    """The URL cannot be requested: malformed, another scheme, or with credentials."""

    cause = "bad-url"


@dataclass(frozen=True)
class Target:
    """One resource on one server.

    `host` is a lower-case ASCII name, a dotted IPv4 address or an IPv6 address without brackets.
    `path` is the request target: path and query, percent-encoded, without fragment.
    """

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def endpoint(self) -> str:
        """`host:port`, the server's name in circuits and limits."""
        return f"{self.host}:{self.port}"

    @property
    def server(self) -> tuple[str, str]:
        """Scheme, host and port: connections are reusable within these."""
        return self.scheme, self.endpoint

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def redacted(self) -> str:
        """The URL without its query, which may hold a signature or a token."""
        return self.url.partition("?")[0]

    def redirected(self, location: str) -> "Target":
        """The target of a Location header, absolute or relative. Raises InvalidURL.

        Locations that parsers read differently are refused: `http:evil.test` and `///evil.test` are a path for RFC 3986
        and a host for browsers; some drop tabs and line breaks.
        """
        location = location.strip(" ")
        if _FORBIDDEN.search(location) or location.startswith("///"):
            raise InvalidURL("the URL is not valid")
        if _HAS_SCHEME.match(location):
            return parse(location)
        if location.startswith("//"):
            return parse(f"{self.scheme}:{location}")
        try:
            return parse(urljoin(self.url, location))
        except ValueError as error:  # urljoin raises on brackets
            raise InvalidURL("the URL is not valid") from error


def parse(url: str) -> Target:
    """Read an absolute http or https URL. Raises InvalidURL; the reason is safe to show."""
    url = url.strip(" ")
    if len(url) > MAX_LENGTH or _FORBIDDEN.search(url) or (match := _URL.fullmatch(url)) is None:
        raise InvalidURL("the URL is not valid")
    scheme = match["scheme"].lower()
    if scheme not in _PORTS:
        raise InvalidURL("only http and https URLs are supported")
    if "@" in (match["authority"] or ""):
        raise InvalidURL("URLs with credentials are not supported")
    authority = _AUTHORITY.fullmatch(match["authority"] or "")
    if authority is None:
        raise InvalidURL("the URL is not valid")
    port = int(authority["port"] or _PORTS[scheme])
    if not 1 <= port <= 65535:
        raise InvalidURL("the URL is not valid")
    path = quote(_without_dot_segments(match["path"]), safe=_KEPT_IN_PATH)
    return Target(scheme, _host(authority["host"]), port, path + quote(match["query"] or "", safe=_KEPT_IN_QUERY))


def redacted_url(url: str) -> str:
    """Any text meant as a URL, without credentials, query and fragment: for logs and error details."""
    try:
        return parse(url).redacted
    except InvalidURL:
        text = url.partition("?")[0].partition("#")[0]
        before, at, behind = text.rpartition("@")
        if at and (beginning := _BEGINNING.match(before)):
            text = beginning[0] + behind
        return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text[:500])


@lru_cache(maxsize=4096)
def _host(host: str) -> str:
    """Cached, since the URLs of a batch name few hosts."""
    try:
        if host.startswith("["):
            return str(IPv6Address(host[1:-1]))
        host = _ascii(host).lower()
        # As in browsers, a host with a numeric last label is an IPv4 address in an old spelling, or invalid.
        if _NUMBER.fullmatch(host.removesuffix(".").rpartition(".")[2]):
            return str(IPv4Address(socket.inet_aton(host.removesuffix("."))))
    except (ValueError, OSError) as error:  # idna's errors are ValueErrors
        raise InvalidURL("the URL is not valid") from error
    if not _NAME.fullmatch(host):
        raise InvalidURL("the URL is not valid")
    return host


def _ascii(host: str) -> str:
    """A name as DNS has it. Raises ValueError.

    Some frameworks percent-encode the name, too: `b%C3%BCcher.test`. Nothing else is decoded in a host.
    """
    host = _ENCODED_UNICODE.sub(lambda encoded: unquote(encoded[0], errors="strict"), host)
    if host.isascii():
        return host
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.InvalidCodepoint:
        # IDNA 2008 does not allow symbols, but registries sell such names and browsers open them.
        labels = idna.uts46_remap(host, std3_rules=False).split(".")
        return ".".join(label if label.isascii() else f"xn--{label.encode('punycode').decode()}" for label in labels)


def _without_dot_segments(path: str) -> str:
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments and segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)
