"""Primary keys from a browser, which may send anything."""

_DIGITS = 18  # all numbers of so many digits fit the column


def key_of(text: str) -> int:
    """The key; 0, which no row has, if the text is not one."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else 0
