"""The page of a plan costs the same however large plan and library are: few queries, none reads a large table whole."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from imports import services
from imports.models import ImportJob
from tests.api_client import Caller, document_item, image_item
from tests.operators import member, operator
from tests.query_plans import slow_plans

MAX_QUERIES = 20
PAGES = ("", "?would=update", "?would=fail&cause=metadata", "?only=by-hand", "?only=changed", "?q=x1", "?p=200")
LARGE = {
    "images": {"imports_importitem", "media_library_mediaentry", "media_library_entrychange"},
    "documents": {"imports_importitem", "documents_document", "documents_revision", "documents_importlog"},
}
RESULT = (
    """{"would":"update","why":"metadata differ","changes":[{"property":"metadata.caption","old":"a","new":"b"}]}"""
)


def fill(job: ImportJob, other: ImportJob, size: int) -> None:
    """Make it a finished plan of so many items: each tenth fails, half of the others update, half create.

    Another job has ten times as many, as a table has that stores more than one.
    """
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM imports_importitem WHERE job_id = %s", [job.pk])
        cursor.execute(
            """INSERT INTO imports_importitem (job_id, position, external_id, title, payload, outcome, due_at, claimed,
                    attempts, losses, claim_number)
                SELECT %s, n, 'y' || n, 'A title', '{"url": "https://a.example/1"}', 'success', NULL, false, 1, 0, 0
                FROM generate_series(1, %s) AS n""",
            [other.pk, 10 * size],
        )
        cursor.execute(
            """INSERT INTO imports_importitem (job_id, position, external_id, title, payload, outcome, reason, cause,
                    would, compared_version, result, details, due_at, claimed, attempts, losses, claim_number, host_key)
                SELECT %s, n - 1, 'x' || n, 'A title', '{"url": "https://a.example/1"}', 'skipped', 'dry run',
                    CASE WHEN n %% 10 = 0 THEN 'metadata' ELSE '' END,
                    CASE WHEN n %% 10 = 0 THEN 'fail' WHEN n %% 2 = 0 THEN 'update' ELSE 'create' END,
                    CASE WHEN n %% 10 <> 0 AND n %% 2 = 0 THEN 1 END, %s,
                    '{"message": "Metadata validation failed."}', NULL, false, 0, 0, 0,
                    CASE WHEN n %% 100 = 0 THEN 1 ELSE 0 END
                FROM generate_series(1, %s) AS n""",
            [job.pk, RESULT, size],
        )
    outcomes = {"create": size // 2, "update": size * 2 // 5, "fail": size // 10}
    ImportJob.objects.filter(pk=job.pk).update(
        total=size, skipped=size, outcomes=outcomes, probe=0 if job.kind == "documents" else 100
    )


IMAGES = (
    """INSERT INTO media_library_mediaentry (project_id, media_id, media_type, base_type, title, system_name,
            external_id, asset, asset_key, metadata, translations, created_at, updated_at, invalid, version)
        SELECT %(project)s, 'm' || n, 'image', 'mediaImage', 'A title', 'archive', 'x' || n * 2, '{}', 'k' || n, '{}',
            '[]', now(), now(), false, 1 + (n %% 3 = 0)::int
        FROM generate_series(1, %(number)s) AS n""",
    """INSERT INTO media_library_entrychange (entry_id, version, at, actor, actor_name, operations, job)
        SELECT id, 1, now(), CASE WHEN id %% 7 = 0 THEN 'user' ELSE 'importer' END, 'eva', '[]', ''
        FROM media_library_mediaentry""",
)
DOCUMENTS = (
    """INSERT INTO documents_document (id, project_id, content_type, document_type, version, current_revision_id,
            created_at, updated_at, title)
        SELECT n + 1000000, %(project)s, 'article', 'article', 1 + (n %% 3 = 0)::int, n + 1000000, now(), now(),
            'A title'
        FROM generate_series(1, %(number)s) AS n""",
    """INSERT INTO documents_revision (id, document_id, version, title, content, metadata, translations, design_name,
            design_version, source, author, job, created_at)
        SELECT n + 1000000, n + 1000000, 1, 'A title', '[]', '{}', '[]', 'd', '1.0.0', 'import', 'Importer', '', now()
        FROM generate_series(1, %(number)s) AS n""",
    """INSERT INTO documents_importlog (project_id, system_name, external_id, document_id, checksum, revision_id,
            version, state, created_at, updated_at)
        SELECT %(project)s, 'archive', 'x' || n * 2, n + 1000000, '1', CASE WHEN n %% 7 = 0 THEN 0 ELSE n + 1000000 END,
            1, 'imported', now(), now()
        FROM generate_series(1, %(number)s) AS n""",
)


@pytest.fixture
def plan(times: Caller, run_workers: Callable[[], None], request: pytest.FixtureRequest) -> ImportJob:
    """A plan as large as a batch may be, in a library of that size."""
    kind, number = request.param
    item = document_item() if kind == "documents" else image_item("https://a.example/1")
    post = times.import_documents if kind == "documents" else times.import_images
    public_ids = [post(item, options={"dryRun": True}) for _ in range(2)]
    run_workers()
    job, other = ImportJob.objects.filter(public_id__in=public_ids)
    fill(job, other, settings.API_MAX_ITEMS)
    with connection.cursor() as cursor:
        for statement in DOCUMENTS if kind == "documents" else IMAGES:
            cursor.execute(statement, {"project": times.project.pk, "number": number})
        cursor.execute("ANALYZE")
    job.refresh_from_db()
    return job


SIZES = [
    pytest.param(("images", 30_000), id="images"),
    pytest.param(("documents", 30_000), id="documents"),
    pytest.param(("images", 1_000_000), id="images-million", marks=pytest.mark.slow),
    pytest.param(("documents", 1_000_000), id="documents-million", marks=pytest.mark.slow),
]


@pytest.mark.postgres
@pytest.mark.timeout(600)
@pytest.mark.parametrize("plan", SIZES, indirect=True)
def test_no_query_reads_a_large_table(plan: ImportJob) -> None:
    client = operator()
    for query in PAGES:
        with CaptureQueriesContext(connection) as asked:
            page = client.get(f"/admin/imports/importjob/{plan.pk}/plan/{query}")
        assert page.context["by_hand"] > 0, "the library has entries of these items"
        assert len(page.context["rows"]) == 50, query
        assert not (plans := slow_plans(asked, LARGE[plan.kind])), plans
        assert len(asked) <= MAX_QUERIES, query


@pytest.mark.postgres
@pytest.mark.parametrize("plan", SIZES[:2], indirect=True)
def test_the_question_and_the_import_read_no_large_table(plan: ImportJob) -> None:
    client = operator()
    with CaptureQueriesContext(connection) as asked:
        answer = client.post("/admin/imports/importjob/act/carry_out/", {"object": plan.pk})
    assert "Import these 10,000 items now?" in answer.content.decode()
    assert len(asked) <= MAX_QUERIES
    with CaptureQueriesContext(connection) as carried_out:
        real = services.carry_out_plan(plan, only_would_succeed=True, leave_touched=True)
    assert real is not None
    assert 0 < real.total < 9_000
    for queries in (asked, carried_out):
        assert not (plans := slow_plans(queries, LARGE[plan.kind])), plans


def test_a_page_of_fifty_costs_as_many_queries_as_one_of_one(times: Caller, run_workers: Callable[[], None]) -> None:
    client = member(times="operator")
    numbers = []
    for number in (1, 60):
        public_id = times.import_images(*(image_item("https://a.example/1") for _ in range(number)),
                                        options={"dryRun": True})  # fmt: skip
        run_workers()
        job = ImportJob.objects.get(public_id=public_id)
        client.get(f"/admin/imports/importjob/{job.pk}/plan/")  # whatever is read once and remembered
        with CaptureQueriesContext(connection) as asked:
            client.get(f"/admin/imports/importjob/{job.pk}/plan/")
        numbers.append(len(asked))
    assert numbers[0] == numbers[1] <= MAX_QUERIES
