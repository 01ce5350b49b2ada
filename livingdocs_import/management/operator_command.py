"""The base of commands for operators: help that teaches, lines or JSON, exit codes (docs/operations.md)."""

import os
import sys
import textwrap
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from contextlib import suppress
from enum import IntEnum
from typing import Any, ClassVar, NamedTuple

from django.core.management.base import BaseCommand, CommandError, CommandParser, DjangoHelpFormatter, OutputWrapper
from django.core.management.color import no_style
from django.db import InterfaceError, OperationalError, ProgrammingError, connection

from livingdocs_import.management.report import Report

WIDTH = 100  # columns of the help


class ExitCode(IntEnum):
    """Exit codes, the same for all commands, also for those of the client library."""

    DONE = 0  # also where there was nothing to do
    FAILED = 1  # it could not be done, or something is wrong
    WRONG_USAGE = 2
    FINDINGS = 3  # it was done, and found what the help of the command names
    INTERRUPTED = 130


class Example(NamedTuple):
    """A call as it is typed, without `manage.py` and the command, and what it does."""

    arguments: str
    does: str


class _Help(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Keeps the lines of the examples."""


class OperatorCommand(BaseCommand):
    """A command with examples in its help, `--json` if it reports something, and an exit code.

    Subclasses define `run`, and add their arguments in `add_own_arguments`.
    """

    examples: ClassVar[Sequence[Example]]
    json_keys: ClassVar[str] = ""  # of the object on each line; "": there is no --json
    findings: ClassVar[str] = ""  # what exit code 3 says; "": there is none
    interrupted: ClassVar[str] = "Interrupted. What was done is done; the same command does the rest."
    suppressed_base_arguments = {
        "--version",
        "--verbosity",
        "--settings",
        "--pythonpath",
        "--skip-checks",
    }

    report: Report

    def run(self, *args: Any, **options: Any) -> ExitCode | None:
        """Carry it out; None: done."""
        raise NotImplementedError

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        """The arguments of this command."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        kwargs |= {"formatter_class": _Help, "epilog": self._epilog(subcommand)}
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.description = textwrap.fill(self.help, WIDTH)
        return parser

    def add_arguments(self, parser: ArgumentParser) -> None:
        self.add_own_arguments(parser)
        if self.json_keys:
            parser.add_argument("--json", action="store_true", help="one JSON object on each line, for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        is_coloured = self.stdout.isatty() or options["force_color"]
        style = self.style if is_coloured and not options["no_color"] else no_style()
        self.report = Report(self.stdout, self.stderr, style, options.get("json", False))
        try:
            code = self.run(**options)
            self.stdout.flush()
        except (OperationalError, InterfaceError, ProgrammingError) as error:
            raise CommandError(_database_error(error)) from error
        except BrokenPipeError:  # such as `| head`
            _forget(self.stdout)
            code = ExitCode.FAILED
        except KeyboardInterrupt:
            self.report.note(self.interrupted)
            code = ExitCode.INTERRUPTED
        if code:
            sys.exit(code)

    def _epilog(self, command: str) -> str:
        lines = ["examples:"]
        for arguments, does in self.examples:
            lines += [f"  manage.py {command} {arguments}".rstrip(), f"      {does}"]
        codes = "0 done, 1 it could not be done, 2 wrong usage"
        if self.json_keys:
            lines += ["", *_wrapped(f"with --json, on each line: {self.json_keys}")]
        return "\n".join(
            [*lines, "", *_wrapped(f"exit codes: {codes}{f', 3 {self.findings}' if self.findings else ''}, 130 Ctrl-C")]
        )


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent="    ")


def _database_error(error: Exception) -> str:
    """What the database refused; a database without our tables has no error class of its own.

    Raises another error of a statement again, which is a bug.
    """
    if _lacks_tables(error):
        return "the database lacks tables or columns of this release: run manage.py migrate"
    if isinstance(error, ProgrammingError):
        raise error
    return f"the database does not answer: {error}".strip()


def _lacks_tables(error: Exception) -> bool:
    """SQLite has only the message; PostgreSQL the codes undefined_table and undefined_column."""
    if connection.vendor == "sqlite":
        return str(error).startswith(("no such table", "no such column"))
    return getattr(error.__cause__, "sqlstate", "") in ("42P01", "42703")


def _forget(output: OutputWrapper) -> None:
    """Python flushes standard output once more when it exits, which must not fail again."""
    with suppress(OSError, ValueError):  # a caller's output may have no descriptor
        os.dup2(os.open(os.devnull, os.O_WRONLY), output.fileno())
