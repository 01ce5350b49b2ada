"""Load a file of environment variables; variables that are set already take precedence."""

import os
from pathlib import Path

from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parent.parent


def load() -> None:
    """Read the file named by ENV_FILE, absolute or below the repository's root; the default is `.env`.

    ENV_FILE itself can only come from the environment. If it is empty, no file is read, as in tests. A missing file is
    a FileNotFoundError if ENV_FILE names it, and no error for the default.
    """
    named = os.environ.get("ENV_FILE")
    path = ROOT / (".env" if named is None else named)
    if named != "" and (named or path.exists()):
        _take(path)


def _take(path: Path) -> None:
    given = frozenset(os.environ)
    with path.open(encoding="utf-8") as file:
        # No interpolation: a "$" in a password must not refer to another variable.
        for name, value in dotenv_values(stream=file, interpolate=False).items():
            # NAME and NAME_FILE are alternatives: either one in the environment wins over both in the file.
            other = name.removesuffix("_FILE") if name.endswith("_FILE") else f"{name}_FILE"
            if value is not None and not given & {name, other}:
                os.environ[name] = value
