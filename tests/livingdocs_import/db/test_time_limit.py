"""What the database is asked within a time limit ends, and so does the limit."""

import time

import pytest
from django.db import OperationalError, connection

from livingdocs_import.db.time_limit import OutOfTime, time_limit

COUNT = """WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {most})
    SELECT count(*) FROM numbers"""
ENDLESS, SOME = COUNT.format(most=2_000_000_000), COUNT.format(most=400_000)


def ask(sql: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_what_takes_too_long_is_stopped_and_the_connection_goes_on() -> None:
    begin = time.monotonic()
    with pytest.raises(OutOfTime), time_limit(0.3):
        ask(ENDLESS)
    assert time.monotonic() - begin < 5
    assert ask("SELECT 1") == 1


def ask_often(times: int) -> None:
    for _ in range(times):
        ask(SOME)


def wait_and_ask(seconds: float) -> None:
    time.sleep(seconds)
    ask(ENDLESS)


@pytest.mark.django_db(transaction=True)
def test_all_statements_together_have_the_time() -> None:
    begin = time.monotonic()
    with pytest.raises(OutOfTime), time_limit(1):
        ask_often(200)
    assert time.monotonic() - begin < 3
    begin = time.monotonic()
    with pytest.raises(OutOfTime), time_limit(2):
        wait_and_ask(1.5)
    assert time.monotonic() - begin < 3.2
    assert ask("SELECT 1") == 1


@pytest.mark.django_db
def test_within_another_transaction_the_limit_ends_with_the_block() -> None:
    with time_limit(0.05):
        assert ask("SELECT 1") == 1
    time.sleep(0.06)
    assert ask(SOME) == 400_000
    if connection.vendor == "postgresql":
        assert ask("SELECT current_setting('statement_timeout')") != "50ms"


@pytest.mark.django_db(transaction=True)
def test_other_errors_stay_what_they_are() -> None:
    with (
        pytest.raises(OperationalError if connection.vendor == "sqlite" else Exception, match="nowhere"),
        time_limit(5),
    ):
        ask("SELECT * FROM nowhere")
