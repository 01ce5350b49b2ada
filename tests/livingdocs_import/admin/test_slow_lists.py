"""A list that a member waits for too long is given up with a message, and other lists are as before."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from documents.models import Document, Revision
from livingdocs_import.admin import pages
from media_library.models import EntryChange
from tests.api_client import Caller
from tests.imports.admin.test_jobs import make_job
from tests.media_library.admin.test_library import make_entry
from tests.operators import member, operator

MANY = 4_000  # rows: SQLite looks at the clock after some thousand steps
CHANGES, REVISIONS = "/admin/media_library/entrychange/", "/admin/documents/revision/"
FAILURES = "/admin/imports/importitem/failures/"


@pytest.fixture
def many(times: Caller, herald: Caller) -> None:
    """A few rows of a project, and very many of another."""
    for caller, number in ((times, 1), (herald, MANY)):
        entry = make_entry(caller, "bridge")
        EntryChange.objects.bulk_create(
            EntryChange(entry=entry, version=2 + n, actor="user", operations=["patch"]) for n in range(number)
        )
        document = Document.objects.create(
            project=caller.project, content_type="regular", document_type="article", current_revision_id=1
        )
        Revision.objects.bulk_create(Revision(document=document, version=1 + n, source="user") for n in range(number))
        make_job(caller, *["failed:x"] * number)


@pytest.mark.parametrize("address", [CHANGES, REVISIONS, FAILURES])
def test_a_list_that_takes_too_long_says_so(many: None, address: str, settings: Any) -> None:
    assert pages.TOOK_TOO_LONG not in member(herald="viewer").get(address).content.decode()
    settings.ADMIN_LIST_SECONDS = 0.0
    answer = member(herald="viewer").get(address)
    assert answer.status_code == 200
    assert pages.TOOK_TOO_LONG in answer.content.decode()


@pytest.mark.parametrize("address", [CHANGES, REVISIONS])
def test_who_sees_all_projects_needs_no_limit(many: None, address: str, settings: Any) -> None:
    settings.ADMIN_LIST_SECONDS = 0.0
    assert operator().get(address).context["cl"].result_count > MANY


def test_a_search_is_limited_for_superusers_too(times: Caller, settings: Any) -> None:
    row = {"project": times.project, "content_type": "regular", "document_type": "article", "current_revision_id": 1}
    Document.objects.bulk_create(Document(title="Alps", **row) for _ in range(MANY))
    client, address = operator(), "/admin/documents/document/?q=alp"
    assert client.get(address).context["cl"].result_count == MANY
    settings.ADMIN_LIST_SECONDS = 0.0
    answer = client.get(address)
    assert pages.TOOK_TOO_LONG in answer.content.decode()
    assert answer.context["cl"].result_count == 0


def test_the_list_of_a_member_is_counted_in_any_order(times: Caller) -> None:
    """In the order of the list PostgreSQL would read all that is newer in other projects."""
    client = member(times="viewer")
    with CaptureQueriesContext(connection) as queries:
        client.get(CHANGES)
    counts = [query["sql"] for query in queries if "COUNT(" in query["sql"] and "entrychange" in query["sql"]]
    assert len(counts) == 1
    assert "ORDER BY" not in counts[0]
