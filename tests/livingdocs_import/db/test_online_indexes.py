"""Indexes that are built while the service goes on: an interrupted migration can be run again."""

from collections.abc import Iterator

import pytest
from django.db import connection, models
from django.db.migrations.executor import MigrationExecutor

from livingdocs_import.db.operations import AddIndexOnline, AddUniqueConstraintOnline

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
NAME = "host_request_age"


OPERATIONS = {
    "index": lambda: AddIndexOnline("hostrequest", models.Index(fields=["asked_at"], name=NAME)),
    "constraint": lambda: AddUniqueConstraintOnline(
        "hostrequest", models.UniqueConstraint(fields=["job", "asked_at"], name=NAME)
    ),
}


class Migration:
    """A migration of one index, or of a constraint that needs one."""

    def __init__(self, kind: str) -> None:
        self.operation = OPERATIONS[kind]()
        self.before = MigrationExecutor(connection).loader.project_state()
        self.after = self.before.clone()
        self.operation.state_forwards("imports", self.after)

    def run(self) -> None:
        with connection.schema_editor(atomic=False) as editor:
            self.operation.database_forwards("imports", editor, self.before, self.after)

    def undo(self) -> None:
        with connection.schema_editor(atomic=False) as editor:
            self.operation.database_backwards("imports", editor, self.after, self.before)


@pytest.fixture(params=OPERATIONS)
def migration(transactional_db: None, request: pytest.FixtureRequest) -> Iterator[Migration]:
    found = Migration(request.param)
    yield found
    found.undo()


def asked(sql: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        rows: list[tuple[object, ...]] = cursor.fetchall() if cursor.description else []
    return rows


def index() -> list[tuple[object, ...]]:
    """Its number, and whether it can be used."""
    return asked(f"SELECT indexrelid, indisvalid FROM pg_index WHERE indexrelid = to_regclass('{NAME}')")


def test_an_index_that_is_there_stays(migration: Migration) -> None:
    migration.run()
    before = index()
    migration.run()
    assert index() == before
    assert [valid for _, valid in before] == [True]


def test_a_constraint_is_made_of_an_index_that_was_built_before_the_interruption() -> None:
    migration = Migration("constraint")
    asked(f"CREATE UNIQUE INDEX {NAME} ON imports_hostrequest (job_id, asked_at)")
    before = index()
    try:
        migration.run()
        assert index() == before
        assert asked(f"SELECT contype FROM pg_constraint WHERE conname = '{NAME}'") == [("u",)]
    finally:
        migration.undo()


@pytest.mark.parametrize("migration", ["index"], indirect=True)
def test_half_of_an_index_is_built_anew(migration: Migration) -> None:
    migration.run()
    asked(f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = to_regclass('{NAME}')")
    ((broken, _),) = index()
    migration.run()
    ((built, valid),) = index()
    assert (built != broken, valid) == (True, True)


def test_what_follows_has_its_time_limits_again(migration: Migration) -> None:
    limits = "SELECT current_setting('lock_timeout'), current_setting('statement_timeout')"
    before = asked(limits)
    migration.run()
    assert asked(limits) == before
