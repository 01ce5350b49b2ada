"""Within `read_by_index` no table is read whole that has an index, and afterwards the planner is free again."""

import pytest
from django.db import DataError, connection, transaction

from livingdocs_import.db.lookups import read_by_index

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _few(db: None) -> None:
    """A table of one row, as the planner knows: it reads it whole."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE few ON COMMIT DROP AS SELECT 1 AS id")
        cursor.execute("CREATE INDEX ON few (id)")
        cursor.execute("ANALYZE few")


def plan() -> str:
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN SELECT id FROM few WHERE id = 1")
        return "\n".join(row[0] for row in cursor.fetchall())


def test_an_index_is_read_where_the_planner_would_read_the_table() -> None:
    assert "Seq Scan" in plan()
    with read_by_index():
        assert "Seq Scan" not in plan()
    assert "Seq Scan" in plan()


def test_an_error_of_the_database_is_raised_as_it_is() -> None:
    with pytest.raises(DataError), transaction.atomic(), read_by_index(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
    assert "Seq Scan" in plan()
