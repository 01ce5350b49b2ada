"""Commands as a shell runs them: exit code, standard output and error; and the examples of their help.

ran = run("pause_import", job)
assert (ran.code, ran.out) == (0, f"{job} is paused\n")
assert run("list_imports", "--json").facts[0]["job"] == job
first, second = run_examples("pause_import", {"25bzj8j": job})
"""

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any

from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.core.management.base import BaseCommand

from livingdocs_import.management.operator_command import OperatorCommand

DESCRIBED = re.compile(r" ?(\{[^{}]*\}|\[[^\[\]]*\]|\([^()]*\))")  # beside the names of keys
PROSE = {"show_config"}  # its object is the configuration


@dataclass(frozen=True)
class Ran:
    """What a command has left behind."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def facts(self) -> list[dict[str, Any]]:
        """The objects of --json."""
        return [json.loads(line) for line in self.lines]


def command_named(name: str) -> BaseCommand:
    app = get_commands()[name]
    return load_command_class(app, name) if isinstance(app, str) else app


def run(name: str, *arguments: str) -> Ran:
    """The keys of JSON are those that the help names."""
    out, err = StringIO(), StringIO()
    code = 0
    try:
        call_command(name, *arguments, stdout=out, stderr=err)
    except CommandError as error:
        code = error.returncode
        err.write(str(error))
    except SystemExit as end:
        code = int(end.code or 0)
    ran = Ran(code, out.getvalue(), err.getvalue())
    if "--json" in arguments and name not in PROSE:
        assert {tuple(sorted(fact)) for fact in ran.facts} <= {tuple(sorted(json_keys(name)))}
    return ran


def json_keys(name: str) -> list[str]:
    """The names of the keys in the help of a command."""
    made = command_named(name)
    assert isinstance(made, OperatorCommand)
    text = made.json_keys
    while text != (text := DESCRIBED.sub("", text)):
        pass
    return [each.strip() for each in text.split(",")]


def run_examples(name: str, values: Mapping[str, str]) -> list[Ran]:
    """Run the examples in the help of a command, with the values of this test instead of the example's."""
    made = command_named(name)
    assert isinstance(made, OperatorCommand)
    calls = [shlex.split(arguments) for arguments, _ in made.examples]
    return [run(name, *[values.get(each, each) for each in call]) for call in calls]
