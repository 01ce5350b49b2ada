"""Two transactions create the same row: the one that comes second is begun again, and finds it (FLT-15)."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from imports.models import LastSweep
from livingdocs_import.work_queue import retry_transaction

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
SideBySide = Callable[[Sequence[Callable[[], Any]]], list[Any]]
INSERT = "INSERT INTO imports_lastsweep (id, at) VALUES (77, now())"


def test_the_second_one_finds_the_row(transactional_db: None, side_by_side: SideBySide) -> None:
    database = connection.settings_dict
    server = f"host={database['HOST']} port={database['PORT']} user={database['USER']} dbname={database['NAME']}"

    def first() -> str:
        with psycopg.connect(server) as other:
            other.execute(INSERT)
            time.sleep(0.5)
        return "made"

    @transaction.atomic
    def find_or_make() -> str:
        if LastSweep.objects.filter(pk=77).exists():
            return "found"
        with connection.cursor() as cursor:
            cursor.execute(INSERT)
        return "made"

    def second() -> str:
        time.sleep(0.2)
        return retry_transaction.begun_again(find_or_make)

    assert side_by_side([first, second]) == ["made", "found"]


def test_a_row_that_is_there_every_time_is_an_error_in_the_end(transactional_db: None) -> None:
    LastSweep.objects.create(pk=77, at=timezone.now())
    tries = []

    @transaction.atomic
    def make() -> None:
        tries.append("try")
        LastSweep.objects.bulk_create([LastSweep(pk=77, at=timezone.now())])

    with pytest.raises(IntegrityError):
        retry_transaction.begun_again(make)
    assert len(tries) == retry_transaction.TRIES
