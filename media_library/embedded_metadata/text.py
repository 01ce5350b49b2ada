"""Decode bytes of unknown encoding from image files to clean Unicode."""

import re

from media_library.inspect.limits import TEXT_CHARACTERS

# JSON and PostgreSQL cannot hold NUL and lone surrogates; other control characters but tab and line feed are noise.
UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def decode(raw: bytes, encoding: str = "") -> str:
    """Clean text of `raw`: in the declared encoding, else UTF-8 if valid, else Windows' Latin-1."""
    for candidate in (encoding, "utf-8", "cp1252"):
        if not candidate:
            continue
        try:
            return tidy(raw.decode(candidate))
        except UnicodeDecodeError:
            continue
    return tidy(raw.decode("latin-1"))


def tidy(text: str) -> str:
    """The text without control characters and surrounding space, line ends as line feeds; "" if it is too long."""
    if len(text) > TEXT_CHARACTERS:
        return ""
    return UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
