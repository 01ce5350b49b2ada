"""A file as a stand-in for the environment: what is set in it counts where the environment is silent."""

import os
from pathlib import Path

from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parent.parent


def load() -> None:
    """Read the file that ENV_FILE names, below the repository's root or absolute; without ENV_FILE it is `.env`.

    ENV_FILE itself can only come from the environment. Empty: no file is read, as in tests. A file that is named and
    does not exist is a FileNotFoundError; that there is no `.env` is none.
    """
    named = os.environ.get("ENV_FILE")
    path = ROOT / (".env" if named is None else named)
    if named != "" and (named or path.exists()):
        _take(path)


def _take(path: Path) -> None:
    given = frozenset(os.environ)
    with path.open(encoding="utf-8") as file:
        # As it stands: a "$" in a password is no reference to another variable.
        for name, value in dotenv_values(stream=file, interpolate=False).items():
            # NAME and NAME_FILE are two ways to say one thing: who says either has said it.
            other = name.removesuffix("_FILE") if name.endswith("_FILE") else f"{name}_FILE"
            if value is not None and not given & {name, other}:
                os.environ[name] = value
