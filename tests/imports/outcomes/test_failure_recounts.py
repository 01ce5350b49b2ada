"""Failures that a worker of the previous version has written are counted by a chore."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from imports.housekeeping import recount_failures
from imports.models import FailureGroup, ImportItem, ImportJob
from imports.outcomes import failure_groups, failure_recounts
from tests.api_client import Caller, image_item
from tests.origin import Origin

Run = Callable[[], None]


def fail(times: Caller, *urls: str, **fields: Any) -> ImportJob:
    """A finished job of which each item failed as the previous version writes it."""
    public_id = times.import_images(*[image_item(url) for url in urls])
    ended = {"outcome": "failed", "reason": "x", "cause": "http-404", "due_at": None}
    ImportItem.objects.filter(job__public_id=public_id).update(**ended | fields)
    ImportJob.objects.filter(public_id=public_id).update(state="success", finished_at=timezone.now(), failed=len(urls))
    return ImportJob.objects.get(public_id=public_id)


def counts(job: ImportJob) -> list[tuple[str, str, int, int]]:
    """Cause, host, failed and resolved."""
    return list(job.failure_groups.order_by("cause", "host").values_list("cause", "host", "failed", "resolved"))


def test_failures_without_a_time_get_one_and_are_counted(times: Caller) -> None:
    job = fail(times, "https://a.example/1", "https://a.example/2", "https://b.example/1")
    job.items.filter(position=2).update(cause="metadata", resolved_at=timezone.now())
    assert recount_failures() == 3
    assert counts(job) == [("http-404", "a.example:443", 2, 0), ("metadata", "", 1, 1)]
    assert set(job.items.values_list("failed_at", flat=True)) == {job.finished_at}
    assert recount_failures() == 0
    assert counts(job) == [("http-404", "a.example:443", 2, 0), ("metadata", "", 1, 1)]


def test_what_was_counted_is_not_counted_again(times: Caller, origin: Origin, run_workers: Run) -> None:
    """Workers of both versions have failed items of one job, and a later success has resolved one of each."""
    public_id = times.import_images(*[image_item(origin.url(f"/{number}")) for number in range(4)])
    run_workers()
    job = ImportJob.objects.get(public_id=public_id)
    job.items.filter(position__in=[2, 3]).update(failed_at=None)
    FailureGroup.objects.update(failed=2)
    failure_groups.write(failure_groups.resolve(ImportItem.objects.filter(job=job, position__in=[0, 2])))
    evidence = FailureGroup.objects.get().evidence
    assert recount_failures() == 2
    assert counts(job) == [("http-404", f"{origin.host}:{origin.port}", 4, 2)]
    assert FailureGroup.objects.get().evidence == evidence is not None


def test_what_was_cancelled_is_dealt_with(times: Caller) -> None:
    job = fail(times, "https://a.example/1", cause="cancelled")
    assert recount_failures() == 1
    assert counts(job) == [("cancelled", "", 1, 1)]
    assert job.items.get().resolved_at == job.finished_at


def test_failures_at_many_hosts_are_counted_together(times: Caller) -> None:
    """Also those of a second round, whose groups are full."""
    number = failure_groups.MAX_HOSTS + 5
    job = fail(times, *[f"https://h{n}.example/" for n in range(number)])
    for _ in range(2):
        assert recount_failures() == number
        groups = job.failure_groups.all()
        assert groups.filter(host_key__gt=0).count() == failure_groups.MAX_HOSTS
        assert groups.get(host_key=FailureGroup.OTHER_HOSTS).failed == 5
        assert groups.aggregate(Sum("failed"))["failed__sum"] == number
        job.items.update(failed_at=None)


def test_a_round_is_bounded(times: Caller) -> None:
    for _ in range(failure_recounts.MAX_JOBS + 1):
        fail(times, "https://a.example/1")
    assert recount_failures() == failure_recounts.MAX_JOBS
    assert recount_failures() == 1


@pytest.mark.postgres
def test_the_search_for_uncounted_failures_does_not_read_the_table(times: Caller) -> None:
    job = fail(times, "https://a.example/1", failed_at=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO imports_importitem (job_id, position, external_id, title, payload, outcome, reason, failed_at)
            SELECT %s, 100 + n, n::text, '', '{}', CASE WHEN n %% 4 = 0 THEN 'failed' ELSE 'success' END, 'x', now()
            FROM generate_series(1, 20000) AS n
            """,
            [job.pk],
        )
        cursor.execute("ANALYZE imports_importitem")
    with CaptureQueriesContext(connection) as captured:
        assert recount_failures() == 0
    (query,) = captured
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {query['sql']}")
        assert "item_uncounted_failure" in "\n".join(row[0] for row in cursor.fetchall())
