"""Each `manage.py` command that the documentation names exists, with the options that it is shown with."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([ROOT / "README.md", ROOT / "SECURITY.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
CALL = re.compile(r"manage\.py ([a-z_]+)([^`#|;\n]*)")
OPTION = re.compile(r"--[a-z][a-z-]*")


def calls() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for page in PAGES:
        for command, rest in CALL.findall(page.read_text()):
            yield page.relative_to(ROOT).as_posix(), command, tuple(OPTION.findall(rest))


@pytest.mark.parametrize(("page", "command", "options"), sorted(set(calls())))
def test_a_documented_command_takes_its_options(page: str, command: str, options: tuple[str, ...]) -> None:
    app = get_commands()[command]
    made = load_command_class(app, command) if isinstance(app, str) else app
    known = OPTION.findall(made.create_parser("manage.py", command).format_help())
    assert set(options) <= set(known)
