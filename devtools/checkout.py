"""The production programs of a checkout, and the variables it reads."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RENAMED = {"courier": "webhooks"}  # programs in the Procfile of an earlier version


def procfile(tree: Path = ROOT) -> dict[str, str]:
    """The commands of the Procfile by their names; of this checkout, or of another one."""
    lines = (tree / "Procfile").read_text().splitlines()
    commands = (line.partition(":") for line in lines if line and not line.startswith("#"))
    return {RENAMED.get(name, name): command.strip() for name, _, command in commands}


def documented_variables(env_example: str) -> list[str]:
    """The variables that the text of .env.example lists, set or commented out, in order."""
    return re.findall(r"^#?([A-Z][A-Z0-9_]*)=", env_example, re.MULTILINE)
