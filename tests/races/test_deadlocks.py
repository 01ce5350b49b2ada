"""Two transactions wait for each other: the one that the database ends is begun again (FLT-15)."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import psycopg
import pytest
from django.db import connection

from imports import services
from imports.models import ImportItem, ImportJob
from tests.api_client import Caller, image_item, make_project

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
SideBySide = Callable[[Sequence[Callable[[], Any]]], list[Any]]


def test_cancelling_a_job_survives_a_deadlock(transactional_db: None, side_by_side: SideBySide) -> None:
    """Another program locks the job before its items, in reverse order."""
    caller = Caller(make_project("races"))
    caller.import_images(*[image_item("https://pictures.example/a") for _ in range(3)])
    job = ImportJob.objects.get()
    database = connection.settings_dict
    server = f"host={database['HOST']} port={database['PORT']} user={database['USER']} dbname={database['NAME']}"

    def wrong_way_round() -> str:
        with psycopg.connect(server) as other:
            other.execute("SET deadlock_timeout = '30s'")  # it is the others that have to yield
            other.execute(f"SELECT 1 FROM {ImportJob._meta.db_table} FOR UPDATE")
            time.sleep(0.5)
            other.execute(f"SELECT 1 FROM {ImportItem._meta.db_table} FOR UPDATE")
        return "done"

    def cancel() -> bool:
        time.sleep(0.2)
        return services.cancel_job(job, by="x" * 300)

    assert side_by_side([wrong_way_round, cancel]) == ["done", True]
    job.refresh_from_db()
    assert (job.state, job.failed) == ("success", 3)
    assert job.note == f"cancelled by {'x' * 187}"
