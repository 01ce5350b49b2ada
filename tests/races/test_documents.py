"""Several workers and editors on the same documents: one document for an id, one live publication, nothing lost."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from documents import services
from documents.models import Document, DocumentReference, ImportLog, Publication, Revision, UniqueValue
from livingdocs_import.errors import Rejected
from tests.api_client import Caller, document_item, make_project
from tests.newsroom import PUBLISH, image
from tests.workers import drain

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
SideBySide = Callable[[Sequence[Callable[[], Any]]], list[Any]]


@pytest.fixture
def caller(transactional_db: None) -> Caller:
    return Caller(make_project("races"))


def no_errors(results: list[Any]) -> None:
    assert [r for r in results if isinstance(r, Exception)] == []


def rows(caller: Caller, *jobs: str) -> list[dict[str, Any]]:
    found = [caller.status(job, "documents") for job in jobs]
    assert all(status["finished"] for status in found)
    return [row for status in found for row in status["logs"]]


def page(slug: str, **fields: Any) -> dict[str, Any]:
    return document_item(contentType="page", metadata={"title": "t", "slug": slug}, flags=PUBLISH) | fields


def consistent() -> None:
    """What must hold whatever happened in which order."""
    live = dict(Publication.objects.filter(unpublished_at=None).values_list("document", "pk"))
    for document in Document.objects.all():
        assert document.live_publication_id == live.pop(document.pk, None)
        assert document.version == document.revisions.count()
        newest = document.revisions.get(version=document.version)
        assert document.current_revision_id == newest.pk
    assert live == {}
    for reference in DocumentReference.objects.filter(scope="publication"):
        assert reference.sort_id == reference.document.live_publication_id
    for reference in DocumentReference.objects.filter(scope="draft"):
        assert reference.sort_id == reference.document.current_revision_id


def test_parallel_equal_batches_make_one_document_an_id(
    caller: Caller, side_by_side: SideBySide, caplog: pytest.LogCaptureFixture
) -> None:
    """JOB-24: the loser repeats the whole batch (FLT-15)."""
    items = [document_item(content=[image()], flags=PUBLISH) for _ in range(30)]
    jobs = [caller.import_documents(*items) for _ in range(6)]
    no_errors(side_by_side([drain] * 6))
    states = [row["state"] for row in rows(caller, *jobs)]
    assert states.count("published") == 30
    assert states.count("skipped") == 150
    assert Document.objects.count() == ImportLog.objects.count() == Publication.objects.count() == 30
    assert "refused" not in caplog.text
    consistent()


def test_parallel_updates_each_make_a_revision(caller: Caller, side_by_side: SideBySide) -> None:
    items = [document_item(content=[image()], flags=PUBLISH) for _ in range(10)]
    caller.import_documents(*items)
    drain()
    changed = [[item | {"checksum": f"{n}"} for item in items[:: (-1) ** n]] for n in range(2, 8)]
    jobs = [caller.import_documents(*batch) for batch in changed]
    no_errors(side_by_side([drain] * 6))
    assert {row["state"] for row in rows(caller, *jobs)} == {"published"}
    assert Revision.objects.count() == 70
    assert Publication.objects.filter(unpublished_at=None).count() == 10
    consistent()


def test_an_editor_and_an_import_do_not_overwrite_each_other(caller: Caller, side_by_side: SideBySide) -> None:
    """DOC-46: the second one sees the result of the first one."""
    for number in range(10):
        item = document_item()
        caller.import_documents(item)
        drain()
        document = Document.objects.order_by("pk").last()
        assert document is not None
        job = caller.import_documents(item | {"checksum": "2", "flags": {"onlyOverwriteUntouched": True}})

        def edit(document: Document = document, number: int = number) -> None:
            services.change(document, title=f"By hand {number}", metadata={}, by="ines")

        no_errors(side_by_side([drain, edit]))
        (row,) = rows(caller, job)
        document.refresh_from_db()
        titles = list(document.revisions.order_by("version").values_list("title", flat=True))
        if row["state"] == "skipped":
            assert titles == [item["title"], f"By hand {number}"]
        else:
            assert titles == [item["title"], item["title"], f"By hand {number}"]
    consistent()


def test_publishing_and_taking_back_at_once_leaves_one_truth(caller: Caller, side_by_side: SideBySide) -> None:
    caller.import_documents(document_item(id="a", content=[image()]))
    drain()
    document = Document.objects.get()
    for number in range(10):
        job = caller.import_documents(document_item(id="a", content=[image()], checksum=f"n{number}", flags=PUBLISH))
        no_errors(
            side_by_side(
                [
                    drain,
                    lambda: services.publish(document, by="ines"),
                    lambda: services.unpublish(document, by="ines"),
                ]
            )
        )
        assert rows(caller, job)[0]["state"] == "published"
        consistent()


def test_a_value_that_must_be_unique_goes_to_one_of_many(caller: Caller, side_by_side: SideBySide) -> None:
    for number in range(5):
        jobs = [caller.import_documents(page(f"home{number}")) for _ in range(6)]
        no_errors(side_by_side([drain] * 6))
        found = rows(caller, *jobs)
        assert sorted(row["state"] for row in found) == ["failed"] * 5 + ["published"]
        failed = [row["error_details"] for row in found if row["state"] == "failed"]
        assert {details["errors"][0]["message"] for details in failed} == {"The value of '/slug' must be unique"}
    assert UniqueValue.objects.count() == 5
    consistent()


def test_two_editors_cannot_both_have_a_unique_value(caller: Caller, side_by_side: SideBySide) -> None:
    for number in range(10):
        job = caller.import_documents(page(f"home{number}", flags={}), page(f"home{number}", flags={}))
        drain()
        pair = [Document.objects.get(pk=row["document_id"]) for row in rows(caller, job)]
        results = side_by_side([lambda one=one: services.publish(one, by="ines") for one in pair])
        assert results.count(True) == 1
        (refused,) = [result for result in results if result is not True]
        assert isinstance(refused, Rejected)
    consistent()


def test_a_number_that_is_chosen_goes_to_one_of_many(caller: Caller, side_by_side: SideBySide, settings: Any) -> None:
    settings.DOCUMENT_CUSTOM_IDS_BELOW = 1000
    jobs = [caller.import_documents(document_item(documentId=7), document_item()) for _ in range(6)]
    no_errors(side_by_side([drain] * 6))
    found = rows(caller, *jobs)
    assert [row["document_id"] for row in found if row.get("document_id") == 7] == [7]
    failed = [row for row in found if row["state"] == "failed"]
    assert {row["error_details"]["message"] for row in failed} == {"documentId 7 is taken"}
    assert len(failed) == 5
    assert all(row["document_id"] >= 1000 for row in found if row["state"] != "failed" and row["document_id"] != 7)
    consistent()
