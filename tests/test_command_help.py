"""The help of operators' commands: two examples that are run by a test, the keys of --json, the exit codes."""

import re
import shlex
from pathlib import Path

import pytest
from django.core.management import CommandError, get_commands

from livingdocs_import.management.operator_command import OperatorCommand
from tests.commands import command_named, json_keys

ROOT = Path(__file__).resolve().parent.parent
APPS = {"livingdocs_import", "media_library", "documents", "imports"}
OURS = sorted(name for name, app in get_commands().items() if app in APPS)
SILENT = {"serve", "work", "write_openapi"}  # they report nothing that a program could use
UNTIL_STOPPED = {"serve", "work"}  # run by tests of their own, as processes
TESTS = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()


def made(name: str) -> OperatorCommand:
    command = command_named(name)
    assert isinstance(command, OperatorCommand)
    return command


@pytest.mark.parametrize("name", OURS)
def test_the_help_teaches_with_two_examples_keys_and_exit_codes(name: str) -> None:
    command = made(name)
    shown = command.create_parser("manage.py", name).format_help()
    assert len(command.examples) >= 2
    for arguments, does in command.examples:
        assert f"  manage.py {name} {arguments}".rstrip() in shown.splitlines()
        assert does in shown
    assert "exit codes: 0 done" in shown
    assert ("--json" in shown) == bool(command.json_keys)
    assert command.json_keys or name in SILENT
    assert max(map(len, shown.splitlines())) <= 120
    assert len(set(json_keys(name))) == len(json_keys(name))


@pytest.mark.parametrize("name", OURS)
def test_its_examples_are_understood_and_run_by_a_test(name: str) -> None:
    command = made(name)
    for arguments, _ in command.examples:
        command.create_parser("manage.py", name).parse_args(shlex.split(arguments))
    assert f'run_examples("{name}"' in TESTS or name in UNTIL_STOPPED


def test_every_command_is_in_the_list_of_the_runbook() -> None:
    section = OPERATIONS.split("## Commands\n")[1].split("\n## ")[0]
    cells = re.findall(r"^\| (`[^|]*) \|", section, re.MULTILINE)
    assert sorted(re.findall(r"`([a-z_]+)`", " ".join(cells))) == OURS


def test_an_unknown_option_is_a_wrong_usage() -> None:
    with pytest.raises(CommandError, match="unrecognized arguments: --nothing"):
        made("list_imports").create_parser("manage.py", "list_imports").parse_args(["--nothing"])
