"""A document's page compares two of its revisions, and an old one is restored as the newest."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext

from documents import services
from documents.models import Document, Revision
from livingdocs_import.errors import Rejected
from livingdocs_import.project_config import store
from tests.api_client import CONFIG
from tests.newsroom import PICTURE, PUBLISH, Newsroom, image, newest, paragraph
from tests.operators import member, operator
from tests.subscribers import Subscriber

RESTORE = "/admin/documents/revision/act/restore/"


@pytest.fixture
def document(newsroom: Newsroom) -> Document:
    """With three revisions."""
    row = newsroom.fine(title="First", content=[paragraph("one word", id="p")], metadata={"title": "a"}, flags=PUBLISH)
    newsroom.fine(checksum="2", title="Second", content=[paragraph("two words", id="p")], metadata={"title": "b"})
    newsroom.fine(checksum="3", title="Third", content=[paragraph("three words", id="p"), image(id="i")])
    return Document.objects.get(pk=row["document_id"])


def revision(document: Document, version: int) -> Revision:
    return document.revisions.get(version=version)


def page(document: Document, query: str = "", client: Any = None) -> str:
    answer = (client or operator()).get(f"/admin/documents/document/{document.pk}/change/{query}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def restore(row: Revision, client: Any = None, **data: str) -> Any:
    """The button's request, or with `yes` that of the question about the newest version."""
    data = ({"seen": str(newest(row.document_id).version)} if "yes" in data else {}) | data
    return (client or operator()).post(RESTORE, {"object": row.pk} | data, follow=True)


# --- Comparing


def test_the_last_two_revisions_are_compared(document: Document) -> None:
    shown = page(document)
    assert "What changed from revision 2 to 3" in shown
    assert "<del>two </del>words" in shown
    assert "<ins>three </ins>words" in shown
    assert "image, new" in shown
    assert 'href="?old=1&amp;new=2#compare">' in shown


@pytest.mark.parametrize("query", ["?old=1&new=2", "?old=2&new=1"])
def test_any_two_revisions_can_be_chosen(document: Document, query: str) -> None:
    shown = page(document, query)
    assert "What changed from revision 1 to 2" in shown
    assert "<del>First</del>" in shown
    assert "<ins>Second</ins>" in shown
    assert 'href="?old=2&amp;new=3#compare">' in shown


@pytest.mark.parametrize("query", ["?old=1", "?old=x&new=2", "?old=1&new=99", "?old=1&new=1", "?old=²&new=3"])
def test_what_is_no_pair_of_revisions_shows_the_last_two(document: Document, query: str) -> None:
    assert "What changed from revision 2 to 3" in page(document, query)


def test_a_document_of_one_revision_has_nothing_to_compare(newsroom: Newsroom) -> None:
    row = newsroom.fine()
    shown = page(Document.objects.get(pk=row["document_id"]))
    assert "What changed" not in shown
    assert "Compare revisions" not in shown


def test_a_revision_leads_to_its_neighbours_and_to_its_job(document: Document) -> None:
    shown = operator().get(f"/admin/documents/revision/{revision(document, 2).pk}/change/").content.decode()
    for version in (1, 3):
        assert f"/admin/documents/revision/{revision(document, version).pk}/change/" in shown
        assert f"Compare with revision {version}" in shown
    assert f"?q={revision(document, 2).job}" in shown


def test_a_picture_that_the_library_does_not_have_is_named_by_its_id(document: Document) -> None:
    assert f"<code>{PICTURE['mediaId']}</code>, not in the media library" in page(document)


def test_a_text_with_a_number_that_no_character_has_is_shown(newsroom: Newsroom) -> None:
    text = f"no character: &#{'1' * 5_000}"
    row = newsroom.fine(content=[paragraph(text)])
    newsroom.fine(checksum="2", content=[paragraph(f"{text} still")])
    document = Document.objects.get(pk=row["document_id"])
    assert "no character: \ufffd" in page(document)
    assert operator().get(f"/admin/documents/revision/{revision(document, 1).pk}/change/").status_code == 200


def test_pages_cost_few_queries(document: Document) -> None:
    client = operator()
    for path in (f"document/{document.pk}", f"revision/{revision(document, 2).pk}"):
        client.get(f"/admin/documents/{path}/change/")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/admin/documents/{path}/change/")
        assert len(queries) <= 20, path


# --- Restoring


def test_restoring_asks_first(document: Document) -> None:
    shown = restore(revision(document, 1)).content.decode()
    assert "become revision 4" in shown
    assert "Restore as revision 4" in shown
    assert newest(document.pk).version == 3


