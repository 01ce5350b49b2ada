"""Many rows in one go, the same on every database."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DataError, IntegrityError, connection, transaction

from livingdocs_import.db import bulk_copy
from livingdocs_import.models import Project, WebhookDelivery
from tests.api_client import make_project

NAMES = ("delivery_id", "project", "subject", "url", "body", "state", "created_at", "ended_at", "due_at", "attempts",
         "claim_number", "claimed")  # fmt: skip
NOW = datetime(2026, 3, 1, 12, 0, 0, 500, tzinfo=UTC)
ODD = "ü \\ \t \n \\N"


@pytest.fixture
def project(db: None) -> Project:
    return make_project("bulk")


def row(project: Project, number: int, **changes: Any) -> list[Any]:
    values = {
        "delivery_id": f"d{number}", "project": project.pk, "subject": ODD, "url": "", "body": "{}",
        "state": "pending", "created_at": NOW, "ended_at": None, "due_at": NOW, "attempts": 0, "claim_number": 0,
        "claimed": False,
    }  # fmt: skip
    return [(values | changes)[name] for name in NAMES]


def done(project: Project, number: int) -> list[Any]:
    return row(project, number, state="delivered", due_at=None, ended_at=NOW, claimed=True)


def stored() -> list[WebhookDelivery]:
    return list(WebhookDelivery.objects.order_by("delivery_id"))


def test_rows_come_back_as_they_were_given(project: Project) -> None:
    bulk_copy.insert(WebhookDelivery, NAMES, [row(project, 1), done(project, 2)])
    first, second = stored()
    assert (first.subject, first.created_at, first.ended_at, first.claimed) == (ODD, NOW, None, False)
    assert (second.due_at, second.ended_at, second.claimed, second.project) == (None, NOW, True, project)


def test_nothing_to_do_is_nothing_done(project: Project) -> None:
    bulk_copy.insert(WebhookDelivery, NAMES, [])
    bulk_copy.update(WebhookDelivery, ("subject",), [])
    assert stored() == []


def test_a_violated_constraint_leaves_nothing_behind(project: Project) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk_copy.insert(WebhookDelivery, NAMES, [row(project, 1), row(project, 1)])
    assert stored() == []


def test_each_row_gets_its_own_values(project: Project) -> None:
    bulk_copy.insert(WebhookDelivery, NAMES, [row(project, number) for number in range(4)])
    pks = [delivery.pk for delivery in stored()]
    bulk_copy.update(
        WebhookDelivery,
        ("subject", "state", "due_at", "ended_at", "attempts"),
        [(pks[0], "'quoted' %s", "delivered", None, NOW, 3), (pks[2], "ü", "pending", NOW, None, 0)],
    )
    found = [(d.subject, d.state, d.due_at, d.ended_at, d.attempts) for d in stored()]
    untouched = (ODD, "pending", NOW, None, 0)
    assert found == [
        ("'quoted' %s", "delivered", None, NOW, 3),
        untouched,
        ("ü", "pending", NOW, None, 0),
        untouched,
    ]


def test_rows_are_found_by_any_columns(project: Project) -> None:
    bulk_copy.insert(WebhookDelivery, NAMES, [row(project, number, subject=f"s{number % 2}") for number in range(4)])
    bulk_copy.update(WebhookDelivery, ("attempts",), [(project.pk, "s1", 7)], where=("project", "subject"))
    assert [delivery.attempts for delivery in stored()] == [0, 7, 0, 7]


@pytest.mark.postgres
def test_a_value_that_is_too_long_is_refused_and_not_cut(project: Project) -> None:
    bulk_copy.insert(WebhookDelivery, NAMES, [row(project, 1)])
    (delivery,) = stored()
    with pytest.raises(DataError), transaction.atomic():
        bulk_copy.update(WebhookDelivery, ("subject",), [(delivery.pk, "x" * 65)])
    with pytest.raises(DataError), transaction.atomic():
        bulk_copy.insert(WebhookDelivery, NAMES, [row(project, 2, subject="x" * 65)])


def rows_read_in_sequence() -> int:
    """Of deliveries, within this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = %s", [WebhookDelivery._meta.db_table]
        )
        return int(cursor.fetchone()[0])


@pytest.mark.postgres
def test_updates_do_not_slow_down_while_a_table_that_was_small_is_filled(project: Project) -> None:
    """Until autovacuum analyzes it a connection goes on with what it has planned for the small one."""
    bulk_copy.insert(WebhookDelivery, NAMES, [row(project, number) for number in range(10)])
    delivery = stored()[0]
    for attempts in range(20):
        bulk_copy.update(WebhookDelivery, ("attempts",), [(delivery.pk, attempts)])
    bulk_copy.insert(WebhookDelivery, NAMES, [row(project, number) for number in range(10, 3_000)])
    before = rows_read_in_sequence()
    bulk_copy.update(WebhookDelivery, ("attempts",), [(delivery.pk, 20)])
    assert rows_read_in_sequence() == before


def test_reserved_keys_are_not_given_out_again(project: Project) -> None:
    reserved = bulk_copy.reserve_ids(WebhookDelivery, 3)
    assert reserved == sorted(set(reserved))
    delivery = WebhookDelivery.objects.create(project=project, subject="", url="", body="")
    assert delivery.pk > reserved[-1]


def test_raised_keys_begin_where_they_should(project: Project) -> None:
    """A sequence of PostgreSQL goes on where the tests before left it."""
    (last,) = bulk_copy.reserve_ids(WebhookDelivery, 1)
    bulk_copy.raise_ids(WebhookDelivery, last + 5_000)
    assert bulk_copy.reserve_ids(WebhookDelivery, 1) == [last + 5_000]
    bulk_copy.raise_ids(WebhookDelivery, last)
    assert bulk_copy.reserve_ids(WebhookDelivery, 1)[0] > last + 5_000
