"""The database goes away in the middle of the work: nothing is lost, and no item pays for it (FLT-11, FLT-12)."""

import threading
import time
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from imports.models import ImportItem
from imports.outcomes.claim_refunds import MAX_BLAMED, Refunds, is_outage
from imports.worker import Worker
from tests import images
from tests.api_client import Caller, document_item, image_item
from tests.origin import Origin, Reply
from tests.workers import claim, claim_lost, do_late, drain, end_leases, item_states

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


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


@pytest.fixture
def job(times: Caller, origin: Origin) -> str:
    slow = Reply(images.png(images.picture(1, 1)), wait=0.4)
    return times.import_images(*[image_item(origin.reply(f"/{n}", slow)) for n in range(3)])


def test_an_outage_while_downloads_are_under_way_costs_nothing(times: Caller, job: str) -> None:
    cut_off(0.2)
    drain()
    assert item_states() == [("success", False, 0, 0)] * 3


def test_an_item_that_brings_the_database_down_every_time_is_given_up_and_harms_no_neighbour(
    times: Caller, origin: Origin
) -> None:
    """FLT-22: it is left to its lease after a few outages, comes alone, and three such losses are enough."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER poison BEFORE INSERT ON media_library_mediaentry FOR EACH ROW "
            "WHEN (NEW.title = 'poison') EXECUTE FUNCTION die()"
        )
    try:
        url = origin.reply("/a", Reply(images.png(images.picture(1, 1))))
        job = times.import_images(*[image_item(url, fileName=name) for name in ("poison", "two", "three")])
        for _ in range(8):
            drain()
            end_leases()
        drain()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER poison ON media_library_mediaentry")
            cursor.execute("DROP FUNCTION die()")
    rows = times.status(job)["images"]
    assert [row["status"] for row in rows] == ["failed", "success", "success"]
    assert rows[0]["error_details"]["cause"] == "worker-lost"


def test_an_outage_costs_a_document_nothing_that_is_alone(times: Caller) -> None:
    """Its worker was lost before; the database goes away once while it is written."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SEQUENCE outages")
        cursor.execute(
            "CREATE FUNCTION die_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "IF nextval('outages') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NEW; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER outage BEFORE INSERT ON documents_revision FOR EACH ROW EXECUTE FUNCTION die_once()"
        )
    try:
        times.import_documents(document_item())
        claim()
        end_leases()
        drain()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER outage ON documents_revision")
            cursor.execute("DROP FUNCTION die_once()")
            cursor.execute("DROP SEQUENCE outages")
    assert item_states() == [("success", False, 0, 1)]


def test_a_claim_that_another_worker_has_taken_over_is_refunded_as_well(times: Caller, job: str) -> None:
    """The outage was longer than the lease, and another worker came first and counted a loss."""
    refunds, mine = Refunds(), claim(3)
    refunds.add(mine)
    ImportItem.objects.filter(position=0).update(due_at=timezone.now() - timedelta(seconds=1))
    others = claim_lost()
    assert item_states()[0] == ("open", True, 0, 1)
    refunds.refund_all()
    assert item_states() == [("open", True, 0, 0)] + [("open", False, 0, 0)] * 2
    do_late(others)
    assert item_states()[0] == ("success", False, 0, 0)


def test_what_was_released_before_the_outage_keeps_its_count(times: Caller, origin: Origin) -> None:
    times.import_images(image_item(origin.reply("/a", Reply(status=503))))
    items = claim()
    do_late(items)
    refunds = Refunds()
    refunds.add(items)
    refunds.refund_all()
    assert item_states() == [("open", False, 1, 0)]


def test_a_database_that_takes_no_writes_for_a_moment_fails_no_item(times: Caller, job: str) -> None:
    """FLT-14: it is read-only from the middle of the downloads on, and then not any more."""
    database = connection.settings_dict
    server = f"host={database['HOST']} port={database['PORT']} user={database['USER']} dbname={database['NAME']}"
    pid = connection.connection.info.backend_pid

    def read_only_for_a_while() -> None:
        change = f"ALTER DATABASE {database['NAME']} SET default_transaction_read_only ="
        with psycopg.connect(f"{server} options='-c default_transaction_read_only=off'", autocommit=True) as other:
            try:
                other.execute(f"{change} on")
                other.execute("SELECT pg_terminate_backend(%s)", [pid])
                time.sleep(2.0)
            finally:
                other.execute(f"{change} off")

    worker, meanwhile = Worker(), threading.Thread(target=read_only_for_a_while)
    meanwhile.start()
    try:
        worker.run_until_idle()
    finally:
        meanwhile.join()
        connection.close()  # opened meanwhile, it would be read-only for all tests that follow
    end_leases()
    worker.run_until_idle()
    assert {state[0] for state in item_states()} == {"success"}


def test_claims_are_refunded_after_a_connection_was_opened_to_a_standby(times: Caller, job: str) -> None:
    """FLT-14: the connection stays read-only, the database does not."""
    refunds = Refunds()
    refunds.add(claim(2))
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    refunds.wait_for_database(time.monotonic())
    assert [state[:2] for state in item_states()][:2] == [("open", False)] * 2


def test_what_the_database_refuses_is_no_outage() -> None:
    error: Any = None
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1/0")
    except Exception as refused:
        error = refused
    assert not is_outage(error)
    assert is_outage(OperationalError("the connection is lost"))


def test_the_database_is_blamed_a_few_times_for_the_same_item(times: Caller, job: str) -> None:
    refunds, items = Refunds(), claim(2)
    error = OperationalError("the connection is lost")
    for _ in range(MAX_BLAMED):
        assert refunds.record_outage(error, items) == []
    assert refunds.record_outage(error, items[:1]) == items[:1]
