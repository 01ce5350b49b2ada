"""The code in the README: the library's users paste it, so tests run it."""

import re
from pathlib import Path

FOLDER = Path(__file__).parents[1]
README = (FOLDER / "README.md").read_text()
BLOCKS = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def block(word: str) -> str:
    """The one block that has this word."""
    (found,) = [text for text in BLOCKS if word in text]
    return found
