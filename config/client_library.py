"""Makes the client library of this checkout importable: commands and the demo call remote services with it (ADR 0031).

It is a distribution of its own in `client/`, which pip cannot install where it demands hashes: a folder has none.
"""

import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent / "client" / "src"


def add_to_path() -> None:
    """Import it from this checkout, also where another version of it is installed."""
    if str(SOURCE) not in sys.path:
        sys.path.insert(0, str(SOURCE))