def test_an_old_revision_becomes_the_newest(document: Document) -> None:
    shown = restore(revision(document, 1), yes="1").content.decode()
    assert "is restored as revision 4" in shown
    old, new = revision(document, 1), newest(document.pk)
    assert (new.version, new.source, new.author, new.job) == (4, "admin", "operator-0", "")
    for part in ("title", "content", "metadata", "translations", "design_version"):
        assert getattr(new, part) == getattr(old, part), part
    document.refresh_from_db()
    assert document.title == "First"
    assert document.references.filter(scope="draft").count() == 0, "the picture of revision 3 is gone"
    assert LogEntry.objects.get().object_id == str(document.pk)
    assert (
        "Revision restored: 1" in operator().get(f"/admin/documents/document/{document.pk}/history/").content.decode()
    )


@pytest.mark.parametrize("seen", ["3", "", "x"])
def test_what_was_stored_since_the_question_is_asked_about_first(
    newsroom: Newsroom, document: Document, seen: str
) -> None:
    assert 'name="seen" value="3"' in restore(revision(document, 1)).content.decode()
    newsroom.fine(checksum="4", title="Fourth")
    asked = restore(revision(document, 1), yes="1", seen=seen).content.decode()
    assert "Restore as revision 5" in asked
    assert 'name="seen" value="4"' in asked
    assert ("Meanwhile revision 4 was stored" in asked) == (seen == "3")
    assert newest(document.pk).title == "Fourth"
    assert "is restored as revision 5" in restore(revision(document, 1), yes="1", seen="4").content.decode()


def test_what_is_stored_while_an_old_revision_is_restored_stays_the_newest(document: Document) -> None:
    with pytest.raises(Rejected, match="It is at version 3; the change was made to 2"):
        services.restore_revision(revision(document, 1), by="ines", version=2)
    assert newest(document.pk).title == "Third"


def test_readers_see_it_after_the_next_publication(document: Document) -> None:
    live = document.live_publication_id
    restore(revision(document, 2), yes="1")
    document.refresh_from_db()
    assert document.live_publication_id == live
    assert services.can_be_published(document)


def test_the_event_has_the_user_as_its_actor(subscriber: Subscriber, document: Document) -> None:
    subscriber.subscribe("document.update")
    restore(revision(document, 1), yes="1")
    (reported,) = subscriber.received()
    assert (reported["event"], reported["actor"]) == ("document.update", {"type": "user"})
    assert reported["metadataPropertyChanges"] == ["title"]


def test_a_revision_that_does_not_fit_the_configuration_any_more_is_refused(document: Document) -> None:
    """It is checked like an import."""
    types = [each | ({"metadata": []} if each["handle"] == "article" else {}) for each in CONFIG["contentTypes"]]
    store.store(document.project, CONFIG | {"contentTypes": types}, by="test")
    shown = restore(revision(document, 1), yes="1").content.decode()
    assert "title: The metadata property &#x27;title&#x27; is not configured" in shown
    assert newest(document.pk).version == 3


def test_the_newest_revision_and_one_equal_to_it_make_no_revision(document: Document) -> None:
    assert "nothing to do" in restore(revision(document, 3), yes="1").content.decode()
    restore(revision(document, 1), yes="1")
    assert "nothing was stored" in restore(revision(document, 1), yes="1").content.decode()
    assert newest(document.pk).version == 4


def test_no_revision_of_a_deleted_document_is_restored(document: Document) -> None:
    services.delete(document, by="ines")
    assert "nothing to do" in restore(revision(document, 1), yes="1").content.decode()
    assert "Restore revision" not in page(document)


def test_operators_restore_and_viewers_look(document: Document) -> None:
    viewer, acting = member(times="viewer"), member(times="operator")
    shown = page(document, client=viewer)
    assert "What changed from revision 2 to 3" in shown
    assert "Restore revision" not in shown
    assert restore(revision(document, 1), viewer, yes="1").status_code == 403
    assert "Restore revision 2 as revision 4" in page(document, client=acting)
    assert restore(revision(document, 1), acting, yes="1").status_code == 200
    assert newest(document.pk).version == 4


# --- The list of revisions


def test_revisions_are_not_added_from_the_list_or_the_first_page(document: Document) -> None:
    client = operator()
    for path in ("/admin/", "/admin/documents/revision/"):
        assert "/admin/documents/revision/add/" not in client.get(path).content.decode(), path
    assert "/admin/documents/revision/add/?document=" in page(document)


def test_only_a_history_that_has_something_is_linked(document: Document) -> None:
    assert "What operators did to it" not in page(document)
    restore(revision(document, 1), yes="1")
    assert "What operators did to it" in page(document)
