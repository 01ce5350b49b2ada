"""The database goes away in the middle of a chunk: that is no try of the items (F11, F12)."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from imports import outages, runner
from imports.models import ImportItem
from tests import images
from tests.cast import Caller, image_item
from tests.origin import Origin, Reply

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _no_memories() -> Iterator[None]:
    yield
    outages._owed.clear()
    outages._blamed.clear()


def cut_off(seconds: float) -> threading.Timer:
    """End our connection's backend in a moment, as an administrator or a restart does."""
    database = connection.settings_dict
    server = f"host={database['HOST']} port={database['PORT']} user={database['USER']} dbname={database['NAME']}"
    pid = connection.connection.info.backend_pid

    def cut() -> None:
        with psycopg.connect(server, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [pid])

    timer = threading.Timer(seconds, cut)
    timer.start()
    return timer


def states() -> list[tuple[str, bool, int]]:
    rows = ImportItem.objects.order_by("position")
    return [(item.outcome, item.held, item.attempts) for item in rows]


@pytest.fixture
def job(times: Caller, origin: Origin) -> str:
    slow = Reply(images.png(images.picture(1, 1)), wait=0.4)
    return times.import_images(*[image_item(origin.reply(f"/{n}", slow)) for n in range(3)])


def test_three_outages_in_a_row_cost_no_item_a_try(times: Caller, job: str) -> None:
    for _ in range(3):
        cut_off(0.2)
        assert runner.run_chunk()
        assert states() == [("open", False, 0)] * 3, "back at once, not when the lease ends"
    assert runner.run_chunk()
    assert [row["status"] for row in times.status(job)["images"]] == ["success"] * 3


def test_an_item_that_brings_the_database_down_every_time_is_given_up_and_harms_no_neighbour(
    times: Caller, job: str
) -> None:
    """F22: it is left to its lease from the fourth time on, comes alone, and three such tries are enough."""
    for _ in range(outages.MOST_FORGIVEN + 1):
        cut_off(0.2)
        runner.run_chunk()
    assert states() == [("open", True, 1)] * 3
    for _ in range(2):
        ImportItem.objects.filter(position=0).update(due_at=timezone.now())
        cut_off(0.2)
        runner.run_chunk()
    ImportItem.objects.update(due_at=timezone.now())
    while runner.run_chunk():
        pass
    rows = times.status(job)["images"]
    assert [row["status"] for row in rows] == ["failed", "success", "success"]
    assert rows[0]["error_details"] == {"message": "the worker was lost 3 times while working on this item"}


def test_a_try_that_somebody_else_has_taken_over_meanwhile_is_given_back_as_well(times: Caller, job: str) -> None:
    """The outage was longer than the lease, and another worker came first."""
    drawn = runner.draw()
    assert drawn is not None
    outages.forgive(drawn[1])
    ImportItem.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    other = runner.draw()
    assert other is not None
    outages.make_good()
    assert states() == [("open", True, 1)] + [("open", False, 0)] * 2
    runner._do(*other)
    assert states()[0] == ("success", False, 1)


def test_what_was_given_back_before_the_outage_keeps_its_count(times: Caller, origin: Origin) -> None:
    times.import_images(image_item(origin.reply("/a", Reply(status=503))))
    drawn = runner.draw()
    assert drawn is not None
    runner._do(*drawn)
    outages.forgive(drawn[1])
    outages.make_good()
    assert states() == [("open", False, 1)]


def test_a_database_that_takes_no_writes_fails_no_item(times: Caller, job: str) -> None:
    """F14: it is read-only from the middle of the chunk on."""
    drawn = runner.draw()
    assert drawn is not None
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
        with pytest.raises(Exception, match="read-only") as raised:
            runner._do(*drawn)
        cursor.execute("SET default_transaction_read_only = off")
    assert outages.is_outage(raised.value)
    assert {state[0] for state in states()} == {"open"}


def test_what_the_database_refuses_is_no_outage() -> None:
    error: Any = None
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1/0")
    except Exception as refused:
        error = refused
    assert not outages.is_outage(error)
    assert outages.is_outage(OperationalError("the connection is lost"))


def test_an_outage_while_tries_are_taken_back_leaves_the_rest_to_the_next_time(times: Caller, job: str) -> None:
    drawn = runner.draw()
    assert drawn is not None
    _, items = drawn
    outages.forgive(items)
    outages.make_good()
    outages.forgive(items[:1])  # as if the answer to the first had been lost
    outages.make_good()
    assert states() == [("open", False, 0)] * 3
