"""A worker that lives keeps its rows, whatever the database goes through meanwhile."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from livingdocs_import.models import WebhookDelivery
from livingdocs_import.work_queue.lease import Leases, lock_claimed, refund_claims, release
from tests.api_client import make_project

pytestmark = pytest.mark.django_db(transaction=True)
LEASE = timedelta(seconds=1.5)
TABLE = WebhookDelivery._meta.db_table


@pytest.fixture
def claimed() -> list[WebhookDelivery]:
    """Two deliveries that a worker has claimed."""
    project = make_project("leases")
    for _ in range(2):
        WebhookDelivery.objects.create(project=project, subject="s", url="http://pictures.example/", body="{}")
    return WebhookDelivery.objects.order_by("pk").claim(2, lease=LEASE)


def due_at(row: WebhookDelivery) -> datetime:
    moment = WebhookDelivery.objects.values_list("due_at", flat=True).get(pk=row.pk)
    assert moment is not None
    return moment


@contextmanager
def renewed(rows: list[WebhookDelivery]) -> Iterator[None]:
    leases = Leases(WebhookDelivery, LEASE)
    leases.add(rows)
    with leases.renewed():
        yield


def before_long(true: Callable[[], bool]) -> bool:
    until = time.monotonic() + 5
    while not true() and time.monotonic() < until:
        time.sleep(0.05)
    return true()


def test_a_renewal_that_fails_is_not_the_last(claimed: list[WebhookDelivery]) -> None:
    """FLT-11, FLT-12: the database is away for one renewal."""
    with renewed(claimed):
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {TABLE} RENAME TO away")
            time.sleep(LEASE.total_seconds() / 2)
            cursor.execute(f"ALTER TABLE away RENAME TO {TABLE}")
        back = timezone.now()
        assert before_long(lambda: due_at(claimed[0]) > back + LEASE)


@pytest.mark.postgres
def test_a_renewal_does_not_wait(claimed: list[WebhookDelivery]) -> None:
    """Rows are locked in the order of their keys; a renewal that waited in another order would be a deadlock."""
    before = timezone.now() + LEASE
    with renewed(claimed), transaction.atomic():
        assert lock_claimed(WebhookDelivery, claimed[:1])
        assert before_long(lambda: due_at(claimed[1]) > before)
        assert due_at(claimed[0]) <= before


def test_what_a_lost_transaction_has_released_is_refunded(claimed: list[WebhookDelivery]) -> None:
    """The database went away before the commit: the rows are claimed as before, and their leases would expire."""

    def release_and_fail() -> None:
        with transaction.atomic():
            release(WebhookDelivery, claimed)
            raise OperationalError("the connection is lost")

    with pytest.raises(OperationalError):
        release_and_fail()
    refund_claims(WebhookDelivery, claimed)
    assert not WebhookDelivery.objects.filter(claimed=True).exists()


def test_what_was_released_before_an_outage_is_not_refunded(claimed: list[WebhookDelivery]) -> None:
    """Another worker's loss with it is that worker's."""
    with transaction.atomic():
        release(WebhookDelivery, claimed)
    for _ in range(2):
        WebhookDelivery.objects.update(due_at=timezone.now() - LEASE)
        WebhookDelivery.objects.order_by("pk").claim(2, lease=LEASE)
    refund_claims(WebhookDelivery, claimed)
    assert set(WebhookDelivery.objects.values_list("claimed", "losses")) == {(True, 1)}
