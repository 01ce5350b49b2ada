"""What all commands of operators do: exit codes, an end in order after Ctrl-C, and a database that is away."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError
from django.db import OperationalError, ProgrammingError, connection, transaction

from livingdocs_import.management.operator_command import Example, ExitCode, OperatorCommand


class Broken(OperatorCommand):
    """Does what its test wants."""

    help = "For this test."
    examples = (Example("", "one"), Example("--json", "two"))
    json_keys = "x"
    findings = "something was found"

    def __init__(self, step: Callable[[], ExitCode | None]) -> None:
        super().__init__(stdout=StringIO(), stderr=StringIO())
        self.step = step

    def run(self, **_: object) -> ExitCode | None:
        return self.step()


def raised(error: BaseException) -> Callable[[], ExitCode | None]:
    def step() -> ExitCode | None:
        raise error

    return step


def ends(step: Callable[[], ExitCode | None]) -> tuple[int, str]:
    """The exit code, and what is on standard error."""
    command = Broken(step)
    arguments = {"json": False, "force_color": False, "no_color": False, "skip_checks": True}
    try:
        command.execute(**arguments)
    except SystemExit as end:
        return int(end.code or 0), command.stderr.getvalue()  # type: ignore[attr-defined]
    return 0, command.stderr.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize(("code", "seen"), [(None, 0), (ExitCode.DONE, 0), (ExitCode.FINDINGS, 3)])
def test_the_exit_code_is_what_the_command_returns(code: ExitCode | None, seen: int) -> None:
    assert ends(lambda: code) == (seen, "")


def test_ctrl_c_ends_in_order_and_says_how_to_go_on() -> None:
    code, said = ends(raised(KeyboardInterrupt()))
    assert code == 130
    assert said == "Interrupted. What was done is done; the same command does the rest.\n"


def test_a_reader_that_has_gone_is_no_error_of_the_command() -> None:
    """Such as `| head`."""
    assert ends(raised(BrokenPipeError())) == (1, "")


def test_a_database_that_is_away_is_one_line() -> None:
    with pytest.raises(CommandError, match="the database does not answer: connection refused"):
        ends(raised(OperationalError("connection refused")))


@pytest.mark.django_db
def test_a_database_without_our_tables_is_to_be_migrated() -> None:
    def step() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM table_of_no_migration")

    with pytest.raises(CommandError, match=r"lacks tables or columns of this release: run manage\.py migrate"):
        ends(step)


@pytest.mark.django_db
def test_a_statement_that_is_wrong_otherwise_stays_a_bug() -> None:
    with pytest.raises(ProgrammingError, match="syntax error"):
        ends(raised(ProgrammingError("syntax error")))


def test_the_help_names_what_the_third_exit_code_says() -> None:
    shown = Broken(lambda: None).create_parser("manage.py", "broken").format_help()
    assert "3 something was found" in shown
    assert "--settings" not in shown
