"""Find overlong namespace declarations in XML before a parser sees them.

A parser that knows namespaces joins address and name for each element and attribute: an address of a megabyte is copied
for every use. Once parsing has begun it is too late, for the parser finishes its input.

The text is scanned as bytes, in UTF-8 or another encoding compatible with ASCII (expat takes no others, except for
UTF-16, which the callers decode first). A namespace declaration always contains a literal `xmlns`: names hold no
character references, and entities are refused. Comments and scripts that quote such a declaration count as if they were
one.
"""

import re

from media_library.inspect.limits import XML_NAMESPACE_BYTES

# Matches at every `xmlns`, never backtracks, and never runs into the next attribute, which follows a space: so each
# byte is read once.
HEAD = re.compile(rb"xmlns[^\s\"'<>=]*+\s*+=?+\s*+[\"']?+")


class NamespaceScan:
    """Scans a document that comes in pieces."""

    def __init__(self) -> None:
        self.rest = b""  # may hold the beginning of a declaration

    def finds_overlong(self, piece: bytes) -> bool:
        """Whether a declaration that ends (or becomes overlong) in this piece is longer than XML_NAMESPACE_BYTES."""
        if not self.rest:
            self.rest = piece[-XML_NAMESPACE_BYTES:]
            return _has_overlong(piece)
        between = self.rest + piece[:XML_NAMESPACE_BYTES]
        self.rest = piece[-XML_NAMESPACE_BYTES:] if len(piece) >= XML_NAMESPACE_BYTES else between
        return _has_overlong(between) or _has_overlong(piece)


def _has_overlong(data: bytes) -> bool:
    start = data.find(b"xmlns")
    if start < 0:
        return False
    return any(_is_overlong(data, match.start(), match.end()) for match in HEAD.finditer(data, start))


def _is_overlong(data: bytes, start: int, value: int) -> bool:
    latest = start + XML_NAMESPACE_BYTES
    if value > latest:
        return True
    quote = data[value - 1 : value]
    if quote not in (b'"', b"'") or latest > len(data):
        return False  # no declaration, or one that the next piece contains in full
    return data.find(quote, value, latest) < 0 and data.find(b"<", value, latest) < 0
