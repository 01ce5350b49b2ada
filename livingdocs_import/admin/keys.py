"""Primary keys as a browser sends them, which may send anything in their place."""

_DIGITS = 18  # all numbers of so many digits fit the column


def key_of(text: str) -> int:
    """The key; 0, which no row has, where the text is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else 0
