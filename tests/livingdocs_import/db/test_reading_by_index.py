"""Within `read_by_index` no table is read whole that has an index, and afterwards the planner is free again."""

from typing import Any

import pytest
from django.db import DataError, connection

from imports.models import ImportJob
from livingdocs_import.db.lookups import read_by_index
from tests.imports.admin.test_jobs import make_job

pytestmark = pytest.mark.postgres


@pytest.fixture(autouse=True)
def _small(times: Any) -> None:
    """A table of one row, as the planner knows: it reads it whole."""
    make_job(times, "success")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE imports_importjob")


def plan() -> str:
    return ImportJob.objects.filter(finished_at__isnull=True).explain()


def test_an_index_is_read_where_the_planner_would_read_the_table() -> None:
    assert "Seq Scan" in plan()
    with read_by_index():
        assert "Seq Scan" not in plan()
    assert "Seq Scan" in plan()


def test_an_error_of_the_database_is_raised_as_it_is() -> None:
    with pytest.raises(DataError), read_by_index(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
    assert "Seq Scan" in plan()
