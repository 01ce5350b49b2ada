"""The first page costs the same however much there is: few queries, none of which reads a large table whole."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from imports.models import ImportItem, ImportJob, LastSweep
from livingdocs_import.models import HostBrake, HostCircuit
from tests.api_client import Caller
from tests.imports.admin.test_jobs import make_job
from tests.operators import operator
from tests.query_plans import slow_plans

PAGE = "/admin/"
MAX_QUERIES = 20
LARGE = {"imports_importitem", "imports_failuregroup", "imports_throughput"}


def test_a_queue_that_seems_stuck_costs_a_few_queries_more(times: Caller) -> None:
    """The worst case: what waits for hosts has to be found out, and nothing is remembered."""
    now = timezone.now()
    make_job(times, "success", "failed:x", "", finished=False)
    ImportItem.objects.filter(outcome="open").update(due_at=now - timedelta(minutes=7))
    HostBrake.objects.create(host="b.example:443", key=2, open_from="22:00", open_until="06:00")
    HostCircuit.objects.create(
        host="c.example:443", key=3, failing_since=now, opened_at=now, probe_at=now, last_silence_at=now
    )
    client = operator()
    cache.clear()
    with CaptureQueriesContext(connection) as asked:
        page = client.get(PAGE)
    assert "Nothing moves" in page.content.decode()
    assert len(asked) <= MAX_QUERIES


@pytest.fixture
def much(times: Caller, request: pytest.FixtureRequest) -> int:
    """So many items in jobs of fifty, of which one in two hundred is open; and as many deliveries as jobs."""
    number: int = request.param
    LastSweep.objects.create(pk=LastSweep.NOTIFYING, at=timezone.now())
    statements = [
        f"""INSERT INTO imports_importjob (public_id, project_id, kind, system_name, webhook, state, note, started_at,
                finished_at, has_repeats, total, success, skipped, failed, outcomes, last_claimed_at)
            SELECT 'j' || n, {times.project.pk}, 'images', 'archive', '', CASE WHEN n % 200 = 0 THEN 'started' ELSE
                'success' END, '', now() - n * interval '2 minutes', CASE WHEN n % 200 = 0 THEN NULL ELSE now() END,
                false, 50, 40, 5, 2, '{{}}', now()
            FROM generate_series(1, {number // 50}) AS n""",
        """INSERT INTO imports_importitem (job_id, position, external_id, title, payload, outcome, reason, cause,
                due_at, failed_at, host_key)
            SELECT job.id, n, 'x' || n, 'A title', '{"url": "https://a.example/1"}',
                CASE WHEN job.state = 'started' AND n % 20 = 1 THEN 'open' WHEN n % 20 = 0 THEN 'failed'
                ELSE 'success' END,
                'x', 'http-404', CASE WHEN job.state = 'started' AND n % 20 = 1 THEN now() - interval '9 minutes' END,
                CASE WHEN n % 20 = 0 THEN now() - n * interval '1 minute' END, 1
            FROM imports_importjob AS job, generate_series(1, 50) AS n""",
        """INSERT INTO imports_failuregroup (job_id, cause, host_key, host, failed, resolved, first_at, last_at)
            SELECT id, 'http-404', n, 'h' || n || '.example:443', 10, CASE WHEN id % 10 = 0 THEN 0 ELSE 10 END,
                started_at, started_at
            FROM imports_importjob, generate_series(1, 2) AS n""",
        f"""INSERT INTO livingdocs_import_webhookdelivery (delivery_id, project_id, subject, url, body, state,
                created_at, due_at, ended_at, lane)
            SELECT 'd' || n, {times.project.pk}, 'job j' || n, 'https://a.example/', '{{}}',
                CASE WHEN n % 100 = 0 THEN 'given up' WHEN n % 101 = 0 THEN 'pending' ELSE 'delivered' END,
                now() - n * interval '1 minute', CASE WHEN n % 100 <> 0 AND n % 101 = 0 THEN now() END,
                CASE WHEN n % 100 <> 0 AND n % 101 = 0 THEN NULL ELSE now() - n * interval '1 minute' END, 'x'
            FROM generate_series(1, {number // 50}) AS n""",
        f"""INSERT INTO imports_throughput (hour, project_id, kind, success, skipped, failed, bytes)
            SELECT date_trunc('hour', now()) - n * interval '1 hour', {times.project.pk}, 'images', 100, 5, 5, 1000000
            FROM generate_series(0, 9000) AS n""",
        "ANALYZE",
    ]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    return number


@pytest.mark.postgres
@pytest.mark.timeout(600)
@pytest.mark.parametrize("much", [60_000, pytest.param(1_000_000, marks=pytest.mark.slow)], indirect=True)
def test_no_query_reads_a_large_table(much: int) -> None:
    client = operator()
    with CaptureQueriesContext(connection) as asked:
        page = client.get(PAGE)
    assert page.context["look"].open_count == ImportJob.objects.filter(state="started").count()
    assert page.context["look"].deliveries.given_up > 0
    assert not (plans := slow_plans(asked, LARGE)), plans
    assert len(asked) <= MAX_QUERIES
