"""Text out of image files: bytes of unsaid encoding become clean Unicode."""

import re

from media_library.inspect.limits import TEXT_CHARACTERS

# NUL, lone surrogates, and control characters other than tab and line feed have no place in JSON or PostgreSQL.
UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def decode(raw: bytes, encoding: str = "") -> str:
    """Clean text of `raw`: in the encoding that was declared, else UTF-8 if it is that, else Windows' Latin-1."""
    for candidate in (encoding, "utf-8", "cp1252"):
        if not candidate:
            continue
        try:
            return tidy(raw.decode(candidate))
        except UnicodeDecodeError:
            continue
    return tidy(raw.decode("latin-1"))


def tidy(text: str) -> str:
    """The text without control characters and surrounding space, line ends as line feeds; "" when it is too long."""
    if len(text) > TEXT_CHARACTERS:
        return ""
    return UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
