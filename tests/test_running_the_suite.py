"""The test driver runs what makes a difference, and says in its last line what ran."""

from pathlib import Path

import pytest

from devtools.checkout import documented_variables
from tests.only_with_database import touches_database
from tests.run import Report, wall_time


def test_the_last_line_names_what_ran(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.write_text("ran Redis 7.0.15\nran S3 server (moto 5.2.5)\nran Redis 7.0.15\n")
    report = Report()
    report.note_run("SQLite 3.40.1", 0)
    report.note_run("PostgreSQL 15.20", 0)
    report.take_notes(notes)

    assert str(report) == "ran: SQLite 3.40.1, PostgreSQL 15.20, Redis 7.0.15, S3 server (moto 5.2.5)"
    assert report.exit_code == 0


def test_what_could_not_be_tested_is_said_loudly_but_is_no_failure(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.write_text("missing Redis (no Redis to start)\n")
    report = Report(missing=["PostgreSQL (nothing there)"])
    report.note_run("SQLite 3.40.1", 0)
    report.take_notes(notes)

    assert str(report) == "ran: SQLite 3.40.1; NOT TESTED: PostgreSQL (nothing there), Redis (no Redis to start)"
    assert report.exit_code == 0


def test_a_failure_on_either_database_is_a_failure(tmp_path: Path) -> None:
    report = Report()
    report.note_run("SQLite 3.40.1", 1)
    report.note_run("PostgreSQL 15.20", 0)
    report.take_notes(tmp_path / "never written")

    assert str(report) == "ran: SQLite 3.40.1, PostgreSQL 15.20; FAILED: SQLite 3.40.1"
    assert report.exit_code == 1


def test_a_selection_that_exists_on_one_database_only_is_fine() -> None:
    report = Report()
    report.note_run("SQLite 3.40.1", 5)
    report.note_run("PostgreSQL 15.20", 0)

    assert report.exit_code == 0


def test_an_empty_selection_is_a_failure() -> None:
    report = Report()
    report.note_run("SQLite 3.40.1", 5)

    assert str(report) == "ran: SQLite 3.40.1; FAILED: no test was selected"
    assert report.exit_code == 1


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.04, "0.0 s"), (9.9, "9.9 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (423.2, "7 min 3 s")]
)
def test_the_last_line_has_the_duration(seconds: float, said: str) -> None:
    assert wall_time(seconds) == said


def test_variables_are_found_set_or_commented_out() -> None:
    assert documented_variables("# Words.\n#ONE=1\nTWO=\n# not THREE=3\n") == ["ONE", "TWO"]


@pytest.fixture
def row(db: None) -> None:
    """Something that needs the database on a test's behalf."""


def test_a_test_without_a_database_runs_once(request: pytest.FixtureRequest) -> None:
    assert not touches_database(request.node)


@pytest.mark.usefixtures("row")
def test_a_test_whose_fixture_uses_the_database_runs_on_each(request: pytest.FixtureRequest) -> None:
    assert touches_database(request.node)


@pytest.mark.django_db
def test_a_test_that_says_so_runs_on_each(request: pytest.FixtureRequest) -> None:
    assert touches_database(request.node)
